//! The rules of `locale` and `translations`.

use std::collections::BTreeSet;

use super::field::{Catalogues, LocaleName};
use super::report::Report;
use super::rules::Rules;
use crate::domain::{Catalogue, Locale, Region, Translations};
use crate::support::suggestion::did_you_mean;

/// The document's own locale, or the configured one.
pub(super) fn locale(raw: LocaleName<'_>, rules: Rules, report: &mut Report) -> Option<Locale> {
    match raw.0.optional() {
        None => Some(rules.default_locale),
        Some(word) => report.within_name("locale", |report| known(&word, rules.region, report)),
    }
}

/// What the document says of other languages, and of its own.
pub(super) struct Wordings<'a> {
    /// The catalogues of the other locales.
    pub(super) others: Translations<'a>,
    /// A catalogue of the document's own locale, when a caller sends all of its catalogues.
    own: Option<(Locale, Catalogue<'a>)>,
}

/// Reads the catalogues.
pub(super) fn wordings<'a>(
    raw: Catalogues<'a>,
    own_locale: Option<Locale>,
    rules: Rules,
    report: &mut Report,
) -> Wordings<'a> {
    let mut catalogues: Vec<(Locale, Catalogue<'a>)> = Vec::new();
    let mut own = None;
    report.within_name("translations", |report| {
        for (word, mut catalogue) in raw.0.optional().unwrap_or_default() {
            report.within_key(&word, |report| {
                let Some(locale) = known(&word, rules.region, report) else { return };
                // An empty source is gettext's header; it occurs in no document.
                catalogue.remove("");
                if Some(locale) == own_locale {
                    own = Some((locale, catalogue));
                } else {
                    catalogues.push((locale, catalogue));
                }
            });
        }
    });
    // The payload must not depend on the order of a JSON object's members.
    catalogues.sort_by_key(|(locale, _)| *locale);
    Wordings { others: Translations { catalogues }, own }
}

impl<'a> Wordings<'a> {
    /// The texts are written in the document's own locale: a catalogue of that locale may repeat them, not change them.
    pub(super) fn refuse_other_wording<'t>(&self, texts: impl Iterator<Item = &'t str>, report: &mut Report) {
        let Some((locale, catalogue)) = &self.own else { return };
        let changed: BTreeSet<_> =
            texts.filter(|text| catalogue.get(*text).is_some_and(|wording| wording != text)).collect();
        for source in changed {
            at_entry(*locale, source, report, |report| {
                report.violate(
                    "contradiction",
                    "the document's texts are already written in this locale; write this wording in the document instead",
                );
            });
        }
    }

    /// Every wording of a text in another locale.
    pub(super) fn of<'t>(&'t self, source: &'t str) -> impl Iterator<Item = (Locale, &'t str)> {
        self.others
            .catalogues
            .iter()
            .filter_map(move |(locale, catalogue)| Some((*locale, catalogue.get(source)?.as_ref())))
    }
}

/// Runs `walk` at the entry of a catalogue.
pub(super) fn at_entry(locale: Locale, source: &str, report: &mut Report, walk: impl FnOnce(&mut Report)) {
    report.within_name("translations", |report| {
        report.within_key(locale.as_str(), |report| report.within_key(source, walk));
    });
}

fn known(word: &str, region: Region, report: &mut Report) -> Option<Locale> {
    let locale = word.parse().ok().filter(|locale| region.knows(*locale));
    if locale.is_none() {
        let known: Vec<_> = region.locales().map(Locale::as_str).collect();
        let meant = Locale::meant_by(word).filter(|locale| region.knows(*locale)).map(Locale::as_str);
        let hint = match meant {
            Some(meant) => Some(format!("did you mean {meant:?}?")),
            None => did_you_mean(word, known.iter().copied()),
        };
        report.violate_with_hint("unknown_locale", format!("must be one of: {}", known.join(", ")), hint);
    }
    locale
}

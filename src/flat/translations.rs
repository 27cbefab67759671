//! The rules of `locale` and `translations`.

use super::Rules;
use super::report::{Report, Step};
use super::slot::{Catalogues, RawCatalogue, Str};
use crate::domain::{Catalogue, Locale, Region, Translations};
use crate::nearest::nearest;

/// The document's own locale, or the configured one.
pub(super) fn locale(raw: Str<'_>, rules: Rules, report: &mut Report) -> Option<Locale> {
    match raw.0.optional() {
        None => Some(rules.default_locale),
        Some(word) => report.within_name("locale", |report| known(&word, rules.region, report)),
    }
}

/// The catalogues of the other locales.
pub(super) fn translations<'a>(
    raw: Catalogues<'a>,
    own: Option<Locale>,
    rules: Rules,
    report: &mut Report,
) -> Translations<'a> {
    let mut catalogues: Vec<(Locale, Catalogue<'a>)> = Vec::new();
    report.within_name("translations", |report| {
        for (word, entries) in raw.0.optional().unwrap_or_default() {
            report.within(Step::Key(word.clone().into_owned()), |report| {
                let Some(locale) = known(&word, rules.region, report) else { return };
                if catalogues.iter().any(|(other, _)| *other == locale) {
                    report.violate("duplicate_field", "occurs twice in its object");
                }
                let catalogue = catalogue(entries, report);
                if Some(locale) == own {
                    refuse_other_wording(&catalogue, report);
                } else {
                    catalogues.push((locale, catalogue));
                }
            });
        }
    });
    // The payload must not depend on the order of a JSON object's members.
    catalogues.sort_by_key(|(locale, _)| *locale);
    Translations { catalogues }
}

fn catalogue<'a>(entries: RawCatalogue<'a>, report: &mut Report) -> Catalogue<'a> {
    let mut catalogue = Catalogue::with_capacity(entries.len());
    for (source, translated) in entries {
        // An empty source is gettext's header; it occurs in no document.
        if source.is_empty() {
            continue;
        }
        if catalogue.contains_key(&source) {
            report.within(Step::Key(source.into_owned()), |report| {
                report.violate("duplicate_field", "occurs twice in its object");
            });
            continue;
        }
        catalogue.insert(source, translated);
    }
    catalogue
}

/// The texts are written in the document's own locale: a catalogue of that locale may repeat them, not change them.
fn refuse_other_wording(catalogue: &Catalogue<'_>, report: &mut Report) {
    let mut changed: Vec<&str> =
        catalogue.iter().filter(|(source, text)| source != text).map(|(source, _)| source.as_ref()).collect();
    changed.sort_unstable();
    for source in changed {
        report.within(Step::Key(source.to_owned()), |report| {
            report.violate(
                "contradiction",
                "the document's texts are already written in this locale; write this wording in the document instead",
            );
        });
    }
}

fn known(word: &str, region: Region, report: &mut Report) -> Option<Locale> {
    let locale = word.parse().ok().filter(|locale| region.knows(*locale));
    if locale.is_none() {
        let known: Vec<_> = region.locales().map(Locale::as_str).collect();
        let near = known.iter().find(|name| name.eq_ignore_ascii_case(&word.replace('_', "-"))).copied();
        let near = near.or_else(|| nearest(word, known.iter().copied()));
        report.violate_with_hint(
            "unknown_locale",
            format!("must be one of: {}", known.join(", ")),
            near.map(|near| format!("did you mean {near:?}?")),
        );
    }
    locale
}

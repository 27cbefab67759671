//! What was found, as lines for people or as JSON for scripts.

use std::fmt::Write as _;

use serde::Serialize;

use super::advice::Advice;
use crate::cli::DoctorLanguage;

/// What was found.
#[derive(Debug)]
pub(super) struct Reports {
    /// `None` when nothing is kept.
    pub(super) ledger: Option<LedgerReport>,
    pub(super) apps: Vec<Report>,
}

/// What was found about the ledger.
#[derive(Debug, Serialize)]
pub(super) struct LedgerReport {
    pub(super) path: String,
    pub(super) checks: Vec<Finding>,
}

/// What was found about one app.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) app: String,
    pub(super) app_id: String,
    pub(super) base_url: String,
    pub(super) checks: Vec<Finding>,
}

/// What one check found.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    /// What of it, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<&'static str>,
    pub(super) state: State,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<Advice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Ok,
    /// An API may not be called, because the app lacks a scope.
    Missing,
    /// The same of one that only those need who name people by e-mail, mobile or union id.
    Optional,
    Failed,
    /// It made no sense after an earlier failure.
    Skipped,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "MISSING",
            Self::Optional => "optional",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }

    fn is_bad(self) -> bool {
        matches!(self, Self::Missing | Self::Failed)
    }
}

impl Reports {
    /// How many checks did not end well.
    pub(super) fn bad(&self) -> usize {
        let of_ledger = self.ledger.iter().flat_map(|ledger| &ledger.checks);
        let of_apps = self.apps.iter().flat_map(|app| &app.checks);
        of_ledger.chain(of_apps).filter(|finding| finding.state.is_bad()).count()
    }

    /// Lines for people.
    pub(super) fn text(&self, language: DoctorLanguage) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        if let Some(LedgerReport { path, checks }) = &self.ledger {
            let _ = writeln!(text, "ledger {path}");
            write_findings(&mut text, checks, language);
        }
        for Report { app, app_id, base_url, checks } in &self.apps {
            let _ = writeln!(text, "app {app} ({app_id} at {base_url})");
            write_findings(&mut text, checks, language);
        }
        text
    }

    /// JSON for scripts, on one line.
    pub(super) fn json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct All<'a> {
            ok: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            ledger: Option<&'a LedgerReport>,
            apps: &'a [Report],
        }
        let Self { ledger, apps } = self;
        serde_json::to_string(&All { ok: self.bad() == 0, ledger: ledger.as_ref(), apps })
            .map(|json| json + "\n")
    }
}

fn write_findings(text: &mut String, checks: &[Finding], language: DoctorLanguage) {
    for Finding { check, subject, state, detail, advice } in checks {
        let what = subject.map_or_else(|| (*check).to_owned(), |subject| format!("{check} {subject}"));
        let _ = writeln!(text, "  {:<8}{what:<29}{detail}", state.word());
        if let Some(Advice { en, zh, url }) = advice {
            let lines = match language {
                DoctorLanguage::En => vec![en],
                DoctorLanguage::Zh => vec![zh],
                DoctorLanguage::Both => vec![en, zh],
            };
            for line in lines.into_iter().chain(url) {
                let _ = writeln!(text, "          {line}");
            }
        }
    }
}

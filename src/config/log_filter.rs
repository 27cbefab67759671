//! Reads the log filter, and refuses slips that would silence the gateway.
//!
//! `EnvFilter` takes a word that is no level for a target, and leaves out what no directive names: with `warning`,
//! `verbose` or `approval_gatway=debug` the log would be empty.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::parse::{Expected, Parsed};
use super::value::Raw;
use crate::support::suggestion::suggest;

/// The levels that a filter may name.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// What other programs call levels.
const OTHER_NAMES: [(&str, &str); 10] = [
    ("all", "trace"),
    ("critical", "error"),
    ("err", "error"),
    ("fatal", "error"),
    ("information", "info"),
    ("none", "off"),
    ("notice", "info"),
    ("quiet", "off"),
    ("verbose", "debug"),
    ("warning", "warn"),
];

/// The target of the gateway's own lines.
const OWN: &str = "approval_gateway";

/// The target below it that documents name.
const UPSTREAM: &str = "upstream";

/// Directives for the log, as `EnvFilter` wants them: without blanks around commas, which it would take for a part of
/// a name.
pub(super) fn log_filter(raw: &Raw) -> Parsed<String> {
    let Some(text) = raw.as_str() else { return Err(expected(None)) };
    let directives: Vec<_> = text.split(',').map(str::trim).collect();
    let mut names_us = false;
    for (at, directive) in directives.iter().enumerate() {
        names_us |= read(directive).map_err(|meant| {
            expected(
                meant.map(|meant| [&directives[..at], &[&meant], &directives[at + 1..]].concat().join(",")),
            )
        })?;
    }
    let filter = directives.join(",");
    if names_us { Ok(filter) } else { Err(expected(Some(format!("info,{filter}")))) }
}

fn expected(suggestion: Option<String>) -> Expected {
    let what = "a level (error, warn, info, debug, trace, off) or directives such as info,hyper=warn";
    Expected { what: what.to_owned(), suggestion }
}

/// Whether a directive is about the gateway's own lines; if it cannot be meant so, what was probably meant.
fn read(directive: &str) -> Result<bool, Option<String>> {
    if directive.is_empty() {
        return Err(None);
    }
    if directive.parse::<LevelFilter>().is_ok() {
        return Ok(true);
    }
    let Some(target_ends) = directive.find(['=', '[']) else { return word(directive) };
    let (target, rest) = directive.split_at(target_ends);
    if let Some(meant) = own_target(target) {
        return Err(Some(format!("{meant}{rest}")));
    }
    if EnvFilter::try_new(directive).is_err() {
        let meant = rest
            .rsplit_once('=')
            .and_then(|(before, word)| level(word).map(|level| format!("{target}{before}={level}")));
        return Err(meant);
    }
    Ok(is_own(target))
}

/// A word that is no level is a target of which everything is shown, but only ours is meant to be one.
fn word(word: &str) -> Result<bool, Option<String>> {
    match own_target(word) {
        None if is_own(word) => Ok(true),
        meant => Err(meant.or_else(|| level(word).map(str::to_owned))),
    }
}

fn is_own(target: &str) -> bool {
    target.strip_prefix(OWN).is_some_and(|below| below.is_empty() || below.starts_with("::"))
}

/// The target of ours that was probably meant by this one.
fn own_target(target: &str) -> Option<String> {
    let (first, below) =
        target.split_once("::").map_or((target, None), |(first, below)| (first, Some(below)));
    let meant_first = suggest(first, [OWN].into_iter())?;
    let meant_below = below.and_then(|below| suggest(below, [UPSTREAM].into_iter())).or(below);
    let meant = meant_below.map_or_else(|| meant_first.to_owned(), |below| format!("{meant_first}::{below}"));
    (meant != target).then_some(meant)
}

/// The level that was probably meant by a word.
fn level(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == word).map(|(_, level)| *level);
    other.or_else(|| suggest(&word, LEVELS.into_iter()))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("info" => Some("info".to_owned()))]
    #[test_case("INFO" => Some("INFO".to_owned()); "capitals")]
    #[test_case("off" => Some("off".to_owned()))]
    #[test_case("info,approval_gateway=debug" => Some("info,approval_gateway=debug".to_owned()))]
    #[test_case("approval_gateway::http=debug" => Some("approval_gateway::http=debug".to_owned()); "only our own")]
    #[test_case("approval_gateway" => Some("approval_gateway".to_owned()); "all of our own")]
    #[test_case("info,approval_gateway::upstream=trace" => Some("info,approval_gateway::upstream=trace".to_owned()); "a target below")]
    #[test_case("info, hyper=warn" => Some("info,hyper=warn".to_owned()); "blanks")]
    #[test_case("off,hyper=debug" => Some("off,hyper=debug".to_owned()); "silent on purpose")]
    #[test_case("info,[request{request_id=r-1}]=debug" => Some("info,[request{request_id=r-1}]=debug".to_owned()); "a span")]
    #[test_case("" => None)]
    #[test_case(" " => None)]
    #[test_case("info," => None; "a comma at the end")]
    #[test_case("a=b=c" => None)]
    #[test_case("info,hyper" => None; "a target alone")]
    fn understood(text: &str) -> Option<String> {
        log_filter(&Raw::Text(text.to_owned())).ok()
    }

    #[test_case("warning" => Some("warn".to_owned()))]
    #[test_case("verbose" => Some("debug".to_owned()))]
    #[test_case("inof" => Some("info".to_owned()))]
    #[test_case("approval_gatway=debug" => Some("approval_gateway=debug".to_owned()))]
    #[test_case("approval-gateway=debug" => Some("approval_gateway=debug".to_owned()); "a hyphen")]
    #[test_case("info,approval_gatway::http=debug" => Some("info,approval_gateway::http=debug".to_owned()); "beside a level")]
    #[test_case("info,approval_gateway::upstrem=trace" => Some("info,approval_gateway::upstream=trace".to_owned()); "below")]
    #[test_case("approval_gateway=dbug" => Some("approval_gateway=debug".to_owned()); "its level")]
    #[test_case("info,hyper=warning" => Some("info,hyper=warn".to_owned()); "the level of another")]
    #[test_case("hyper=debug" => Some("info,hyper=debug".to_owned()); "nothing of the gateway")]
    #[test_case("loud" => None; "nothing alike")]
    fn suggestion(text: &str) -> Option<String> {
        log_filter(&Raw::Text(text.to_owned())).unwrap_err().suggestion
    }
}

//! `translate`: a flat instance on standard input becomes Feishu's payload on standard output, offline.

use std::io::{self, Read as _, Write as _};

use super::CommandResult;
use crate::cli::{TranslateArgs, TranslateMode};
use crate::config::Config;
use crate::document::{CardRules, Rejection, Rules, read_instance};
use crate::domain::{Mode, NamesPeople as _, Timestamp, Violation};
use crate::feishu::translate::instance_payload;
use crate::support::clock::Clock;

/// The document breaks rules.
#[derive(Debug, thiserror::Error)]
#[error("the instance is not valid:{}", .0.iter().map(line).collect::<String>())]
struct Refused(Vec<Violation>);

fn line(violation: &Violation) -> String {
    let Violation { pointer, detail, hint, .. } = violation;
    let place = if pointer.is_empty() { "the document" } else { pointer };
    let hint = hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("\n  {place}: {detail}{hint}")
}

pub(super) fn run(args: &TranslateArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let limit = config.request.max_body_bytes;
    let mut input = Vec::new();
    io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut input)?;
    if input.len() > limit {
        return Err(format!("the instance is larger than {limit} bytes").into());
    }
    let mode = match args.mode {
        TranslateMode::Replace => Mode::Replace,
        TranslateMode::Update => Mode::Update,
    };
    let app = match &args.app {
        Some(name) => config.app(name).ok_or_else(|| format!("the configuration has no app {name}"))?,
        None => config.apps.first().ok_or("the configuration has no app")?,
    };
    let rules = Rules {
        region: app.region,
        default_locale: app.default_locale,
        update_needs_version: true,
        cards: CardRules::default(),
    };
    let instance = read_instance(&input, None, mode, rules).map_err(|rejection| match rejection {
        Rejection::Invalid(violations) => Box::new(Refused(violations)) as Box<dyn std::error::Error>,
        not_json @ Rejection::NotJson(_) => not_json.into(),
    })?;
    if let Some((pointer, alias)) = instance.aliases().first() {
        let kind = alias.kind.as_str().replace('_', " ");
        return Err(format!(
            "{pointer} names somebody by {kind}, whom only a running gateway can look up: ask it for a preview, or write an id"
        )
        .into());
    }
    let now = Timestamp::of_clock(Clock::System.unix_millis());
    let payload = instance_payload(&instance, mode, instance.updated_at.unwrap_or(now))
        .map_err(|oversized| Refused(oversized.into_violations()))?;
    let mut json = Vec::new();
    if args.compact {
        json.extend_from_slice(&payload);
    } else {
        let mut read = serde_json::Deserializer::from_slice(&payload);
        serde_transcode::transcode(&mut read, &mut serde_json::Serializer::pretty(&mut json))?;
    }
    json.push(b'\n');
    Ok(io::stdout().lock().write_all(&json)?)
}

//! Compares a shown answer with a real one: equal, but for what is made up anew in each run.

use serde_json::Value;
use test_case::test_case;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// What differs from run to run.
#[derive(Debug, PartialEq, Eq)]
enum MadeUp {
    /// Request ids, and codes of new definitions.
    Uuid,
    /// Feishu's log ids: a time in 14 digits and 18 hexadecimal ones.
    LogId,
    /// Ids of events.
    EventId,
    /// The time of the run, within ten minutes.
    Now,
}

fn made_up(text: &str) -> Option<MadeUp> {
    let dashes: Vec<_> = text.match_indices('-').map(|(at, _)| at).collect();
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    if text.len() == 36 && dashes == [8, 13, 18, 23] && is_hex(&text.replace('-', "")) {
        Some(MadeUp::Uuid)
    } else if text.len() == 32 && text.bytes().take(14).all(|b| b.is_ascii_digit()) && is_hex(text) {
        Some(MadeUp::LogId)
    } else if text.strip_prefix("evt_").is_some_and(|id| id.len() == 32 && is_hex(id)) {
        Some(MadeUp::EventId)
    } else {
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        ((OffsetDateTime::now_utc() - time).abs() < Duration::minutes(10)).then_some(MadeUp::Now)
    }
}

/// Whether a time stands where one of the run is; when the document was written does not matter.
fn is_time_of_run(shown: &str, real: &str) -> bool {
    OffsetDateTime::parse(shown, &Rfc3339).is_ok() && made_up(real) == Some(MadeUp::Now)
}

/// Where and how the two differ; nothing when they do not.
pub(crate) fn differences(shown: &Value, real: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(shown, real, "", &mut found);
    found
}

fn compare(shown: &Value, real: &Value, pointer: &str, found: &mut Vec<String>) {
    match (shown, real) {
        // How much falls into which minute is chance.
        (Value::Array(_), Value::Array(_)) if pointer.ends_with("/last_hour") => {}
        (Value::Object(shown), Value::Object(real)) => {
            for (name, value) in real {
                let pointer = format!("{pointer}/{name}");
                match shown.get(name) {
                    Some(shown) => compare(shown, value, &pointer, found),
                    None => found.push(format!("{pointer} is not shown")),
                }
            }
            let gone = shown.keys().filter(|name| !real.contains_key(*name));
            found.extend(gone.map(|name| format!("{pointer}/{name} is shown and does not exist")));
        }
        (Value::Array(shown), Value::Array(real)) if shown.len() == real.len() => {
            for (index, (shown, real)) in shown.iter().zip(real).enumerate() {
                compare(shown, real, &format!("{pointer}/{index}"), found);
            }
        }
        (Value::String(shown), Value::String(real))
            if shown == real
                || is_time_of_run(shown, real)
                || made_up(shown).is_some() && made_up(shown) == made_up(real) => {}
        // How often it was tried is chance.
        (Value::Number(_), Value::Number(_)) if pointer.ends_with("/attempts") => {}
        _ if shown == real => {}
        _ => found.push(format!("{pointer} is shown as {shown} and is {real}")),
    }
}

#[test_case("\"01a1fda9-22fd-72ce-bc9d-7be154d3038d\"", "\"01a1fda9-0000-72ce-bc9d-7be154d3038d\"", 0; "other uuids")]
#[test_case("\"2026112110312242A16F41698D4A0387\"", "\"2027112110312242A16F41698D4A0388\"", 0; "other log ids")]
#[test_case("\"01a1fda9-22fd-72ce-bc9d-7be154d3038d\"", "\"travel-1\"", 1; "an id in place of a uuid")]
#[test_case("\"2026-11-21T10:31:22.000Z\"", "\"2026-11-21T10:31:23.000Z\"", 1; "another time")]
#[test_case("{\"attempts\":1}", "{\"attempts\":2}", 0; "more attempts")]
#[test_case("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", 0; "another order")]
#[test_case("{\"a\":1}", "{\"a\":1,\"b\":2}", 1; "a member too few")]
#[test_case("{\"a\":1,\"b\":2}", "{\"a\":1}", 1; "a member too many")]
#[test_case("[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"a\":3}]", 1; "another value in depth")]
#[test_case("[1]", "[1,2]", 1; "another length")]
#[test_case("\"1\"", "1", 1; "another type")]
fn answers_are_compared(shown: &str, real: &str, expected: usize) {
    let [shown, real] = [shown, real].map(|text| serde_json::from_str(text).unwrap());
    assert_eq!(differences(&shown, &real).len(), expected);
}

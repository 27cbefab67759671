//! What Feishu pushes to a store app: the question whether the address is right, its ticket, and whatever else somebody subscribed to
//! (contract §9).

use secrecy::SecretString;
use serde::Deserialize;

use crate::domain::Timestamp;
use crate::feishu::wire::Loose;

/// Something that Feishu pushed.
#[derive(Debug)]
pub(super) enum Pushed {
    /// It asks whether this is the address: the answer repeats this.
    Verification(String),
    /// A ticket of the app.
    Ticket {
        /// Whose it is.
        app_id: String,
        /// It.
        ticket: SecretString,
        /// When Feishu made it.
        issued_at: Option<Timestamp>,
    },
    /// Any other event.
    Other,
}

/// The body in the clear; what is not listed is left alone.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    r#type: Loose,
    challenge: Loose,
    ts: Timed,
    event: Option<Event>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    r#type: Loose,
    app_id: Loose,
    app_ticket: Loose,
}

/// `ts`: seconds with a fraction, in a text; a number would do as well.
#[derive(Default)]
struct Timed(Option<Timestamp>);

impl<'de> Deserialize<'de> for Timed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok(Self(time(&text)))
    }
}

impl Pushed {
    /// Reads a body that Feishu sent; `None` when it says too little.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let Body { r#type, challenge, ts, event } = serde_json::from_slice(body).ok()?;
        if r#type.0.as_deref() == Some("url_verification") {
            return challenge.0.map(Self::Verification);
        }
        let Event { r#type, app_id, app_ticket } = event.unwrap_or_default();
        if r#type.0.as_deref() != Some("app_ticket") {
            return Some(Self::Other);
        }
        Some(Self::Ticket { app_id: app_id.0?, ticket: app_ticket.0?.into(), issued_at: ts.0 })
    }
}

/// `1502199207.7171419`, to the millisecond.
fn time(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let seconds: i64 = seconds.parse().ok()?;
    Timestamp::from_unix_millis(seconds.checked_mul(1_000)?.checked_add(millis.parse().ok()?)?)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use test_case::test_case;

    use super::*;

    #[test_case("1502199207.7171419" => Some(1_502_199_207_717))]
    #[test_case("1502199207.7" => Some(1_502_199_207_700); "a short fraction")]
    #[test_case("1502199207" => Some(1_502_199_207_000); "no fraction")]
    #[test_case("1502199207." => Some(1_502_199_207_000); "an empty fraction")]
    #[test_case("" => None; "nothing")]
    #[test_case("-1.5" => None; "negative")]
    #[test_case("1e9" => None; "an exponent")]
    #[test_case("99999999999999999999" => None; "beyond 64 bits")]
    #[test_case("9223372036854775807" => None; "beyond all calendars")]
    fn moment(text: &str) -> Option<i64> {
        time(text).map(Timestamp::unix_millis)
    }

    fn read(body: &str) -> String {
        match Pushed::read(body.as_bytes()) {
            Some(Pushed::Verification(challenge)) => format!("challenge {challenge}"),
            Some(Pushed::Ticket { app_id, ticket, issued_at }) => {
                let at = issued_at.map(Timestamp::unix_millis);
                format!("ticket {} of {app_id} at {at:?}", ticket.expose_secret())
            }
            Some(Pushed::Other) => "other".to_owned(),
            None => "malformed".to_owned(),
        }
    }

    #[test_case(r#"{"challenge":"c","token":"t","type":"url_verification"}"# => "challenge c")]
    #[test_case(r#"{"token":"t","type":"url_verification"}"# => "malformed"; "no challenge")]
    #[test_case(r#"{"ts":"1502199207.7171419","uuid":"u","token":"t","type":"event_callback","event":{"app_id":"cli_1","app_ticket":"x","type":"app_ticket"}}"# => "ticket x of cli_1 at Some(1502199207717)")]
    #[test_case(r#"{"ts":1502199207.5,"event":{"app_id":"cli_1","app_ticket":"x","type":"app_ticket"}}"# => "ticket x of cli_1 at Some(1502199207500)"; "the time is a number")]
    #[test_case(r#"{"event":{"app_id":"cli_1","app_ticket":"x","type":"app_ticket"}}"# => "ticket x of cli_1 at None"; "no time")]
    #[test_case(r#"{"event":{"app_id":"cli_1","app_ticket":"","type":"app_ticket"}}"# => "malformed"; "an empty ticket")]
    #[test_case(r#"{"event":{"app_ticket":"x","type":"app_ticket"}}"# => "malformed"; "nobody's ticket")]
    #[test_case(r#"{"event":{"app_id":"cli_1","app_ticket":["x"],"type":"app_ticket"}}"# => "malformed"; "a ticket of another type")]
    #[test_case(r#"{"event":"app_ticket"}"# => "malformed"; "an event of another type")]
    #[test_case(r#"{"type":"event_callback","event":{"type":"app_open"}}"# => "other")]
    #[test_case(r#"{"schema":"2.0","header":{"event_type":"im.message.receive_v1"},"event":{"message":{}}}"# => "other"; "the second generation")]
    fn bodies(body: &str) -> String {
        read(body)
    }
}

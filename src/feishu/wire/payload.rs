//! A whole payload: its members, and behind them the wordings of all its texts.

use super::i18n::{MapResource, Resource};
use super::json::{MAX_PAYLOAD_BYTES, Members, Wire, Writer};
use super::texts::{Texts, Wordings};
use crate::domain::{Locale, Translations};

/// The payload has more than [`MAX_PAYLOAD_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// A payload, written into `buffer`, which is empty: its members, and `i18n_resources` at the end.
///
/// Those hold the texts of all members, so nothing with a text may be written after them. `locale` is the language of the
/// texts.
///
/// # Errors
/// When it is too large; little more than the largest payload is written of it.
pub fn payload<'a>(
    members: &impl Members<'a>,
    locale: Locale,
    translations: &'a Translations<'a>,
    buffer: Vec<u8>,
) -> Result<Vec<u8>, TooLarge> {
    written::<Resource<'a>>(members, locale, translations, buffer)
}

/// The payload of a message, whose texts are maps (contract §1.5); otherwise as [`payload`].
///
/// # Errors
/// As for [`payload`].
pub fn message_payload_of<'a>(
    members: &impl Members<'a>,
    locale: Locale,
    translations: &'a Translations<'a>,
) -> Result<Vec<u8>, TooLarge> {
    written::<MapResource<'a>>(members, locale, translations, Vec::new())
}

fn written<'a, R: From<Wordings<'a>> + Wire<'a>>(
    members: &impl Members<'a>,
    locale: Locale,
    translations: &'a Translations<'a>,
    buffer: Vec<u8>,
) -> Result<Vec<u8>, TooLarge> {
    let mut out = Writer { json: buffer, texts: Texts::new(locale, translations) };
    members.write_members(&mut out);
    let resources: Vec<R> = out.texts.take_wordings().into_iter().map(R::from).collect();
    out.json.extend_from_slice(b",\"i18n_resources\":");
    resources.write(&mut out);
    out.enclose(0, b"{}");
    if out.json.len() > MAX_PAYLOAD_BYTES { Err(TooLarge) } else { Ok(out.json) }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro declares what the whole crate may use")]
mod tests {
    use super::super::json::wire;
    use super::*;
    use crate::domain::Text;

    wire! {
        /// One with a text.
        pub struct Titled<'a> {
            /// (i18n)
            pub title: &'a Text<'a>,
        }
    }

    #[test]
    fn a_payload_ends_with_what_its_keys_stand_for() {
        let title = Text::new("差旅").unwrap();
        let written = payload(&Titled { title: &title }, Locale::ZH_CN, &Translations::default(), Vec::new());
        let written = String::from_utf8(written.unwrap()).unwrap();
        let key = &written[r#"{"title":""#.len()..][..30];
        let texts = format!(r#"[{{"key":"{key}","value":"差旅"}}]"#);
        let resources = format!(r#"[{{"locale":"zh-CN","is_default":true,"texts":{texts}}}]"#);
        assert_eq!(written, format!(r#"{{"title":"{key}","i18n_resources":{resources}}}"#));
    }
}

//! Writes a payload as JSON, straight into one buffer.
//!
//! Payloads are most of what the gateway writes, so they have a writer of their own: names are put together when the
//! gateway is compiled, and texts are copied up to their next special character.

use std::borrow::Borrow;

use super::texts::Texts;
use crate::domain::Text;
use crate::support::json_text::plain_end;

/// Largest payload, in bytes. Our choice: Feishu documents no limit, and answers a push with the whole of it, of which 16 MiB
/// are read.
pub const MAX_PAYLOAD_BYTES: usize = 15 * 1024 * 1024;

/// A payload while it is written.
pub struct Writer<'a> {
    /// What stands there already.
    pub(super) json: Vec<u8>,
    /// The texts that were met in it.
    pub(super) texts: Texts<'a>,
}

/// Something that has a place in a payload.
pub trait Wire<'a> {
    /// Writes the value's JSON.
    fn write(&self, out: &mut Writer<'a>);

    /// Whether the member is left out: `null` is never sent.
    fn is_absent(&self) -> bool {
        false
    }
}

/// An object of a payload.
pub trait Members<'a> {
    /// Writes the members, each behind a comma.
    fn write_members(&self, out: &mut Writer<'a>);
}

/// Declares an object of a payload; its members are written in their order, under their own names.
///
/// A member may be of a type parameter's kind, which must be [`Wire`]. None has `Debug`: secrets of definitions are among them.
macro_rules! wire {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident <$life:lifetime $(, $kind_parameter:ident)*> {
            $($(#[doc = $member_doc:literal])+ pub $member:ident: $kind:ty,)+
        }
    ) => {
        $(#[doc = $doc])+
        pub struct $name <$life $(, $kind_parameter)*> {
            $(
                $(#[doc = $member_doc])+
                pub $member: $kind,
            )+
        }

        impl <$life $(, $kind_parameter: $crate::feishu::wire::Wire<$life>)*>
            $crate::feishu::wire::Members<$life> for $name <$life $(, $kind_parameter)*>
        {
            fn write_members(&self, out: &mut $crate::feishu::wire::Writer<$life>) {
                use $crate::feishu::wire::Wire as _;
                let Self { $($member),+ } = self;
                $(if !$member.is_absent() {
                    out.json.extend_from_slice(concat!(",\"", stringify!($member), "\":").as_bytes());
                    $member.write(out);
                })+
            }
        }

        impl <$life $(, $kind_parameter: $crate::feishu::wire::Wire<$life>)*>
            $crate::feishu::wire::Wire<$life> for $name <$life $(, $kind_parameter)*>
        {
            fn write(&self, out: &mut $crate::feishu::wire::Writer<$life>) {
                let start = out.json.len();
                $crate::feishu::wire::Members::write_members(self, out);
                out.enclose(start, b"{}");
            }
        }
    };
}
pub(super) use wire;

impl<'a> Writer<'a> {
    /// Writes an array of elements that are lent or made just now; of a payload that is too large already, the rest is left
    /// out.
    fn array<T: Wire<'a>>(&mut self, elements: impl Iterator<Item: Borrow<T>>) {
        let start = self.json.len();
        for element in elements {
            if self.json.len() > MAX_PAYLOAD_BYTES {
                break;
            }
            self.json.push(b',');
            element.borrow().write(self);
        }
        self.enclose(start, b"[]");
    }

    /// Puts brackets around what was written from `start` on: parts with a comma in front of each.
    pub(super) fn enclose(&mut self, start: usize, [opening, closing]: &[u8; 2]) {
        match self.json.get_mut(start) {
            Some(comma) => *comma = *opening,
            None => self.json.push(*opening),
        }
        self.json.push(*closing);
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for Option<T> {
    fn write(&self, out: &mut Writer<'a>) {
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// An array whose elements are made when it is their turn to be written.
pub struct Each<I>(pub I);

impl<'a, I: Iterator<Item: Wire<'a>> + Clone> Wire<'a> for Each<I> {
    fn write(&self, out: &mut Writer<'a>) {
        out.array::<I::Item>(self.0.clone());
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for Vec<T> {
    fn write(&self, out: &mut Writer<'a>) {
        out.array::<T>(self.iter());
    }
}

impl Wire<'_> for bool {
    fn write(&self, out: &mut Writer<'_>) {
        out.json.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Wire<'_> for &str {
    fn write(&self, out: &mut Writer<'_>) {
        let mut rest = self.as_bytes();
        out.json.push(b'"');
        loop {
            let (plain, special) = rest.split_at(plain_end(rest, 0));
            out.json.extend_from_slice(plain);
            let Some((byte, behind)) = special.split_first() else { break };
            escape(*byte, &mut out.json);
            rest = behind;
        }
        out.json.push(b'"');
    }
}

/// (i18n) Its key stands in its place, and the payload ends with its wordings (contract §1.5).
impl<'a> Wire<'a> for &'a Text<'a> {
    fn write(&self, out: &mut Writer<'a>) {
        out.texts.key(self).write(out);
    }
}

/// Writes a quote, a backslash or a control character (RFC 8259 §7).
#[cold]
fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0C => b'f',
        _ => {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro declares what the whole crate may use")]
mod tests {
    use super::*;
    use crate::domain::{Locale, Translations};
    use proptest::prelude::*;

    wire! {
        /// One of each.
        pub struct Sample<'a, Flags> {
            /// May be left out.
            pub text: Option<&'a str>,
            /// An array.
            pub flags: Flags,
        }
    }

    proptest! {
        #[test]
        fn it_writes_what_serde_writes(
            text in prop::option::of("[\\x00-\\x7f\u{80}-\u{10ffff}]{0,20}"),
            flags in prop::collection::vec(any::<bool>(), 0..3),
        ) {
            #[derive(serde::Serialize)]
            struct SampleOfSerde<'a> {
                #[serde(skip_serializing_if = "Option::is_none")]
                text: Option<&'a str>,
                flags: &'a [bool],
            }
            let text = text.as_deref();
            let expected = serde_json::to_string(&SampleOfSerde { text, flags: &flags }).unwrap();
            let translations = Translations::default();
            let mut out = Writer { json: Vec::new(), texts: Texts::new(Locale::ZH_CN, &translations) };
            Sample { text, flags: Each(flags.iter().copied()) }.write(&mut out);
            prop_assert_eq!(String::from_utf8(out.json).unwrap(), expected);
        }
    }
}

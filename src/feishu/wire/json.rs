//! Writes a payload as JSON, straight into one buffer.
//!
//! Payloads are most of what the gateway writes, so they have a writer of their own: names are put together when the
//! gateway is compiled, and texts are looked through sixteen bytes at a time (`docs/performance.md`).

use crate::json_text::plain_end;

/// Something that has a place in a payload.
pub trait Wire {
    /// Writes the value's JSON.
    fn write(&self, out: &mut Vec<u8>);

    /// Whether the member is left out: `null` is never sent.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Declares an object of a payload; its members are written in their order, under their own names.
///
/// serde can write it, too, for what is not sent.
macro_rules! wire {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident $(<$life:lifetime>)? {
            $($(#[doc = $member_doc:literal])+ pub $member:ident: $kind:ty,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, serde::Serialize)]
        pub struct $name $(<$life>)? {
            $(
                $(#[doc = $member_doc])+
                #[serde(skip_serializing_if = "crate::feishu::wire::Wire::is_absent")]
                pub $member: $kind,
            )+
        }

        impl $(<$life>)? $crate::feishu::wire::Wire for $name $(<$life>)? {
            fn write(&self, out: &mut Vec<u8>) {
                let Self { $($member),+ } = self;
                let start = out.len();
                $(if !$member.is_absent() {
                    out.extend_from_slice(concat!(",\"", stringify!($member), "\":").as_bytes());
                    $member.write(out);
                })+
                $crate::feishu::wire::json::enclose(out, start, b"{}");
            }
        }
    };
}
pub(super) use wire;

/// Puts brackets around what was written from `start` on: parts with a comma in front of each.
pub(super) fn enclose(out: &mut Vec<u8>, start: usize, [opening, closing]: &[u8; 2]) {
    match out.get_mut(start) {
        Some(comma) => *comma = *opening,
        None => out.push(*opening),
    }
    out.push(*closing);
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        for element in self {
            out.push(b',');
            element.write(out);
        }
        enclose(out, start, b"[]");
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Wire for &str {
    fn write(&self, out: &mut Vec<u8>) {
        let mut rest = self.as_bytes();
        out.push(b'"');
        loop {
            let (plain, special) = rest.split_at(plain_end(rest, 0));
            out.extend_from_slice(plain);
            let Some((byte, behind)) = special.split_first() else { break };
            escape(*byte, out);
            rest = behind;
        }
        out.push(b'"');
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
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(hex::encode([byte]).as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro declares what the whole crate may use")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    wire! {
        /// One of each.
        pub struct Sample<'a> {
            /// May be left out.
            pub text: Option<&'a str>,
            /// An array.
            pub flags: Vec<bool>,
        }
    }

    proptest! {
        #[test]
        fn it_writes_what_serde_writes(
            text in prop::option::of("[\\x00-\\x7f\u{80}-\u{10ffff}]{0,20}"),
            flags in prop::collection::vec(any::<bool>(), 0..3),
        ) {
            let sample = Sample { text: text.as_deref(), flags };
            let mut written = Vec::new();
            sample.write(&mut written);
            prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&sample).unwrap());
        }
    }
}

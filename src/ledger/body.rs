//! Documents as they are stored: long ones deflated, each with the number of its format.

use std::fmt;
use std::io::{Read as _, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::error::LedgerError;

/// The flat JSON as it is.
const PLAIN: u8 = 0;

/// Raw deflate of the flat JSON.
const DEFLATED: u8 = 1;

/// Longest document that is stored as it is, in bytes. Packing one costs as much as everything else that accepting it takes,
/// for the packer begins with 200 KiB of memory; and a page of the ledger is written whole.
const SHORT: usize = 4 << 10;

/// Longest document that is unpacked, in bytes: more than a body limit that anybody configures.
const LONGEST: u64 = 64 << 20;

/// A document's JSON in the form in which it is stored. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    format: u8,
    bytes: Bytes,
}

impl Body {
    /// Packs a document, unless it is a short one.
    ///
    /// Takes some ten microseconds a kilobyte: do it before the document is handed to the ledger.
    pub fn new(json: &[u8]) -> Self {
        if json.len() <= SHORT {
            return Self { format: PLAIN, bytes: Bytes::copy_from_slice(json) };
        }
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(json.len() / 2), Compression::fast());
        encoder.write_all(json).and_then(|()| encoder.finish()).map_or_else(
            |_| unreachable!("a vector takes every byte"),
            |bytes| Self { format: DEFLATED, bytes: bytes.into() },
        )
    }

    /// A document as the database has it.
    pub(super) fn stored(format: u8, bytes: impl Into<Bytes>) -> Self {
        Self { format, bytes: bytes.into() }
    }

    /// Number of the format.
    pub(super) fn format(&self) -> u8 {
        self.format
    }

    /// The packed bytes.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The JSON.
    ///
    /// # Errors
    /// When the bytes are not what this program, or an earlier one, has packed.
    pub fn json(&self) -> Result<Vec<u8>, LedgerError> {
        const UNREADABLE: LedgerError = LedgerError::Unreadable { what: "document" };
        match self.format {
            PLAIN => return Ok(self.bytes.to_vec()),
            DEFLATED => {}
            _ => return Err(UNREADABLE),
        }
        let mut json = Vec::with_capacity(self.bytes.len() * 3);
        let mut decoder = DeflateDecoder::new(&*self.bytes).take(LONGEST + 1);
        decoder.read_to_end(&mut json).map_err(|_| UNREADABLE)?;
        if json.len() as u64 > LONGEST { Err(UNREADABLE) } else { Ok(json) }
    }
}

impl fmt::Debug for Body {
    /// Without a byte of the document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back_and_is_smaller() {
        let json = format!("{{\"title\": \"{}\"}}", "采购 purchase ".repeat(1_000));
        let body = Body::new(json.as_bytes());
        assert_eq!(body.json().unwrap(), json.as_bytes());
        assert!(body.bytes().len() * 4 < json.len());
    }

    #[test]
    fn a_short_document_is_stored_as_it_is() {
        let json = vec![b' '; SHORT];
        let body = Body::new(&json);
        assert_eq!((body.format(), &body.bytes()[..]), (PLAIN, &json[..]));
        assert_eq!(body.json().unwrap(), json);
    }

    #[test]
    fn what_an_earlier_version_packed_is_read() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"{}").unwrap();
        assert_eq!(Body::stored(DEFLATED, encoder.finish().unwrap()).json().unwrap(), b"{}");
    }

    #[test]
    fn other_formats_and_damaged_bytes_are_unreadable() {
        let body = Body::new(b"{}");
        assert!(Body::stored(9, body.bytes().clone()).json().is_err());
        assert!(Body::stored(DEFLATED, vec![0xFF; 40]).json().is_err());
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let body = Body::new(&vec![b' '; 65 << 20]);
        assert!(body.bytes().len() < 1 << 20);
        assert!(body.json().is_err());
    }

    #[test]
    fn debug_output_shows_no_document() {
        assert_eq!(format!("{:?}", Body::stored(DEFLATED, vec![1, 2])), "Body(2 bytes)");
    }
}

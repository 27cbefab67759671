//! Bytes that come piece by piece and are wanted as a whole.

use bytes::Bytes;

/// So much of an announced length is believed before it has come; our choice, more than usual documents have.
const BELIEVED: usize = 256 * 1024;

/// What has come so far. Nearly everything comes in one piece, which then need not be copied.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// Empty as soon as there is a second one.
    first: Bytes,
    all: Vec<u8>,
    announced: usize,
}

impl Pieces {
    /// Nothing yet; room is made for `announced` bytes at once when they come in more than one piece.
    pub(crate) fn expecting(announced: usize) -> Self {
        Self { first: Bytes::new(), all: Vec::new(), announced: announced.min(BELIEVED) }
    }

    /// Adds what comes next.
    pub(crate) fn push(&mut self, piece: Bytes) {
        if piece.is_empty() {
            return;
        }
        if self.first.is_empty() && self.all.is_empty() {
            self.first = piece;
            return;
        }
        if self.all.is_empty() {
            self.all = Vec::with_capacity(self.announced.max(self.first.len() + piece.len()));
        }
        self.all.extend_from_slice(&std::mem::take(&mut self.first));
        self.all.extend_from_slice(&piece);
    }

    /// Everything that has come.
    pub(crate) fn whole(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(&[] => ""; "nothing")]
    #[test_case(&["", ""] => ""; "empty pieces")]
    #[test_case(&["one"] => "one"; "one piece")]
    #[test_case(&["", "one", ""] => "one"; "one piece among empty ones")]
    #[test_case(&["one", "two", "three"] => "onetwothree"; "three pieces")]
    fn whole(given: &[&'static str]) -> String {
        let mut pieces = Pieces::expecting(4);
        given.iter().for_each(|piece| pieces.push(Bytes::from_static(piece.as_bytes())));
        String::from_utf8(pieces.whole().into()).unwrap()
    }

    #[test]
    fn a_single_piece_is_not_copied() {
        let piece = Bytes::from(vec![b'x'; 10]);
        let mut pieces = Pieces::expecting(10);
        pieces.push(piece.clone());
        assert_eq!(pieces.whole().as_ptr(), piece.as_ptr());
    }
}

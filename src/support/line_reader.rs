//! Cuts a stream of bytes into lines, in bounded memory.

use std::mem;

use bytes::{Bytes, BytesMut};

/// What some editors put before the first line of a file in UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What may stand around a line beside its content: the byte order mark and the carriage return.
const AROUND: usize = BOM.len() + 1;

/// One line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number from 1; blank lines count.
    pub number: u64,
    /// Its bytes, without what ends it.
    pub content: Result<Bytes, TooLong>,
}

/// The line has more bytes than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line is too long")]
pub struct TooLong;

/// Cuts chunks of bytes into lines that end with a line feed or a carriage return and a line feed.
///
/// A byte order mark before the first line, and blank lines, are left out. It holds one line at most: the rest of one that is
/// too long is thrown away as it comes. Short lines share the memory of their chunk.
#[derive(Debug)]
pub struct LineReader {
    limit: usize,
    /// What has not been looked at of the last chunk.
    chunk: Bytes,
    /// The beginning of the line that is not complete.
    begun: BytesMut,
    /// That line is too long.
    is_skipping: bool,
    /// Lines that are complete.
    count: u64,
}

impl LineReader {
    /// Reads lines of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, chunk: Bytes::new(), begun: BytesMut::new(), is_skipping: false, count: 0 }
    }

    /// Adds a chunk, once [`Self::next_line`] has nothing more to give.
    pub fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "lines of the last chunk are left");
        self.chunk = chunk;
    }

    /// The next complete line; `None` when another chunk is needed.
    pub fn next_line(&mut self) -> Option<Line> {
        while let Some(end) = self.chunk.iter().position(|byte| *byte == b'\n') {
            let mut piece = self.chunk.split_to(end + 1);
            piece.truncate(end);
            if let Some(line) = self.complete(piece) {
                return Some(line);
            }
        }
        let rest = mem::take(&mut self.chunk);
        self.begin(&rest);
        None
    }

    /// The last line, which nothing ends; for when no chunk will come.
    pub fn finish(&mut self) -> Option<Line> {
        self.complete(Bytes::new())
    }

    /// Bytes of the incomplete line that are held.
    pub fn held(&self) -> usize {
        self.begun.len()
    }

    /// Adds to the line that is not complete.
    fn begin(&mut self, piece: &[u8]) {
        if self.begun.len() + piece.len() > self.limit.saturating_add(AROUND) {
            (self.is_skipping, self.begun) = (true, BytesMut::new());
        }
        if !self.is_skipping {
            self.begun.extend_from_slice(piece);
        }
    }

    /// The line that ends with this piece; `None` when it is blank.
    fn complete(&mut self, piece: Bytes) -> Option<Line> {
        let mut content = if self.begun.is_empty() && !self.is_skipping {
            piece
        } else {
            self.begin(&piece);
            mem::take(&mut self.begun).freeze()
        };
        self.count += 1;
        let number = self.count;
        if mem::take(&mut self.is_skipping) {
            return Some(Line { number, content: Err(TooLong) });
        }
        if number == 1 && content.starts_with(BOM) {
            content = content.slice(BOM.len()..);
        }
        if content.last() == Some(&b'\r') {
            content.truncate(content.len() - 1);
        }
        // First: of a long one nobody knows whether the rest is blank.
        if content.len() > self.limit {
            return Some(Line { number, content: Err(TooLong) });
        }
        (!content.iter().all(u8::is_ascii_whitespace)).then_some(Line { number, content: Ok(content) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use test_case::test_case;

    const LIMIT: usize = 8;

    /// The lines of these chunks, `!` for one that is too long; nothing more is ever held than a line.
    fn lines(chunks: &[&[u8]]) -> Vec<(u64, String)> {
        let mut reader = LineReader::new(LIMIT);
        let mut found = Vec::new();
        for chunk in chunks {
            reader.push(Bytes::copy_from_slice(chunk));
            found.extend(std::iter::from_fn(|| reader.next_line()));
            assert!(reader.held() <= LIMIT + AROUND);
        }
        found.extend(reader.finish());
        let shown = |content: Result<Bytes, TooLong>| {
            content.map_or_else(|_| "!".to_owned(), |line| String::from_utf8_lossy(&line).into_owned())
        };
        found.into_iter().map(|line| (line.number, shown(line.content))).collect()
    }

    #[test_case(&[b"a\nb\n"] => vec![(1, "a".to_owned()), (2, "b".to_owned())]; "lines")]
    #[test_case(&[b"a\nb"] => vec![(1, "a".to_owned()), (2, "b".to_owned())]; "a last line without its end")]
    #[test_case(&[b"a", b"b", b"\n"] => vec![(1, "ab".to_owned())]; "a line in pieces")]
    #[test_case(&[b"a\r\n", b"b\r", b"\n"] => vec![(1, "a".to_owned()), (2, "b".to_owned())]; "carriage returns")]
    #[test_case(&[b"\n \t\n\r\n", b"a\n\n"] => vec![(4, "a".to_owned())]; "blank lines count and are left out")]
    #[test_case(&[b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb\n"] => vec![(1, "a".to_owned()), (2, "\u{feff}b".to_owned())]; "a byte order mark before the first line only")]
    #[test_case(&[b"\xEF", b"\xBB", b"\xBFa"] => vec![(1, "a".to_owned())]; "a byte order mark in pieces")]
    #[test_case(&[b"\xEF\xBB\xBF\n"] => Vec::<(u64, String)>::new(); "a byte order mark alone")]
    #[test_case(&[b"\xEF\xBB\xBF12345678\r\n"] => vec![(1, "12345678".to_owned())]; "as long as allowed")]
    #[test_case(&[b"123456789\nb\n"] => vec![(1, "!".to_owned()), (2, "b".to_owned())]; "too long by one")]
    #[test_case(&[b"1234567890123", b"4567", b"89\nb"] => vec![(1, "!".to_owned()), (2, "b".to_owned())]; "much too long, in pieces")]
    #[test_case(&[b"a\n1234567890123456"] => vec![(1, "a".to_owned()), (2, "!".to_owned())]; "too long to the end")]
    #[test_case(&[b"\r\r\r\r\r\r\r\r\r\r\r\r\r"] => vec![(1, "!".to_owned())]; "too long, although it is blank")]
    #[test_case(&[] => Vec::<(u64, String)>::new(); "nothing")]
    fn cut(chunks: &[&[u8]]) -> Vec<(u64, String)> {
        lines(chunks)
    }

    #[test]
    fn a_line_of_sixteen_mebibytes_is_not_held() {
        let mut reader = LineReader::new(1024);
        let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
        for _ in 0..256 {
            reader.push(chunk.clone());
            assert_eq!((reader.next_line(), reader.held()), (None, 0));
        }
        reader.push(Bytes::from_static(b"\n{}\n"));
        assert_eq!(reader.next_line(), Some(Line { number: 1, content: Err(TooLong) }));
        assert_eq!(reader.next_line(), Some(Line { number: 2, content: Ok(Bytes::from_static(b"{}")) }));
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_the_chunks(
            text in vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b' '), any::<u8>()], 0..80),
            sizes in vec(1_usize..9, 0..80),
        ) {
            let mut rest = text.as_slice();
            let mut chunks = Vec::new();
            for size in sizes {
                let (chunk, more) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk);
                rest = more;
            }
            chunks.push(rest);
            prop_assert_eq!(lines(&chunks), lines(&[&text]));
        }
    }
}

//! A cursor over JSON text: goes on value by value, borrows strings, and checks the grammar (RFC 8259) on its way.
//!
//! Our own, because what is read here is not a type but whatever a caller wrote, mistakes included: every value is
//! looked at once and may be of any kind. serde would need a type, or a tree of
//! values that is built and read again.

mod skip;

use std::borrow::Cow;

use crate::support::json_text::plain_end;

/// Reader of a JSON text, with its position.
#[derive(Debug)]
pub(super) struct Json<'de> {
    text: &'de str,
    at: usize,
}

/// The text breaks the grammar; [`NotJson::in_words`] says where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

/// A value without inner structure, or the beginning of one that has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'de> {
    Null,
    Flag(bool),
    /// A number that is whole, written without fraction and exponent, and fits.
    Integer(i64),
    /// Any other number, however large.
    Number,
    Text(Cow<'de, str>),
    /// An opening bracket; [`Json::each_element`] goes on from here.
    Array,
    /// An opening brace; [`Json::each_member`] goes on from here.
    Object,
}

impl<'de> Json<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0 }
    }

    /// The next value, if it is a string without escapes, as nearly all are; else nothing is read.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Option<&'de str> {
        if self.next_byte()? != b'"' {
            return None;
        }
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let end = plain_end(bytes, start);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// The next value, or its first bracket.
    pub(super) fn token(&mut self) -> Result<Token<'de>, NotJson> {
        let token = match self.next_byte().ok_or(NotJson)? {
            b'"' => {
                let plain = self.plain_text().map(Cow::Borrowed);
                return plain.map_or_else(|| self.text_with_escapes(), Ok).map(Token::Text);
            }
            b'{' => Token::Object,
            b'[' => Token::Array,
            b't' => return self.word("true", Token::Flag(true)),
            b'f' => return self.word("false", Token::Flag(false)),
            b'n' => return self.word("null", Token::Null),
            _ => return self.number(),
        };
        self.at += 1;
        Ok(token)
    }

    /// Walks through an object whose brace was read: `walk` gets each name, and reads the value.
    pub(super) fn each_member(
        &mut self,
        mut walk: impl FnMut(&mut Self, Cow<'de, str>) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        let mut more = self.goes_on(b'}', true)?;
        while more {
            let name = match self.plain_text() {
                Some(name) => Cow::Borrowed(name),
                None => self.text_with_escapes()?,
            };
            self.colon()?;
            walk(self, name)?;
            more = self.goes_on(b'}', false)?;
        }
        Ok(())
    }

    /// Walks through an array whose bracket was read: `walk` gets each index, and reads the element.
    pub(super) fn each_element(
        &mut self,
        mut walk: impl FnMut(&mut Self, usize) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        let mut index = 0;
        let mut more = self.goes_on(b']', true)?;
        while more {
            walk(self, index)?;
            index += 1;
            more = self.goes_on(b']', false)?;
        }
        Ok(())
    }

    /// Nothing but white space is left.
    pub(super) fn end(&mut self) -> Result<(), NotJson> {
        if self.next_byte().is_none() { Ok(()) } else { Err(NotJson) }
    }

    /// Whether an array or object goes on; its closing bracket, or the comma between two of its parts, is read.
    fn goes_on(&mut self, closing: u8, first: bool) -> Result<bool, NotJson> {
        let byte = self.next_byte().ok_or(NotJson)?;
        if byte == closing {
            self.at += 1;
            return Ok(false);
        }
        if first {
            return Ok(true);
        }
        self.at += 1;
        if byte == b',' { Ok(true) } else { Err(NotJson) }
    }

    fn colon(&mut self) -> Result<(), NotJson> {
        let found = self.next_byte() == Some(b':');
        self.at += 1;
        if found { Ok(()) } else { Err(NotJson) }
    }

    /// The string that begins here, whatever is in it.
    #[cold]
    fn text_with_escapes(&mut self) -> Result<Cow<'de, str>, NotJson> {
        let start = self.at;
        self.skip_string()?;
        let token = self.text.get(start..self.at).ok_or(NotJson)?;
        // Refuses half of a surrogate pair, which is no text.
        serde_json::from_str(token).map(Cow::Owned).map_err(|_| NotJson)
    }

    /// The number that begins here.
    fn number(&mut self) -> Result<Token<'de>, NotJson> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.digits() {
            0 => return Err(NotJson),
            1 => {}
            _ if self.text.as_bytes().get(start..).is_some_and(leads_with_zero) => return Err(NotJson),
            _ => {}
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.some_digits()?;
        }
        let number = self.text.get(start..self.at).ok_or(NotJson)?;
        // Minus zero is no whole number.
        let whole = if number == "-0" { None } else { number.parse().ok() };
        Ok(whole.map_or(Token::Number, Token::Integer))
    }

    fn some_digits(&mut self) -> Result<(), NotJson> {
        if self.digits() == 0 { Err(NotJson) } else { Ok(()) }
    }

    /// Goes over digits, and says how many there were.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word<T>(&mut self, word: &str, meaning: T) -> Result<T, NotJson> {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += word.len();
        if found { Ok(meaning) } else { Err(NotJson) }
    }

    /// The first byte that is no white space; it is not read yet.
    #[inline]
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn leads_with_zero(number: &[u8]) -> bool {
    number.strip_prefix(b"-").unwrap_or(number).starts_with(b"0")
}

impl NotJson {
    /// What is wrong with the text, and at which line and column.
    pub(super) fn in_words(self, text: &str) -> String {
        // The library says it well. It reads everything as a value only where the grammar alone finds nothing: that
        // takes memory, and has limits of its own.
        let grammar = serde_json::from_str::<serde::de::IgnoredAny>(text).err();
        let wrong = grammar.or_else(|| serde_json::from_str::<serde_json::Value>(text).err());
        wrong.map_or_else(|| "a string holds half of a surrogate pair".to_owned(), |wrong| wrong.to_string())
    }
}

#[cfg(test)]
mod tests;

//! Skips JSON values that nobody reads, however deep: they are checked, but not kept.

use super::{Json, NotJson, Token};
use crate::support::json_text::plain_end;

impl<'de> Json<'de> {
    /// Goes over the rest of an object whose brace was read, and hands out the text of all of it.
    pub(in crate::document) fn raw_object(&mut self) -> Result<&'de str, NotJson> {
        let start = self.at - 1;
        self.skip_open(b'}')?;
        self.text.get(start..self.at).ok_or(NotJson)
    }

    /// The text of the next value; of an object, none: its brace is read, and [`Json::each_member`] goes on from there.
    pub(in crate::document) fn raw_or_object(&mut self) -> Result<Option<&'de str>, NotJson> {
        if self.next_byte() == Some(b'{') {
            self.at += 1;
            return Ok(None);
        }
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).map(Some).ok_or(NotJson)
    }

    /// Goes over the next value.
    pub(in crate::document) fn skip(&mut self) -> Result<(), NotJson> {
        match self.skip_token()? {
            Some(bracket) => self.skip_open(bracket),
            None => Ok(()),
        }
    }

    /// Goes over the rest of a value that was begun.
    pub(in crate::document) fn skip_rest(&mut self, begun: &Token<'_>) -> Result<(), NotJson> {
        match begun {
            Token::Array => self.skip_open(b']'),
            Token::Object => self.skip_open(b'}'),
            Token::Null | Token::Flag(_) | Token::Integer(_) | Token::Number | Token::Text(_) => Ok(()),
        }
    }

    /// Goes on until this closing bracket, without recursion: a caller may nest as deep as a body is long.
    fn skip_open(&mut self, closing: u8) -> Result<(), NotJson> {
        let mut open = vec![closing];
        let mut first = true;
        while let Some(&closing) = open.last() {
            if !self.goes_on(closing, first)? {
                open.pop();
                first = false;
                continue;
            }
            if closing == b'}' {
                self.next_byte();
                self.skip_string()?;
                self.colon()?;
            }
            let inner = self.skip_token()?;
            open.extend(inner);
            first = inner.is_some();
        }
        Ok(())
    }

    /// Goes over a value without inner structure, or over an opening bracket: then the closing one is told.
    fn skip_token(&mut self) -> Result<Option<u8>, NotJson> {
        if self.next_byte() == Some(b'"') {
            return self.skip_string().map(|()| None);
        }
        Ok(match self.token()? {
            Token::Array => Some(b']'),
            Token::Object => Some(b'}'),
            Token::Null | Token::Flag(_) | Token::Integer(_) | Token::Number | Token::Text(_) => None,
        })
    }

    /// Goes over the string that begins here.
    pub(super) fn skip_string(&mut self) -> Result<(), NotJson> {
        let Some([b'"', rest @ ..]) = self.text.as_bytes().get(self.at..) else { return Err(NotJson) };
        let mut rest = rest;
        loop {
            rest = rest.get(plain_end(rest, 0)..).ok_or(NotJson)?;
            rest = match rest {
                [b'"', behind @ ..] => {
                    self.at = self.text.len() - behind.len();
                    return Ok(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', behind @ ..] => behind,
                [b'\\', b'u', a, b, c, d, behind @ ..]
                    if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) =>
                {
                    behind
                }
                _ => return Err(NotJson),
            };
        }
    }
}

//! Reading query parameters strictly: every name must be known, every single value single.

use std::ops::RangeInclusive;

use crate::domain::{Location, Timestamp, Violation, Word, has_control_character};
use crate::support::suggestion::did_you_mean;

/// Takes the known parameters out of a query string and complains about the rest.
///
/// Ask for every parameter that the operation has, then call [`QueryReader::finish`]: what was asked for is what is
/// known. An empty value is refused: an empty variable of a script must widen no filter and choose no default.
///
/// ```
/// use approval_gateway::http::extract::QueryParams;
///
/// let mut query = QueryParams::parse("verify=true&user_id=a&user_id=b").reader();
/// assert_eq!(query.flag("verify"), Some(true));
/// assert_eq!(query.list("user_id"), ["a", "b"]);
/// assert!(query.finish().is_empty());
/// ```
#[derive(Debug)]
pub struct QueryReader {
    pairs: Vec<(String, String)>,
    asked: Vec<&'static str>,
    violations: Vec<Violation>,
}

impl QueryReader {
    /// A reader of these names and values, which already knows what was malformed.
    pub(super) fn new(pairs: Vec<(String, String)>, violations: Vec<Violation>) -> Self {
        Self { pairs, asked: Vec::new(), violations }
    }

    /// All values of a repeatable parameter, in order.
    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        let values = self.values(name);
        self.refuse_control_characters(name, &values);
        if values.len() > MOST_VALUES {
            let detail = format!("is given {} times; at most {MOST_VALUES}", values.len());
            self.complain(name, "too_many", detail, None);
        }
        values
    }

    fn values(&mut self, name: &'static str) -> Vec<String> {
        self.asked.push(name);
        let mut values: Vec<_> =
            self.pairs.extract_if(.., |(found, _)| found == name).map(|(_, value)| value).collect();
        let all = values.len();
        values.retain(|value| !value.is_empty());
        if values.len() < all {
            let detail = "must not be empty; leave the parameter out instead".to_owned();
            self.complain(name, "invalid_value", detail, None);
        }
        values
    }

    fn refuse_control_characters(&mut self, name: &'static str, values: &[String]) {
        if values.iter().any(|value| has_control_character(value)) {
            let detail = "holds a control character, which neither ids nor titles have".to_owned();
            self.complain(name, "control_character", detail, None);
        }
    }

    /// Whether a parameter is there, even if empty, and was not asked for yet.
    pub fn is_named(&self, name: &str) -> bool {
        self.pairs.iter().any(|(found, _)| found == name)
    }

    /// The value of a parameter that may be given once.
    pub fn single(&mut self, name: &'static str) -> Option<String> {
        let value = self.opaque(name);
        self.refuse_control_characters(name, value.as_slice());
        value
    }

    /// As [`Self::single`], for a value that is ours and that its own reader checks.
    pub fn opaque(&mut self, name: &'static str) -> Option<String> {
        let mut values = self.values(name);
        if values.len() > 1 {
            self.complain(name, "repeated_parameter", format!("{name} may be given only once"), None);
        }
        (!values.is_empty()).then(|| values.swap_remove(0))
    }

    /// The meaning of a parameter whose words are listed in `words`.
    pub fn one_of<T: Copy>(&mut self, name: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let value = self.single(name)?;
        let meaning = words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(&value, all.iter().copied());
            self.complain(name, "unknown_value", format!("must be one of: {}", all.join(", ")), hint);
        }
        meaning
    }

    /// The value of a `true` / `false` parameter.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.one_of(name, &[("true", true), ("false", false)])
    }

    /// Reports a violation of a parameter that the caller of this reader has found.
    pub fn complain(&mut self, name: &str, code: &'static str, detail: String, hint: Option<String>) {
        let violation = Violation::at(Location::Query, pointer(name), code, detail);
        self.violations.push(Violation { hint, ..violation });
    }

    /// A whole number within bounds, written as JSON writes it.
    pub fn integer(&mut self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let value = self.single(name)?;
        let number =
            value.parse().ok().filter(|number: &i64| bounds.contains(number) && number.to_string() == value);
        if number.is_none() {
            let detail = format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
            self.complain(name, "invalid_value", detail, None);
        }
        number
    }

    /// An RFC 3339 time.
    pub fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        let value = self.single(name)?;
        match Timestamp::parse(&value) {
            Ok(time) => Some(time),
            Err(wrong) => {
                let hint = match Timestamp::hint_for(&value) {
                    // A plus sign means a space in a query.
                    Some(hint) if hint.contains('+') => Some(format!("{hint} (write + as %2B in a query)")),
                    None if value.contains(' ') => Some("write + as %2B in a query, or use Z".to_owned()),
                    hint => hint,
                };
                self.complain(name, "invalid_time", wrong.to_string(), hint);
                None
            }
        }
    }

    /// A word of a vocabulary.
    pub fn word<W: Word>(&mut self, name: &'static str) -> Option<W> {
        let words: Vec<_> = W::ALL.iter().map(|word| (word.as_str(), *word)).collect();
        self.one_of(name, &words)
    }

    /// Words of a vocabulary, in a parameter that may be repeated.
    pub fn words<W: Word>(&mut self, name: &'static str) -> Vec<W> {
        let mut words = Vec::new();
        for value in self.list(name) {
            match W::parse(&value) {
                Some(word) => words.push(word),
                None => self.complain_word::<W>(name, &value),
            }
        }
        words
    }

    fn complain_word<W: Word>(&mut self, name: &'static str, value: &str) {
        let all: Vec<&str> = W::ALL.iter().map(|word| word.as_str()).collect();
        let hint = did_you_mean(value, all.iter().copied());
        self.complain(name, "unknown_value", format!("must be one of: {}", all.join(", ")), hint);
    }

    /// Everything that is wrong, unknown parameters included; empty when nothing is.
    pub fn finish(mut self) -> Vec<Violation> {
        self.take_violations()
    }

    /// As [`Self::finish`], for a reader that somebody else still holds.
    pub fn take_violations(&mut self) -> Vec<Violation> {
        let mut seen: Vec<String> = Vec::new();
        for (name, _) in std::mem::take(&mut self.pairs) {
            if seen.len() == MOST_UNKNOWN {
                break;
            }
            if !seen.contains(&name) {
                let hint = did_you_mean(&name, self.asked.iter().copied());
                self.complain(
                    &name,
                    "unknown_parameter",
                    "this operation has no such parameter".to_owned(),
                    hint,
                );
                seen.push(name);
            }
        }
        std::mem::take(&mut self.violations)
    }
}

/// Values of one repeatable parameter (design §2.2).
pub const MOST_VALUES: usize = 100;

/// How many unknown names are reported: a hostile query could hold thousands, and each costs a comparison.
const MOST_UNKNOWN: usize = 20;

/// JSON Pointer (RFC 6901) to a parameter.
pub(super) fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::QueryParams;
    use test_case::test_case;

    fn complaints(query: &str) -> Vec<(String, &'static str, Option<String>)> {
        let mut reader = QueryParams::parse(query).reader();
        reader.one_of("mode", &[("replace", 'r'), ("update", 'u')]);
        reader.flag("verify");
        reader.finish().into_iter().map(|found| (found.pointer, found.code, found.hint)).collect()
    }

    #[test_case(""; "nothing")]
    #[test_case("mode=update&verify=false"; "both")]
    #[test_case("&&mode=replace&"; "empty pairs")]
    fn known_parameters_are_accepted(query: &str) {
        assert_eq!(complaints(query), []);
    }

    #[test_case("mod=update", "/mod", "unknown_parameter", Some("did you mean \"mode\"?"); "unknown name")]
    #[test_case("a/b~=1", "/a~1b~0", "unknown_parameter", None; "pointer is escaped")]
    #[test_case("mode=Update", "/mode", "unknown_value", Some("did you mean \"update\"?"); "wrong case")]
    #[test_case("verify=1", "/verify", "unknown_value", None; "number for a flag")]
    #[test_case("mode=", "/mode", "invalid_value", None; "empty word")]
    #[test_case("verify", "/verify", "invalid_value", None; "bare flag")]
    #[test_case("mode=update&mode=update", "/mode", "repeated_parameter", None; "given twice")]
    #[test_case("mode=%ff", "/mode", "malformed_encoding", None; "value is no text")]
    #[test_case("%zz=1", "", "malformed_encoding", None; "name is malformed")]
    fn complaint(query: &str, pointer: &str, code: &'static str, hint: Option<&str>) {
        assert_eq!(complaints(query), [(pointer.to_owned(), code, hint.map(str::to_owned))]);
    }

    #[test]
    fn every_complaint_is_made_at_once() {
        let codes: Vec<_> =
            complaints("mode=x&verify=y&foo=1").into_iter().map(|(pointer, ..)| pointer).collect();
        assert_eq!(codes, ["/mode", "/verify", "/foo"]);
    }

    #[test]
    fn repeated_values_keep_their_order() {
        let mut reader = QueryParams::parse("id=b&x=1&id=a").reader();
        assert_eq!(reader.list("id"), ["b", "a"]);
    }

    #[test_case("id=" => "must not be empty; leave the parameter out instead"; "alone")]
    #[test_case("id=a&id" => "must not be empty; leave the parameter out instead"; "beside another")]
    #[test_case(&"id=a&".repeat(101) => "is given 101 times; at most 100"; "too many")]
    fn list_refuses(query: &str) -> String {
        let mut reader = QueryParams::parse(query).reader();
        reader.list("id");
        let [found] = <[_; 1]>::try_from(reader.finish()).unwrap();
        found.detail.into_owned()
    }

    #[test_case("1" => Some(1))]
    #[test_case("200" => Some(200))]
    #[test_case("201" => None)]
    #[test_case("+5" => None)]
    #[test_case("05" => None)]
    #[test_case("-0" => None)]
    #[test_case("5.0" => None)]
    #[test_case("" => None)]
    fn integer(value: &str) -> Option<i64> {
        let mut reader = QueryParams::parse(&format!("limit={value}")).reader();
        let number = reader.integer("limit", 1..=200);
        assert_eq!(reader.finish().is_empty(), number.is_some());
        number
    }

    #[test]
    fn unknown_names_are_reported_up_to_a_limit() {
        let query: Vec<String> = (0..1000).map(|n| format!("p{n}=1")).collect();
        assert_eq!(complaints(&query.join("&")).len(), MOST_UNKNOWN);
    }
}

//! Suggestions for misspelt words: *did you mean*.

/// The candidate most like `word`, when it is so like it that a slip of the pen explains the difference.
///
/// Case and `-` for `_` are slips too. The bar (one edit for every three letters, at least one) is our choice: it finds
/// `statsu` and `instanceId`, and does not turn `foo` into `mode`.
pub(crate) fn suggest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer words are no slips of the pen, and comparing them takes time that grows with the square of their length.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let plain = normalised(word);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&plain, &normalised(candidate)), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// The word without its case, and with `_` for `-`.
fn normalised(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// The sentence of a hint, when there is a guess.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    suggest(word, candidates).map(|near| format!("did you mean {near:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("verfiy" => Some("verify"); "two letters swapped")]
    #[test_case("Mode" => Some("mode"); "another case")]
    #[test_case("instanceId" => Some("instance_id"); "camel case")]
    #[test_case("instance-id" => Some("instance_id"); "hyphen")]
    #[test_case("zh_cn" => Some("zh-CN"); "a candidate with a hyphen and capitals")]
    #[test_case("foo" => None; "nothing alike")]
    #[test_case("" => None; "empty")]
    fn guess(word: &str) -> Option<&'static str> {
        suggest(word, ["mode", "verify", "instance_id", "zh-CN"].into_iter())
    }

    #[test]
    fn a_very_long_word_is_not_compared() {
        assert_eq!(suggest(&"m".repeat(1 << 20), ["mode"].into_iter()), None);
    }
}

//! Finds the name that somebody probably meant.

/// Longest word worth comparing; longer ones are no slips of the pen.
const MAX_LENGTH: usize = 64;

/// The known name nearest to `word`, if it is near enough to be a slip.
pub fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > MAX_LENGTH {
        return None;
    }
    let folded = word.to_ascii_lowercase().replace(['-', ' '], "_");
    known
        .into_iter()
        .map(|name| {
            // Names such as `applicantUserId` differ from ours by their separators only.
            let same_letters = folded.replace('_', "") == name.replace('_', "");
            let distance = if same_letters { 0 } else { strsim::damerau_levenshtein(&folded, name) };
            (distance, name)
        })
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;
    use test_case::test_case;

    #[test_case("titel" => Some("title"); "swapped letters")]
    #[test_case("updatedAt" => Some("updated_at"); "camel case")]
    #[test_case("updated-at" => Some("updated_at"); "hyphen")]
    #[test_case("pclink" => Some("pc_link"); "no separator")]
    #[test_case("colour" => None; "nothing near")]
    #[test_case("" => None; "empty")]
    fn nearest_name(word: &str) -> Option<&'static str> {
        did_you_mean(word, ["title", "updated_at", "pc_link"])
    }
}

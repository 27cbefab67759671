//! Which definitions were upserted through this gateway, to notice a key or a code that is one of theirs but for a slip.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::problem::{Code, Problem};
use crate::delivery::Delivery;
use crate::delivery::durable::DurableDelivery;
use crate::ledger::PageRequest;
use crate::support::deadline::Deadline;

/// Most definitions that are looked at; an app with more makes them by a program, which makes no slips.
const MOST: usize = 1_000;

/// Definitions that the ledger is asked for at once: it answers them whole.
const PAGE: usize = 50;

/// What was read is good for so long: another gateway with the same ledger may add definitions, too.
const FRESH: Duration = Duration::from_secs(60);

/// A shorter key is like many others, and differs from them on purpose.
const SHORTEST: usize = 4;

/// The definitions of one app, read when a slip is suspected and not before.
#[derive(Debug, Default)]
pub(super) struct KnownDefinitions(Mutex<Known>);

/// Codes by keys, and when they were read.
#[derive(Debug, Default)]
struct Known {
    codes: BTreeMap<String, String>,
    read_at: Option<Instant>,
}

impl KnownDefinitions {
    /// The known key that a new one is probably meant to be; none for a key that is known.
    pub(super) async fn similar_key(
        &self,
        delivery: &Delivery,
        deadline: Deadline,
        key: &str,
    ) -> Option<String> {
        let known = self.read(delivery, deadline).await?;
        if known.codes.contains_key(key) {
            return None;
        }
        known.codes.keys().find(|other| is_slip(key, other)).cloned()
    }

    /// A definition was upserted.
    pub(super) async fn add(&self, key: &str, code: &str) {
        let mut known = self.0.lock().await;
        if known.codes.len() < MOST {
            known.codes.insert(key.to_owned(), code.to_owned());
        }
    }

    /// What is known, in the time that the request has; nothing without a ledger.
    async fn read(&self, delivery: &Delivery, deadline: Deadline) -> Option<MutexGuard<'_, Known>> {
        let durable = delivery.durable()?;
        let mut known = timeout_at(deadline.instant(), self.0.lock()).await.ok()?;
        known.refresh(durable, deadline).await;
        Some(known)
    }

    /// The problem, with the approval code that was probably meant where Feishu does not know the given one.
    pub(super) async fn suggest(
        &self,
        delivery: &Delivery,
        deadline: Deadline,
        given: &str,
        problem: Problem,
    ) -> Problem {
        if problem.code() != Code::UnknownApprovalCode {
            return problem;
        }
        let Some(known) = self.read(delivery, deadline).await else { return problem };
        let mut all = known.codes.iter();
        let hint = if let Some(code) = known.codes.get(given) {
            format!("{given:?} is a definition_key; its approval_code is {code:?}")
        } else if let Some((key, code)) = all.find(|(key, code)| is_slip(given, code) || is_slip(given, key))
        {
            format!("did you mean {code:?}, the approval_code of the definition with the key {key:?}?")
        } else {
            return problem;
        };
        problem.hint(Code::UnknownApprovalCode.as_str(), &hint)
    }
}

impl Known {
    /// Reads the definitions again when they were read long ago. Whoever asks can do without, so a ledger that fails is left
    /// alone for as long.
    async fn refresh(&mut self, durable: &DurableDelivery, deadline: Deadline) {
        if self.read_at.is_some_and(|read_at| read_at.elapsed() < FRESH) {
            return;
        }
        let mut codes = BTreeMap::new();
        let mut after = None;
        while codes.len() < MOST {
            let page = durable.ledger().definitions(durable.app(), PageRequest { after, limit: PAGE });
            let Ok(Ok(page)) = timeout_at(deadline.instant(), page).await else { break };
            codes.extend(page.items.into_iter().map(|item| (item.definition_key, item.approval_code)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if !codes.is_empty() {
            self.codes = codes;
        }
        self.read_at = Some(Instant::now());
    }
}

/// Whether a word is another one but for a slip: its case, separators, letters that look alike, or one letter. Digits tell
/// things apart on purpose, as in `leave-1` and `leave-2`.
fn is_slip(word: &str, other: &str) -> bool {
    if word == other || word.chars().count().min(other.chars().count()) < SHORTEST {
        return false;
    }
    if look(word) == look(other) {
        return true;
    }
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_near = word.len().abs_diff(other.len()) <= char::MAX.len_utf8();
    is_near
        && digits(word) == digits(other)
        && strsim::damerau_levenshtein(&word.to_lowercase(), &other.to_lowercase()) == 1
}

/// How a word looks: without its case and separators, one letter for all that look alike.
fn look(word: &str) -> String {
    let letters = word.trim().chars().map(|letter| match letter {
        // The wide forms of ASCII, which Chinese input methods write.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xff01 + 0x21).unwrap_or(letter),
        other => other,
    });
    let letters = letters.flat_map(char::to_lowercase).map(|letter| match letter {
        '-' | '.' | ' ' | '\u{3000}' | '\u{2010}'..='\u{2015}' => '_',
        '0' | 'о' | 'ο' => 'o',
        '1' | '|' | 'i' | 'і' | 'ι' => 'l',
        'а' | 'α' => 'a',
        'с' => 'c',
        'е' => 'e',
        'р' | 'ρ' => 'p',
        'х' => 'x',
        'у' => 'y',
        other => other,
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("hr-leave", "hr-leav" => true; "a letter is missing")]
    #[test_case("hr-leave", "hr-laeve" => true; "two letters swapped")]
    #[test_case("hr-leave", "HR_Leave" => true; "case and separator")]
    #[test_case("hr-leave", "hr－leave" => true; "a wide hyphen")]
    #[test_case("hr-leave", "hr-lеаve" => true; "Cyrillic letters")]
    #[test_case("form-10", "form-lO" => true; "letters for digits")]
    #[test_case("hr-leave ", "hr-leave" => true; "a blank")]
    #[test_case("请假申请单", "请假申请" => true; "a Chinese letter")]
    #[test_case("7C468A54-8745-2245-9675-08B7C63E7A85", "7c468a54-8745-2245-9675-08b7c63e7a85" => true; "a code in lower case")]
    #[test_case("hr-leave", "hr-leave" => false; "the same")]
    #[test_case("leave-1", "leave-2" => false; "another number")]
    #[test_case("leave-1", "leave-10" => false; "a longer number")]
    #[test_case("hr-leave", "hr-travel" => false; "another word")]
    #[test_case("it", "hr" => false; "short words")]
    fn slips(word: &str, other: &str) -> bool {
        is_slip(word, other)
    }
}

//! What Feishu has said about people lately.

use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync;

use crate::domain::{Alias, PersonIds};

/// What is known about an alias; none for a person whom Feishu knows not, or whom the app may not see.
pub(super) type Found = Option<PersonIds>;

/// How long a person is known (design §5).
const KNOWN_FOR: Duration = Duration::from_secs(60 * 60);

/// How long it is believed that nobody has a name: whoever joins, or comes into the app's sight, is found soon (design §5).
const UNKNOWN_FOR: Duration = Duration::from_secs(60);

/// People who are known at one time: some megabytes.
const MOST_KNOWN: u64 = 50_000;

/// Names of nobody that are known at one time. They have a place of their own, so that a flood of them drives nobody out.
const MOST_UNKNOWN: u64 = 10_000;

/// What Feishu has said about people lately.
#[derive(Debug)]
pub(super) struct Cache {
    people: sync::Cache<Alias<'static>, PersonIds>,
    nobody: sync::Cache<Alias<'static>, ()>,
}

impl Default for Cache {
    fn default() -> Self {
        // The oldest go first. A policy that counts would turn newcomers away from a full cache, and they would be looked up for ever.
        let people = sync::Cache::builder().eviction_policy(EvictionPolicy::lru());
        let nobody = sync::Cache::builder().eviction_policy(EvictionPolicy::lru());
        Self {
            people: people.max_capacity(MOST_KNOWN).time_to_live(KNOWN_FOR).build(),
            nobody: nobody.max_capacity(MOST_UNKNOWN).time_to_live(UNKNOWN_FOR).build(),
        }
    }
}

impl Cache {
    /// What is known of an alias; `Some(None)` is that it is nobody's.
    pub(super) fn get(&self, alias: &Alias<'static>) -> Option<Found> {
        let person = self.people.get(alias).map(Some);
        person.or_else(|| self.nobody.get(alias).map(|()| None))
    }

    /// Notes what Feishu said about an alias.
    pub(super) fn note(&self, alias: &Alias<'static>, found: Found) {
        match found {
            Some(ids) => {
                self.nobody.invalidate(alias);
                self.people.insert(alias.clone(), ids);
            }
            None => {
                self.people.invalidate(alias);
                self.nobody.insert(alias.clone(), ());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AliasKind;

    fn alias(number: u64) -> Alias<'static> {
        Alias { kind: AliasKind::Email, value: format!("{number}@example.com").into() }
    }

    #[test]
    fn a_flood_of_unknown_names_is_bounded_and_drives_no_person_out() {
        let cache = Cache::default();
        cache.note(&alias(0), Some(PersonIds { open_id: "ou_0".to_owned(), user_id: None }));
        for number in 1..=2 * MOST_UNKNOWN {
            cache.note(&alias(number), None);
        }
        cache.nobody.run_pending_tasks();
        assert!(cache.nobody.entry_count() <= MOST_UNKNOWN);
        assert!(
            cache.get(&alias(2 * MOST_UNKNOWN)).is_some_and(|found| found.is_none()),
            "the newest is known"
        );
        assert!(cache.get(&alias(0)).is_some_and(|found| found.is_some()));
    }
}

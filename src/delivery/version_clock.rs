//! The version clock of one instance: versions only grow, and what Feishu would drop in silence is refused.

use crate::domain::Timestamp;

/// Hash of a payload; recognises a repeated push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PayloadHash(pub(super) u64);

/// Versions sent for one instance, as far as this process knows; plain numbers, because there are many of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct VersionClock {
    /// Highest version promised or sent, Unix milliseconds; 0 for none.
    highest: i64,
    /// Version of the last push that Feishu took, or may have taken, Unix milliseconds; 0 for none.
    taken: i64,
    /// Hash of that push's payload.
    payload: u64,
}

/// An `update` that Feishu would drop in silence (contract §4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a push of version {latest} was sent before")]
pub struct StaleUpdate {
    /// The version that Feishu has.
    pub latest: Timestamp,
    /// Whether it is the same version with another payload, rather than a newer one.
    pub same_version: bool,
}

impl VersionClock {
    /// The version that [`Self::next`] would give, without giving it.
    pub(super) fn peek(self, now: Timestamp) -> Timestamp {
        Timestamp::from_unix_millis(self.highest).map_or(now, |highest| now.max(highest.next()))
    }

    /// A version later than everything sent or promised for this instance: `now`, if that is.
    pub(super) fn next(&mut self, now: Timestamp) -> Timestamp {
        let version = self.peek(now);
        self.sending(version);
        version
    }

    /// Refuses an update that is older than what was sent, or equal with another payload.
    pub(super) fn check_update(self, version: Timestamp, payload: PayloadHash) -> Result<(), StaleUpdate> {
        let Some(latest) = Timestamp::from_unix_millis(self.taken) else { return Ok(()) };
        let same_version = version == latest;
        if version < latest || (same_version && self.payload != payload.0) {
            return Err(StaleUpdate { latest, same_version });
        }
        Ok(())
    }

    /// Notes that a version is on its way: a default version must exceed it whatever becomes of it.
    pub(super) fn sending(&mut self, version: Timestamp) {
        self.highest = self.highest.max(version.unix_millis());
    }

    /// Notes what Feishu took.
    pub(super) fn taken(&mut self, version: Timestamp, payload: PayloadHash) {
        (self.taken, self.payload) = (version.unix_millis(), payload.0);
    }

    /// Notes what Feishu may have taken: an update that is older may be dropped in silence.
    pub(super) fn perhaps_taken(&mut self, version: Timestamp, payload: PayloadHash) {
        if version.unix_millis() > self.taken {
            self.taken(version, payload);
        }
    }

    /// Notes that Feishu has not taken what it may have taken, so that what it had `before` counts again.
    pub(super) fn not_taken(&mut self, before: Self) {
        (self.taken, self.payload) = (before.taken, before.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: PayloadHash = PayloadHash(1);
    const Y: PayloadHash = PayloadHash(2);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    #[test]
    fn a_default_version_is_later_than_every_one_before() {
        let mut clock = VersionClock::default();
        assert_eq!(clock.next(at(100)), at(100));
        assert_eq!(clock.next(at(100)), at(101), "the time stands still");
        assert_eq!(clock.next(at(50)), at(102), "the time goes back");
        assert_eq!(clock.peek(at(50)), at(103));
        assert_eq!(clock.next(at(50)), at(103), "a look gives nothing away");
        clock.sending(at(1_000));
        assert_eq!(clock.next(at(200)), at(1_001), "a version of the caller's own counts too");
    }

    #[test]
    fn an_older_update_and_an_equal_one_with_another_payload_are_stale() {
        let mut clock = VersionClock::default();
        assert_eq!(clock.check_update(at(5), X), Ok(()));
        clock.taken(at(10), X);
        assert_eq!(clock.check_update(at(9), X), Err(StaleUpdate { latest: at(10), same_version: false }));
        assert_eq!(clock.check_update(at(10), Y), Err(StaleUpdate { latest: at(10), same_version: true }));
        assert_eq!(clock.check_update(at(10), X), Ok(()));
        assert_eq!(clock.check_update(at(11), Y), Ok(()));
    }

    #[test]
    fn what_feishu_may_have_taken_makes_older_updates_stale_but_takes_nothing_back() {
        let mut clock = VersionClock::default();
        clock.taken(at(10), X);
        clock.perhaps_taken(at(9), Y);
        assert_eq!(clock.check_update(at(10), X), Ok(()));
        clock.perhaps_taken(at(20), Y);
        assert!(clock.check_update(at(19), X).is_err());
    }
}

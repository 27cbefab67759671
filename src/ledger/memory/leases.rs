//! The leases of the ledger in memory, by a clock that is nobody's.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::AppName;
use crate::ledger::lease::{Epoch, HolderNote, LEASE_TIME, Lease, ReplicaId};

/// All leases, and the replicas that were heard of. Everything is told the time.
#[derive(Debug, Default)]
pub(super) struct LeaseTable {
    leases: HashMap<AppName, Row>,
    replicas: HashMap<ReplicaId, Instant>,
}

#[derive(Debug)]
struct Row {
    holder: Option<ReplicaId>,
    epoch: Epoch,
    expires_at: Instant,
    note: HolderNote,
    noted_at: Instant,
}

impl Row {
    fn new(now: Instant) -> Self {
        Self {
            holder: None,
            epoch: Epoch::default(),
            expires_at: now,
            note: HolderNote::default(),
            noted_at: now,
        }
    }

    fn shown(&self, now: Instant) -> Lease {
        Lease {
            holder: self.holder.clone(),
            epoch: self.epoch,
            left: self.expires_at.saturating_duration_since(now),
            note: self.note.clone(),
            note_age: now.saturating_duration_since(self.noted_at),
        }
    }

    fn note(&mut self, note: &HolderNote, now: Instant) {
        (self.note, self.noted_at) = (note.clone(), now);
    }
}

impl LeaseTable {
    pub(super) fn lease(&self, app: &AppName, now: Instant) -> Lease {
        self.leases.get(app).map_or_else(Lease::default, |row| row.shown(now))
    }

    pub(super) fn epoch(&self, app: &AppName) -> Epoch {
        self.leases.get(app).map_or_else(Epoch::default, |row| row.epoch)
    }

    pub(super) fn acquire(
        &mut self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
        now: Instant,
    ) -> Lease {
        let row = self.leases.entry(app.clone()).or_insert_with(|| Row::new(now));
        if row.holder.as_ref() == Some(replica) {
            row.expires_at = now + LEASE_TIME;
            row.note(note, now);
        } else if row.shown(now).is_free() {
            row.holder = Some(replica.clone());
            row.epoch = Epoch(row.epoch.0 + 1);
            row.expires_at = now + LEASE_TIME;
        }
        row.shown(now)
    }

    pub(super) fn release(&mut self, app: &AppName, replica: &ReplicaId, note: &HolderNote, now: Instant) {
        let row = self.leases.get_mut(app).filter(|row| row.holder.as_ref() == Some(replica));
        if let Some(row) = row {
            (row.holder, row.expires_at) = (None, now);
            row.note(note, now);
        }
    }

    pub(super) fn heartbeat(&mut self, replica: &ReplicaId, now: Instant) -> u32 {
        self.replicas.insert(replica.clone(), now);
        self.replicas.retain(|_, seen| now.saturating_duration_since(*seen) < LEASE_TIME);
        u32::try_from(self.replicas.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn leave(&mut self, replica: &ReplicaId) {
        self.replicas.remove(replica);
    }

    /// Time that passes for leases only.
    pub(super) fn pass(&mut self, time: Duration) {
        let earlier = |at: &mut Instant| *at = at.checked_sub(time).unwrap_or(*at);
        for row in self.leases.values_mut() {
            earlier(&mut row.expires_at);
            earlier(&mut row.noted_at);
        }
        self.replicas.values_mut().for_each(earlier);
    }
}

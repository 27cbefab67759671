//! How an import stands.

use super::delivery_summary::rate_per_minute;
use crate::domain::{ImportState, Timestamp, Word as _};
use crate::feishu::Allowance;
use crate::ledger::{ImportCounts, ImportRecord};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// How an import stands. Every accepted line is superseded, delivered, refused, canceled or pending.
    pub(in crate::http) struct ImportResponse {
        /// The import's id.
        import_id: String { required: true, example: "\"17\"" },
        /// What it does.
        state: &'static str { required: true, example: "\"running\"", words: Some(words::<ImportState>) },
        /// When it began.
        created_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When its last line was read; absent while lines come, and when they broke off.
        read_at: Option<Timestamp> { example: "\"2026-11-20T01:30:04.000Z\"" },
        /// Lines that were read; blank ones do not count.
        lines: i64 { required: true, example: "20000" },
        /// Lines whose document was accepted.
        accepted: i64 { required: true, example: "19990" },
        /// Lines whose document was there already.
        unchanged: i64 { required: true, example: "8" },
        /// Lines that were not accepted.
        invalid: i64 { required: true, example: "2" },
        /// Documents that a newer one, or another import, took the place of before they were delivered.
        superseded: i64 { required: true, example: "0" },
        /// Documents that Feishu took.
        delivered: i64 { required: true, example: "12000" },
        /// Documents that Feishu refused, or of which it holds a newer version of somebody else's.
        refused: i64 { required: true, example: "3" },
        /// Documents that were withdrawn when the import was canceled.
        canceled: i64 { required: true, example: "0" },
        /// Documents that wait.
        pending: i64 { required: true, example: "7987" },
        /// The import's own bound: most documents that are delivered in a minute.
        per_minute: Option<i64> { example: "600" },
        /// Deliveries a minute that its bound and Feishu's configured limits allow; absent without either.
        rate_per_minute: Option<i64> { example: "600" },
        /// When nothing of it will be pending at this rate, if nothing else is delivered meanwhile; only while it runs.
        expected_end: Option<Timestamp> { example: "\"2026-11-20T01:43:20.000Z\"" },
        /// The name of the key that began it.
        caller: Option<String> { example: "\"erp\"" },
        /// The id of the request that began it.
        request_id: Option<String> { example: "\"01a1fda4-8693-7083-98e9-234157d645bd\"" },
    }
}

impl ImportResponse {
    /// How this record stands now, for an app with these limits.
    pub(in crate::http) fn new(record: ImportRecord, allowances: &[Allowance], now: Timestamp) -> Self {
        let ImportRecord { id, created_at, ended_at, caller, request_id, per_minute, state, counts } = record;
        let (lines, pending) = (counts.lines(), counts.pending());
        let ImportCounts { accepted, unchanged, invalid, superseded, delivered, refused, canceled } = counts;
        let own = per_minute.map(i64::from);
        let limit = rate_per_minute(allowances).and_then(|rate| i64::try_from(rate).ok());
        let rate = own.into_iter().chain(limit).min();
        let expected_end = rate.filter(|rate| *rate > 0 && pending > 0 && state == ImportState::Running);
        let expected_end = expected_end.and_then(|rate| {
            let millis = pending.saturating_mul(60_000) / rate;
            Timestamp::from_unix_millis(now.unix_millis().saturating_add(millis))
        });
        Self {
            import_id: id.0.to_string(),
            state: state.as_str(),
            created_at,
            read_at: ended_at,
            lines,
            accepted,
            unchanged,
            invalid,
            superseded,
            delivered,
            refused,
            canceled,
            pending,
            per_minute: own,
            rate_per_minute: rate,
            expected_end,
            caller,
            request_id,
        }
    }
}

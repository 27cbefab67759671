//! Two token buckets per API and app: crossing either one is refused (contract §11.4, §13.9).

use std::collections::HashMap;

use super::api::Api;
use super::switches::Switches;

/// Apps are few; a caller who invents ids by the thousand starts again with full buckets.
const MAX_BUCKETS: usize = 10_000;

/// The buckets of every API and app.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    buckets: HashMap<(Api, String), [Bucket; 2]>,
}

/// A limit that was crossed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exceeded {
    /// Ceiling of the window, for `x-ogw-ratelimit-limit`.
    pub(super) limit: u32,
    /// Whole seconds until a call fits again, at least 1, for `x-ogw-ratelimit-reset`.
    pub(super) reset_seconds: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    calls: f64,
    filled_at: i64,
}

/// One window: how many calls it holds, and in how many milliseconds it refills.
struct Window {
    limit: u32,
    millis: f64,
}

impl RateLimits {
    /// Takes one call out of both buckets, or says which one is empty and takes nothing.
    pub(super) fn take(
        &mut self,
        api: Api,
        app: &str,
        now: i64,
        switches: &Switches,
    ) -> Result<(), Exceeded> {
        let windows = [
            Window { limit: switches.per_second, millis: 1_000.0 },
            Window { limit: switches.per_minute, millis: 60_000.0 },
        ];
        if self.buckets.len() >= MAX_BUCKETS {
            self.buckets.clear();
        }
        let buckets = self.buckets.entry((api, app.to_owned())).or_insert_with(|| {
            windows.each_ref().map(|window| Bucket { calls: f64::from(window.limit), filled_at: now })
        });
        for (bucket, window) in buckets.iter_mut().zip(&windows) {
            bucket.refill(window, now);
        }
        let empty = buckets
            .iter()
            .zip(&windows)
            .filter(|(bucket, window)| window.limit > 0 && bucket.calls < 1.0)
            .map(|(bucket, window)| Exceeded {
                limit: window.limit,
                reset_seconds: bucket.seconds_until_one(window),
            })
            .max_by_key(|exceeded| exceeded.reset_seconds);
        if let Some(exceeded) = empty {
            return Err(exceeded);
        }
        for bucket in buckets {
            bucket.calls -= 1.0;
        }
        Ok(())
    }
}

impl Bucket {
    fn refill(&mut self, window: &Window, now: i64) {
        let limit = f64::from(window.limit);
        let elapsed = millis_between(self.filled_at, now);
        self.calls = (self.calls + elapsed * limit / window.millis).min(limit);
        self.filled_at = now;
    }

    fn seconds_until_one(self, window: &Window) -> u64 {
        let millis = (1.0 - self.calls) * window.millis / f64::from(window.limit);
        std::time::Duration::from_secs_f64(millis.max(0.0) / 1_000.0).as_secs().saturating_add(1)
    }
}

/// Never negative: the machine's clock may step back.
fn millis_between(earlier: i64, later: i64) -> f64 {
    let millis = u32::try_from(later.saturating_sub(earlier).max(0)).unwrap_or(u32::MAX);
    f64::from(millis)
}

//! Two token buckets per API and app: crossing either one is refused (contract §11.4, §13.9).

use std::collections::HashMap;
use std::time::Duration;

use super::api::Api;
use super::switches::Switches;

/// Apps are few; a caller who invents ids by the thousand starts again with empty buckets.
const MAX_BUCKETS: usize = 10_000;

/// Far less than one call: whoever waits exactly as long as told gets through in spite of rounding.
const TOLERANCE: f64 = 1e-6;

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

/// What one window has seen lately; it drains as time passes.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    used: f64,
    drained_at: i64,
}

/// One window: how many calls fit (0 = no limit), and in how many milliseconds that many drain.
struct Window {
    limit: u32,
    millis: f64,
}

impl RateLimits {
    /// Counts one call in both buckets, or says which one is full and counts nothing.
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
        let empty = Bucket { used: 0.0, drained_at: now };
        let buckets = self.buckets.entry((api, app.to_owned())).or_insert([empty; 2]);
        for (bucket, window) in buckets.iter_mut().zip(&windows) {
            bucket.drain(window, now);
        }
        let full = buckets
            .iter()
            .zip(&windows)
            .filter(|(bucket, window)| {
                window.limit > 0 && bucket.used > f64::from(window.limit) - 1.0 + TOLERANCE
            })
            .map(|(bucket, window)| Exceeded {
                limit: window.limit,
                reset_seconds: bucket.seconds_until_one_fits(window),
            })
            .max_by_key(|exceeded| exceeded.reset_seconds);
        if let Some(exceeded) = full {
            return Err(exceeded);
        }
        for (bucket, _) in buckets.iter_mut().zip(&windows).filter(|(_, window)| window.limit > 0) {
            bucket.used += 1.0;
        }
        Ok(())
    }
}

impl Bucket {
    fn drain(&mut self, window: &Window, now: i64) {
        let limit = f64::from(window.limit);
        let drained = millis_between(self.drained_at, now) * limit / window.millis;
        // The upper bound forgives what a higher limit allowed before a switch lowered it.
        self.used = (self.used - drained).clamp(0.0, limit);
        self.drained_at = now;
    }

    fn seconds_until_one_fits(self, window: &Window) -> u64 {
        let too_many = self.used + 1.0 - f64::from(window.limit);
        let millis = too_many * window.millis / f64::from(window.limit);
        let seconds = Duration::from_secs_f64(millis.max(0.0) / 1_000.0);
        let started = u64::from(seconds.subsec_millis() > 0);
        (seconds.as_secs() + started).max(1)
    }
}

/// Never negative: the machine's clock may step back.
fn millis_between(earlier: i64, later: i64) -> f64 {
    let millis = u32::try_from(later.saturating_sub(earlier).max(0)).unwrap_or(u32::MAX);
    f64::from(millis)
}

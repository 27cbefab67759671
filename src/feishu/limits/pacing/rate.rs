//! Rate limits and what is left of them.

use std::time::Duration;

/// The two windows of Feishu's rate limit, for each API of the app (contract §11.4); 0 = no pacing in that window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls in a second.
    pub per_second: u32,
    /// Calls in a minute.
    pub per_minute: u32,
}

impl Rate {
    /// No pacing; refusals are still waited for.
    pub const OFF: Self = Self { per_second: 0, per_minute: 0 };
}

/// What is left of one window for one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// `second` or `minute`.
    pub name: &'static str,
    /// Calls that the window takes in all.
    pub limit: usize,
    /// Its length.
    pub window: Duration,
    /// Calls that it would take now.
    pub remaining: usize,
    /// After this time it takes more; zero when nothing is used.
    pub reset: Duration,
}

//! Everything that knows Feishu: its payloads, its token, its errors, its ways to fail.
//!
//! [`translate`] turns domain values into payloads without any I/O; [`wire`] holds the payloads' types, letter for
//! letter Feishu's; the rest carries them there and reads what comes back.

pub mod translate;
pub mod wire;

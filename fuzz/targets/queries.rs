//! Query strings are read strictly: any text gives values or violations, never a panic.
#![no_main]

use approval_gateway::domain::{Mode, Timestamp};
use approval_gateway::http::extract::QueryParams;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let mut reader = QueryParams::parse(query).reader();
    let _ = reader.flag("verify");
    let _ = reader.one_of("mode", &[("replace", Mode::Replace), ("update", Mode::Update)]);
    let _ = reader.list("user_id");
    let _ = reader.single("title");
    for violation in reader.finish() {
        assert!(!violation.code.is_empty() && !violation.detail.is_empty());
    }
    if let Ok(time) = Timestamp::parse(query) {
        assert_eq!(Timestamp::from_unix_millis(time.unix_millis()), Some(time));
    }
});

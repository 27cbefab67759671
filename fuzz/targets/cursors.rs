//! A cursor opens only where it was sealed, and only unchanged.
#![no_main]

use std::sync::LazyLock;

use approval_gateway::feishu::{Credentials, Position};
use approval_gateway::http::CursorKey;
use approval_gateway::http::fuzzing::{open_cursor, seal_cursor};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<CursorKey> = LazyLock::new(|| key("secret"));
static OTHER_KEY: LazyLock<CursorKey> = LazyLock::new(|| key("another"));

fn key(secret: &str) -> CursorKey {
    CursorKey::derive(&Credentials { app_id: "cli_fuzz".to_owned(), app_secret: secret.into() }, None)
}

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    segment: u32,
    token: Option<&'a str>,
    skip: u32,
    page_size: u32,
    binding: &'a str,
    other_binding: &'a str,
    /// Where the sealed cursor is changed, and to what.
    forged: (usize, u8),
    cursor: &'a str,
    bytes: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let Input { segment, skip, page_size, binding, other_binding, forged: (place, byte), cursor, .. } = input;
    let token = input.token.map(str::to_owned);
    let position = Position { segment, token, skip: skip as usize, page_size };
    let sealed = seal_cursor(&KEY, binding, &position);
    // A cursor beyond the limit is refused; Feishu's own tokens are far shorter.
    if sealed.len() <= 4096 {
        assert_eq!(open_cursor(&KEY, binding, &sealed).as_ref(), Some(&position));
    }
    assert_eq!(open_cursor(&OTHER_KEY, binding, &sealed), None);
    if other_binding != binding {
        assert_eq!(open_cursor(&KEY, other_binding, &sealed), None);
    }
    let mut changed = sealed.clone().into_bytes();
    let place = place % changed.len();
    changed[place] = byte;
    let changed = String::from_utf8_lossy(&changed);
    for junk in [changed.as_ref(), cursor, &sealed[..place], &format!("{sealed}{cursor}")] {
        // The fuzzer sees what texts are compared with, so it brings back cursors that were sealed in earlier runs.
        if let Some(opened) = open_cursor(&KEY, binding, junk) {
            assert_eq!(junk, seal_cursor(&KEY, binding, &opened), "a forged cursor was opened");
        }
    }
    // Only behind the seal, and harmless all the same.
    let _ = serde_json::from_slice::<Position>(input.bytes);
});

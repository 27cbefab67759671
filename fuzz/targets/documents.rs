//! The parser of flat documents takes any bytes; what it accepts must translate into a sound payload.
#![no_main]

use approval_gateway_fuzz::{Setting, definition, instance, versions};
use libfuzzer_sys::fuzz_target;

// The first byte chooses kind and setting, the rest is the body.
fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let setting = Setting::from_byte(choice / 4);
    match choice % 4 {
        0 => instance(body, Some("i-1"), setting),
        1 => instance(body, None, setting),
        2 => definition(body, setting),
        _ => versions(body, setting),
    }
});

//! One step of a push, often enough for callgrind: `instructions STEP SIZE TIMES`.
//!
//! Instructions hardly depend on the machine or on what else runs there, so `.ci/instructions` compares them with
//! `benches/instructions.baseline`.

mod payloads;

use std::hint::black_box;

use approval_gateway::domain::{ApprovalInstance, Locale, Mode, Region, Timestamp};
use approval_gateway::feishu::translate::instance_payload;
use approval_gateway::flat::{Rules, read_instance};
use payloads::{SIZES, flat};

const RULES: Rules = Rules { region: Region::Feishu, default_locale: Locale::ZH_CN };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` starts every benchmark with this flag; there is nothing to see without callgrind.
    let [step, size, times] = arguments.as_slice() else { return };
    let size = SIZES.into_iter().find(|known| known.to_string() == *size).expect("small, medium or large");
    let times: usize = times.parse().expect("a number of times");
    let body = flat(size);
    let read = || read_instance(&body, Some("EX-1"), Mode::Replace, RULES).expect("a valid document");
    match step.as_str() {
        "read" => (0..times).for_each(|_| measured(|| drop(black_box(read())))),
        "write" => {
            let instance = read();
            (0..times).for_each(|_| measured(|| write(&instance)));
        }
        other => panic!("no such step: {other}"),
    }
}

fn write(instance: &ApprovalInstance<'_>) {
    black_box(instance_payload(black_box(instance), Mode::Replace, Timestamp::FIRST));
}

/// Callgrind counts inside this function only.
#[inline(never)]
fn measured(step: impl FnOnce()) {
    step();
}

//! One step of a push, often enough for callgrind: `instructions STEP SIZE TIMES`, or `instructions list`.
//!
//! Instructions hardly depend on the machine or on what else runs there, so `.ci/instructions` compares them with
//! `benches/instructions.baseline`.
#![expect(clippy::panic, reason = "a benchmark fails by panicking")]

#[expect(dead_code, reason = "the growth curve is for the other benchmark")]
mod payloads;

use std::hint::black_box;

use approval_gateway::domain::{Locale, Mode, Region, Timestamp};
use approval_gateway::feishu::read_push_answer;
use approval_gateway::feishu::translate::instance_payload;
use approval_gateway::flat::{Rules, read_instance};
use bytes::Bytes;
use payloads::{SIZES, answer, flat};

const RULES: Rules = Rules { region: Region::Feishu, default_locale: Locale::ZH_CN };

/// What is counted, in this order.
const STEPS: [&str; 3] = ["read", "write", "decode"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => list(),
        [step, size, times] => run(step, size, times.parse().expect("a number of times")),
        // `cargo bench` starts every benchmark with a flag; there is nothing to see without callgrind.
        _ => {}
    }
}

#[expect(clippy::print_stdout, reason = "the list is what was asked for")]
fn list() {
    for step in STEPS {
        // The answer to a push is as long for every document.
        let sizes = if step == "decode" { &SIZES[..1] } else { &SIZES };
        sizes.iter().for_each(|size| println!("{step} {size}"));
    }
}

fn run(step: &str, size: &str, times: usize) {
    let size = SIZES.into_iter().find(|known| known.to_string() == size).expect("small, medium or large");
    let (body, answer) = (flat(size), Bytes::from(answer()));
    let read = || read_instance(&body, Some("EX-1"), Mode::Replace, RULES).expect("a valid document");
    let instance = read();
    let write = || instance_payload(black_box(&instance), Mode::Replace, Timestamp::FIRST);
    let decode = || read_push_answer(black_box(answer.clone())).expect("a success");
    match step {
        "read" => repeat(times, read),
        "write" => repeat(times, write),
        "decode" => repeat(times, decode),
        other => panic!("no such step: {other}"),
    }
}

fn repeat<T>(times: usize, step: impl Fn() -> T) {
    for _ in 0..times {
        measured(|| drop(black_box(step())));
    }
}

/// Callgrind counts inside this function only.
#[inline(never)]
fn measured(step: impl FnOnce()) {
    step();
}

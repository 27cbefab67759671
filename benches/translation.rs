//! What one push costs apart from the network: reading and checking, translating and writing, reading the answer.
//!
//! `cargo bench --bench translation`; time and allocations, at three sizes and along a growth curve.

mod payloads;

use approval_gateway::document::{CardRules, Rules, read_instance};
use approval_gateway::domain::{Locale, Mode, Region, Timestamp};
use approval_gateway::feishu::read_push_answer;
use approval_gateway::feishu::translate::instance_payload;
use bytes::Bytes;
use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use payloads::{GROWTH, SIZES, Size, answer, document};

/// Counts what each benchmark allocates.
#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const RULES: Rules = Rules {
    region: Region::Feishu,
    default_locale: Locale::ZH_CN,
    update_needs_version: true,
    cards: CardRules { are_sent: false, by_default: false, have_buttons: false },
};

fn main() {
    divan::main();
}

/// Reads and checks one document.
#[divan::bench(args = SIZES.into_iter().chain(GROWTH))]
fn read(bencher: Bencher<'_, '_>, size: Size) {
    let body = document(size);
    let length = BytesCount::new(body.len());
    bencher
        .counter(length)
        .bench(|| read_instance(divan::black_box(&body), Some("EX-1"), Mode::Replace, RULES));
}

/// Translates and writes one instance.
#[divan::bench(args = SIZES.into_iter().chain(GROWTH))]
fn write(bencher: Bencher<'_, '_>, size: Size) {
    let body = document(size);
    let instance = read_instance(&body, Some("EX-1"), Mode::Replace, RULES).expect("a valid document");
    bencher.bench(|| instance_payload(divan::black_box(&instance), Mode::Replace, Timestamp::FIRST));
}

/// Classifies and reads what Feishu says to a push; its answer does not grow with the document.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let answer = Bytes::from(answer());
    bencher.bench(|| read_push_answer(divan::black_box(answer.clone())));
}

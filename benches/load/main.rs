//! What `.ci/load` needs beside the gateway: `load documents FOLDER` writes what is sent, `load upstream` is Feishu.
#![expect(clippy::panic, reason = "a benchmark fails by panicking")]

#[path = "../payloads/mod.rs"]
#[expect(dead_code, reason = "the growth curve is for another benchmark")]
mod payloads;
mod upstream;

use std::{fs, path::Path};

use approval_gateway::document::{CardRules, Rules, read_instance};
use approval_gateway::domain::{Locale, Mode, Region};
use approval_gateway::feishu::translate::instance_payload;
use payloads::{SIZES, answer, document};

const RULES: Rules = Rules {
    region: Region::Feishu,
    default_locale: Locale::ZH_CN,
    update_needs_version: true,
    cards: CardRules { are_sent: false, by_default: false, have_buttons: false },
};

/// As long as the ids that `.ci/load` makes up, so that every payload has the length of the ready one.
const ID: &str = "load-0123456789abcdef";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["documents", folder] => documents(Path::new(folder)),
        ["upstream"] => {
            upstream::run(&answer()).unwrap_or_else(|error| panic!("the upstream failed: {error}"));
        }
        // `cargo bench` starts every benchmark with a flag; `.ci/load` is what starts this one.
        _ => {}
    }
}

/// Each size as callers send it, and as Feishu gets it: what a plain proxy is given to pass on.
fn documents(folder: &Path) {
    for size in SIZES {
        let document = document(size);
        let instance = read_instance(&document, Some(ID), Mode::Replace, RULES).expect("a valid document");
        let version = instance.updated_at.expect("a document with its time");
        let ready =
            instance_payload(&instance, Mode::Replace, version).expect("a payload that is not too large");
        fs::write(folder.join(format!("{size}.document.json")), &document).expect("a folder to write to");
        fs::write(folder.join(format!("{size}.ready.json")), &ready).expect("a folder to write to");
    }
}

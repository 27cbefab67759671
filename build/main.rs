//! What has to be there before the gateway is compiled and linked.
#![expect(clippy::print_stdout, reason = "this is how it talks to cargo")]

mod code_layout;
mod page;

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    // Without this line a change of any file of the package runs this program again.
    println!("cargo::rerun-if-changed=build");
    // Says whether the compiler counts (build/rustc), so a change of it compiles anew.
    println!("cargo::rerun-if-env-changed=RECORD_PROFILE_INTO");
    let directory = PathBuf::from(env::var("OUT_DIR")?);
    page::prepare(&directory)?;
    code_layout::ask_for(&directory)
}

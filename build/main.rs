//! What has to be there before the gateway is compiled.
#![expect(clippy::print_stdout, reason = "this is how it talks to cargo")]

mod gzip;
mod pages;
mod swagger_ui;

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    // Without this line a change of any file of the package runs this program again.
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", pages::BUILT);
    let directory = PathBuf::from(env::var("OUT_DIR")?);
    swagger_ui::prepare(&directory)?;
    pages::prepare(&directory)
}

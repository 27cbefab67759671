//! Has the linker put the functions that usually run beside each other.
//!
//! A gateway at work uses a fifth of its code, which would lie scattered over all of it; and the system brings code into
//! memory by pieces of 64 KiB. With those functions in one place the gateway takes some 4 MiB less, and with those of every
//! push in front there are fewer pages to look up at each (`docs/performance.md`). Names that no longer exist do no harm;
//! `.ci/code-layout` says when there are many.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A linker script that adds to the linker's own; see <https://sourceware.org/binutils/docs/ld/Miscellaneous-Commands.html>.
const SCRIPT: &str = "build/often.ld";

/// What only lld knows, and does nothing. GNU ld would take the script, too, but then make more than the code executable.
const ONLY_LLD: &str = "-Wl,--symbol-ordering-file=/dev/null";

/// Keeps addresses that are set right at the start in a table of a fiftieth of the size: half a megabyte of the binary and
/// of memory. glibc knows it since 2.36.
const SMALL_RELOCATIONS: &str = "-Wl,-z,pack-relative-relocs";

/// Passes to the linker what it takes of this, in a release.
pub(crate) fn ask_for(directory: &Path) -> Result<(), Box<dyn Error>> {
    let is_release = env::var("PROFILE")? == "release" && env::var_os("CARGO_FEATURE_FUZZING").is_none();
    if !is_release || env::var("CARGO_CFG_TARGET_OS")? != "linux" {
        return Ok(());
    }
    let script = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(SCRIPT);
    let layout = format!("-Wl,-T,{}", script.display());
    match trial(&[&layout, ONLY_LLD], directory)? {
        Ok(_) => println!("cargo::rustc-link-arg-bins={layout}"),
        Err(why) => println!("cargo::warning=without lld the gateway takes some 4 MiB more memory: {why}"),
    }
    // A program for another machine cannot be run here, and its C library may be older.
    if env::var("TARGET")? == env::var("HOST")?
        && let Ok(program) = trial(&[SMALL_RELOCATIONS], directory)?
        && Command::new(program).status().is_ok_and(|status| status.success())
    {
        println!("cargo::rustc-link-arg-bins={SMALL_RELOCATIONS}");
    }
    Ok(())
}

/// A program that does nothing, linked with these arguments, or why it was not: which linker is used, and what it knows,
/// is hard to foresee.
fn trial(arguments: &[&str], directory: &Path) -> Result<Result<PathBuf, String>, Box<dyn Error>> {
    let source = directory.join("trial.rs");
    fs::write(&source, "fn main() {}")?;
    let program = directory.join("trial");
    let mut rustc = Command::new(env::var_os("RUSTC").ok_or("cargo names no compiler")?);
    rustc.arg(source).arg("-o").arg(&program).args(["--target", &env::var("TARGET")?]);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    rustc.args(env::var("CARGO_ENCODED_RUSTFLAGS")?.split('\u{1f}').filter(|flag| !flag.is_empty()));
    rustc.args(arguments.iter().map(|argument| format!("-Clink-arg={argument}")));
    let done = rustc.output()?;
    if done.status.success() {
        return Ok(Ok(program));
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let why = said.lines().find(|line| line.contains("ld: ")).unwrap_or("the compiler failed");
    Ok(Err(why.trim().to_owned()))
}

//! Files that are kept compressed, as they are sent.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes `<name>.gz` into the directory.
pub(crate) fn write(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    fs::write(directory.join(format!("{name}.gz")), encoder.finish()?)?;
    Ok(())
}

//! Takes from Swagger UI the files that the page of the API loads, and compresses the large ones.
//!
//! All of its files, as they are, would be 4.3 MB of the binary; these are 0.44 MB. `src/http/openapi/docs` serves them.

use std::error::Error;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use super::gzip;

/// Files that are kept compressed, as `<name>.gz`.
const COMPRESSED: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

/// Files that compression would not make smaller.
const AS_THEY_ARE: [&str; 3] = ["index.css", "favicon-16x16.png", "favicon-32x32.png"];

/// Writes the files into the directory of what is built.
pub(crate) fn prepare(directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for name in COMPRESSED {
        gzip::write(directory, name, &file(&mut archive, name)?)?;
    }
    for name in AS_THEY_ARE {
        fs::write(directory.join(name), file(&mut archive, name)?)?;
    }
    Ok(())
}

/// A file of the distribution, which lies in `swagger-ui-<version>/dist`.
fn file(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let wanted = format!("dist/{name}");
    let is_wanted = |path: &str| path.split_once('/').is_some_and(|(_, below)| below == wanted);
    let path = archive
        .file_names()
        .flatten()
        .find(|path| is_wanted(path))
        .ok_or_else(|| format!("Swagger UI no longer has {wanted}; find out what its page loads instead"))?
        .into_owned();
    let mut bytes = Vec::new();
    archive.by_name(&path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

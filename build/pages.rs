//! Compresses the built files of the pages under `pages/dist`, which `src/pages` sends as they are then.

use std::error::Error;
use std::fs;
use std::path::Path;

use super::gzip;

/// Where the pages are built to; Node is needed for that, and not for the gateway.
pub(crate) const BUILT: &str = "pages/dist";

/// The pages, each a directory there.
const PAGES: [&str; 2] = ["sandbox", "console"];

/// The files of each page.
const FILES: [&str; 4] = ["index.html", "page.js", "page.css", "icon.svg"];

/// Writes `<page>-<file>.gz` for each into the directory of what is built.
pub(crate) fn prepare(directory: &Path) -> Result<(), Box<dyn Error>> {
    for page in PAGES {
        for file in FILES {
            let built = Path::new(BUILT).join(page).join(file);
            let bytes = fs::read(&built).map_err(|error| format!("{}: {error}", built.display()))?;
            gzip::write(directory, &format!("{page}-{file}"), &bytes)?;
        }
    }
    Ok(())
}

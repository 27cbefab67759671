//! `openapi`: the OpenAPI file on standard output.

use std::io::{self, Write as _};

use super::CommandResult;
use crate::cli::{OpenapiArgs, SpecFormat, SpecVersion};
use crate::http::openapi::{Format, Version, text};

pub(super) fn run(args: &OpenapiArgs) -> CommandResult {
    let version = match args.spec_version {
        SpecVersion::V3_1 => Version::V3_1,
        SpecVersion::V3_0 => Version::V3_0,
    };
    let format = match args.format {
        SpecFormat::Json => Format::Json,
        SpecFormat::Yaml => Format::Yaml,
    };
    match io::stdout().lock().write_all(text(version, format).as_bytes()) {
        // Whoever reads it has seen enough, as `head` has.
        Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

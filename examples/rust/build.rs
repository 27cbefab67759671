//! Generates the client from the gateway's OpenAPI file; progenitor reads 3.0 only.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};

/// The file that the gateway's repository keeps; `approval-gateway openapi --version 3.0` prints it.
const SPECIFICATION: &str = "../../openapi/openapi-3.0.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SPECIFICATION}");
    let mut specification: serde_json::Value = serde_json::from_str(&fs::read_to_string(SPECIFICATION)?)?;
    // Progenitor sends no NDJSON, which an import is.
    specification["paths"]["/v1/imports"].as_object_mut().map(|import| import.remove("post"));
    let specification = serde_json::from_value(specification)?;
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    let code = Generator::new(&settings).generate_tokens(&specification)?;
    let file = PathBuf::from(env::var("OUT_DIR")?).join("gateway.rs");
    fs::write(file, prettyplease::unparse(&syn::parse2(code)?))?;
    Ok(())
}

//! The configuration file: TOML, flattened to dotted names.

use std::path::Path;

use super::app_settings;
use super::error::ConfigError;
use super::origin::Origin;
use super::value::Raw;
use crate::support::file_reader::FileReader;

/// Reads and flattens the file; what its values mean is decided later.
pub(super) fn read(path: &Path, named_by: &Origin) -> Result<Vec<(String, Raw)>, ConfigError> {
    let text = FileReader::new(path).read_text().map_err(|source| ConfigError::FileUnreadable {
        path: path.to_owned(),
        named_by: named_by.clone(),
        source,
    })?;
    let table = text.parse::<toml::Table>().map_err(|error| {
        let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
        // Only the parser's message: its `Display` repeats the line, which may hold a secret.
        let message = error.message().replace('\n', ", ");
        ConfigError::FileMalformed { path: path.to_owned(), line, column, message }
    })?;
    let mut values = Vec::new();
    flatten("", table, &mut values);
    Ok(values)
}

fn flatten(prefix: &str, table: toml::Table, values: &mut Vec<(String, Raw)>) {
    for (key, value) in table {
        // A quoted key with a dot in it is another name than the dotted one, and must not pass for it.
        let key = if key.contains('.') { format!("{key:?}") } else { key };
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) if is_section(&name) || !inner.is_empty() => {
                flatten(&name, inner, values);
            }
            value => values.push((name, Raw::Toml(value))),
        }
    }
}

/// An app's own section stays a value while it is empty, because it declares the app.
fn is_section(name: &str) -> bool {
    app_settings::is_section(name) && !app_settings::is_app(name)
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("", 0 => (1, 1); "an empty file")]
    #[test_case("a = 1\nb = ?", 10 => (2, 5); "the second line")]
    #[test_case("名字 = ?", 9 => (1, 6); "columns count characters, not bytes")]
    #[test_case("a = 1", 99 => (1, 6); "past the end")]
    fn position_of(text: &str, offset: usize) -> (usize, usize) {
        position(text, offset)
    }
}

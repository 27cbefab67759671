//! As much of Markdown as the documents use: fenced blocks, headings and tables.

use std::fs;
use std::path::Path;

/// A document of this repository.
pub(crate) struct Document {
    /// Its path from the top.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block.
pub(crate) struct Block {
    /// What stands behind the opening fence: `sh`, `sh session`, `json`.
    pub(crate) info: String,
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// The READMEs, CONTRIBUTING.md and everything in docs/.
pub(crate) fn documents() -> Vec<Document> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"].map(str::to_owned).to_vec();
    for entry in fs::read_dir(top.join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.sort();
    names.into_iter().map(|name| document(&name)).collect()
}

pub(crate) fn document(name: &str) -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    Document { name: name.to_owned(), text: fs::read_to_string(path).unwrap() }
}

impl Document {
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.text.lines().enumerate() {
            let fence = line.trim_start().strip_prefix("```");
            match (&mut open, fence) {
                (None, Some(info)) => {
                    open = Some(Block { info: info.to_owned(), line: index + 1, text: String::new() });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => block.text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is never closed", self.name);
        blocks
    }

    /// The cells of the first table below a heading, without its head.
    pub(crate) fn table_below(&self, heading: &str) -> Vec<Vec<String>> {
        let section = self.text.split_once(&format!("\n## {heading}\n"));
        let (_, section) = section.unwrap_or_else(|| panic!("{} has no heading {heading}", self.name));
        let rows = section.lines().skip_while(|line| !line.starts_with('|'));
        let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
        rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
            .collect()
    }
}

/// The words between backticks.
pub(crate) fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

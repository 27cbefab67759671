//! Every command line in the documents is one that the program understands, and every command is in the README.

use approval_gateway::cli::Cli;
use clap::{CommandFactory, Parser};

use super::markdown::{document, documents, quoted};

/// What a reader types, up to a redirection or a comment.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let typed = line.strip_prefix("cargo run -- ").or_else(|| line.strip_prefix("approval-gateway "))?;
    let typed = typed.split([' ', '\t']).take_while(|word| !matches!(*word, "<" | ">" | "#" | "|" | "&"));
    let words = typed.filter(|word| !word.is_empty()).map(str::to_owned);
    Some(std::iter::once("approval-gateway".to_owned()).chain(words).collect())
}

#[test]
fn every_command_line_shown_is_understood() {
    let mut checked = 0;
    for document in documents() {
        let blocks = document.blocks();
        let typed = blocks.iter().filter(|block| matches!(block.info.as_str(), "sh" | "console"));
        let in_blocks = typed.flat_map(|block| block.text.lines());
        let in_tables = document.text.lines().filter(|line| line.starts_with("| `")).flat_map(quoted);
        for arguments in in_blocks.chain(in_tables).filter_map(arguments) {
            let parsed = Cli::try_parse_from(&arguments).map(|_| ());
            assert_eq!(parsed.map_err(|error| error.to_string()), Ok(()), "{}: {arguments:?}", document.name);
            checked += 1;
        }
    }
    assert!(checked >= 8, "only {checked} command lines were found");
}

#[test]
fn the_readme_names_every_command() {
    let rows = document("README.md").table_below("Commands");
    let lines: Vec<_> = rows.iter().flat_map(|row| quoted(&row[0])).filter_map(arguments).collect();
    for command in Cli::command().get_subcommands() {
        assert!(lines.iter().any(|line| line[1] == command.get_name()), "{} is missing", command.get_name());
    }
}

//! The tables of settings and of errors follow the code.

use approval_gateway::config::schema::{CONFIG_VARIABLE, SETTINGS};
use approval_gateway::http::problem::Code;

use super::markdown::document;

#[test]
fn the_table_of_settings_is_that_of_the_code() {
    let own = [vec![
        format!("`{CONFIG_VARIABLE}`"),
        "–".to_owned(),
        "the configuration file, unless `--config` names one".to_owned(),
    ]];
    let settings = SETTINGS.iter().map(|setting| {
        let default = setting.default.map_or("–".to_owned(), |default| format!("`{default}`"));
        vec![format!("`{}`", setting.environment_variable()), default, setting.meaning.to_owned()]
    });
    let expected: Vec<_> = own.into_iter().chain(settings).collect();
    let table: String = expected.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
    assert_eq!(document("docs/settings.md").table_below("All settings"), expected, "it should be:\n{table}");
}

#[test]
fn the_table_of_errors_is_that_of_the_code() {
    let shown: Vec<_> =
        document("docs/errors.md").table_below("Codes").into_iter().map(|row| row[..3].to_vec()).collect();
    let expected: Vec<_> = Code::all()
        .map(|code| {
            let retry = if code.retryable() { "yes" } else { "no" };
            vec![format!("`{code}`"), code.status().as_u16().to_string(), retry.to_owned()]
        })
        .collect();
    assert_eq!(shown, expected);
}

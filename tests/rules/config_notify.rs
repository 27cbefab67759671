//! Whether people are told that a task waits, as the configuration says it for each app.

use approval_gateway::config::{Config, Purpose, Sources};

fn load(environment: &[(&str, &str)]) -> Result<Vec<(String, bool)>, String> {
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() }
        .with_environment(environment.iter().copied());
    let config = Config::load(sources).map_err(|errors| errors.to_string())?;
    Ok(config.apps.iter().map(|app| (app.name.to_string(), app.notify_tasks)).collect())
}

#[test]
fn each_app_says_for_itself_whether_cards_are_sent() {
    assert_eq!(load(&[]).unwrap(), [("default".to_owned(), false)]);
    let apps = [("GATEWAY_FEISHU__NOTIFY__TASKS", "true"), ("GATEWAY_APPS__ERP__REGION", "lark")];
    let expected = [("default".to_owned(), true), ("erp".to_owned(), false)];
    assert_eq!(load(&apps).unwrap(), expected);
    let wrong = load(&[("GATEWAY_FEISHU__NOTIFY__TASKS", "yes")]).unwrap_err();
    assert!(wrong.contains("GATEWAY_FEISHU__NOTIFY__TASKS") && wrong.contains("true"), "{wrong}");
}

#[test]
fn cards_need_a_ledger() {
    let refused =
        load(&[("GATEWAY_FEISHU__NOTIFY__TASKS", "true"), ("GATEWAY_LEDGER__URL", "none")]).unwrap_err();
    assert!(refused.contains("GATEWAY_LEDGER__URL") && refused.contains("notify.tasks"), "{refused}");
}

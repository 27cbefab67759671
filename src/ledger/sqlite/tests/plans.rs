//! No statement of the hot path looks at more rows than it needs.

use rusqlite::Connection;

use super::super::{cards, commands, events, imports, migrations, queries, tasks, transaction};

#[test]
fn every_statement_of_the_hot_path_searches_an_index() {
    let connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&connection).unwrap();
    let statements = [
        transaction::select("where app = ?1 and instance_id = ?2"),
        "update instance set state = ?1, due_at = ?2, import_no = ?3 where instance_no = ?4".to_owned(),
        queries::DUE.to_owned(),
        queries::NEXT_CALLER.to_owned(),
        queries::DUE_OF_IMPORT.to_owned(),
        queries::CHECK_DUE.to_owned(),
        queries::OLDEST_PENDING.to_owned(),
        queries::TALLY.to_owned(),
        queries::HISTORY.to_owned(),
        queries::DEFINITIONS.to_owned(),
        queries::all_behind(),
        queries::open_behind(),
        tasks::BY_IDS.to_owned(),
        tasks::BY_TASK_ID.to_owned(),
        tasks::BY_CONTEXT.to_owned(),
        tasks::OF_INSTANCE.to_owned(),
        tasks::ACTION.to_owned(),
        queries::APP_TICKET.to_owned(),
        "delete from action where app = ?1 and until <= ?2".to_owned(),
        cards::of_instance(),
        cards::due(),
        cards::WAITING.to_owned(),
        cards::OLDEST.to_owned(),
        cards::FORGET.to_owned(),
        format!("delete from card where card_no in ({})", cards::ENDED),
        tasks::BY_MESSAGE.to_owned(),
        events::by_number(),
        events::due(),
        events::in_state(),
        events::of_instance(),
        events::hold_back(),
        events::move_up(),
        events::waiting_up_to(),
        events::PENDING.to_owned(),
        events::OLDEST.to_owned(),
        events::NEWEST_TOO_MANY.to_owned(),
        events::FORGET.to_owned(),
        format!("delete from event where event_no in ({})", events::ENDED),
        imports::waiting(),
        imports::waiting_imports(),
        commands::expired(),
        format!("delete from instance where instance_no in ({})", commands::OUTDATED),
        "delete from history where instance_no = ?1 and number <= ?2".to_owned(),
    ];
    for sql in statements {
        let mut statement = connection.prepare(&format!("explain query plan {sql}")).unwrap();
        let parameters = vec![rusqlite::types::Null; statement.parameter_count()];
        let steps = statement
            .query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3))
            .unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        let is_wanted = |step: &String| {
            ["SEARCH", "LIST SUBQUERY", "SCALAR SUBQUERY"].iter().any(|kind| step.starts_with(kind))
        };
        assert!(!steps.is_empty() && steps.iter().all(is_wanted), "{sql}\n{steps:#?}");
    }
}

#[test]
fn reading_the_plan_sees_a_scan() {
    let connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&connection).unwrap();
    let sql = "explain query plan select * from instance where caller = 'erp' order by due_at";
    let plan = connection.query_row(sql, [], |row| row.get::<_, String>(3)).unwrap();
    assert!(plan.starts_with("SCAN"), "{plan}");
}

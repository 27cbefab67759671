//! No statement of the hot path looks at more rows than it needs.

use super::super::{actions, card_queue, cards, imports, load, outbox, queries, save, tasks, writer};
use super::TestDatabase;

/// The plan of a statement whose parameters are all null, as PostgreSQL would make it for large tables.
fn plan(database: &TestDatabase, sql: &str) -> String {
    let count = (1..60).take_while(|number| sql.contains(&format!("${number}"))).count();
    let nulls = vec!["null"; count].join(", ");
    let call = if count == 0 { "execute asked".to_owned() } else { format!("execute asked({nulls})") };
    database.sql(&format!(
        "set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare asked as {sql}; \
         explain (costs off) {call}"
    ))
}

#[tokio::test]
async fn every_statement_of_the_hot_path_searches_an_index() {
    let Some(database) = TestDatabase::new().await else { return };
    let statements: Vec<String> = vec![
        load::LOCK.replace("unnest($1, $2)", "unnest($1::text[], $2::text[])"),
        load::BODIES.replace("unnest($1, $2)", "unnest($1::text[], $2::text[])"),
        save::CUT_HISTORY.replace("unnest($1, $2)", "unnest($1::bigint[], $2::bigint[])"),
        save::DROP_EARLIER.to_owned(),
        save::DROP_DOCUMENTS.to_owned(),
        cards::OF_INSTANCES.replace("unnest($1, $2)", "unnest($1::text[], $2::text[])"),
        card_queue::due(),
        card_queue::SUMMARY.to_owned(),
        cards::DROP.to_owned(),
        cards::FORGET.to_owned(),
        actions::BY_MESSAGE.to_owned(),
        outbox::due(),
        outbox::in_state(),
        outbox::of_instance(),
        outbox::SUMMARY.to_owned(),
        imports::ONE.clone(),
        imports::LOCK.clone(),
        imports::BEHIND.clone(),
        imports::WAITING.clone(),
        queries::ONE.clone(),
        queries::SEVERAL.clone(),
        queries::DOCUMENT.clone(),
        queries::HISTORY.to_owned(),
        queries::DUE.to_owned(),
        queries::DUE_OF_IMPORT.to_owned(),
        queries::WAITING_OF_IMPORT.to_owned(),
        queries::CHECK_DUE.to_owned(),
        queries::SUMMARY.to_owned(),
        queries::EXPIRED.to_owned(),
        queries::DROP_OUTDATED.to_owned(),
        queries::DEFINITIONS.to_owned(),
        queries::deliveries_behind(false),
        queries::deliveries_behind(true),
        queries::looked_to(false),
        queries::looked_to(true),
        actions::BY_IDS.to_owned(),
        actions::BY_TASK_ID.to_owned(),
        actions::BY_CONTEXT.to_owned(),
        tasks::OF_INSTANCES.replace("unnest($1, $2)", "unnest($1::text[], $2::text[])"),
        tasks::DROP.to_owned(),
        actions::ACTION.to_owned(),
        queries::APP_TICKET.to_owned(),
        actions::FORGET.to_owned(),
        writer::COMPACT.to_owned(),
    ];
    for sql in statements {
        let plan = plan(&database, &sql);
        let scans = plan.lines().filter(|line| line.contains("Seq Scan"));
        assert_eq!(scans.collect::<Vec<_>>(), Vec::<&str>::new(), "{sql}\n{plan}");
        // An index that is read from end to end is no search.
        let mut lines = plan.lines().peekable();
        while let Some(line) = lines.next() {
            let is_search = !line.contains("Index Scan") && !line.contains("Index Only Scan")
                || lines.peek().is_some_and(|next| next.contains("Index Cond"))
                || line.contains("tally_pkey");
            assert!(is_search, "{sql}\n{plan}");
        }
    }
    database.drop();
}

#[tokio::test]
async fn reading_the_plan_sees_a_scan() {
    let Some(database) = TestDatabase::new().await else { return };
    let plan = plan(&database, "select * from instance where caller = 'erp' order by due_at");
    assert!(plan.contains("Seq Scan"), "{plan}");
    database.drop();
}

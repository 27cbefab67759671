//! Behind a transaction pooler: every transaction may be on another connection of the server.

use std::process::{Command, Stdio};

use futures_util::future::join_all;

use super::{TestDatabase, accept, content, open, settings};
use crate::domain::AppName;
use crate::ledger::{DeliveryFilter, HolderNote, Leases as _, Ledger as _, PageRequest, ReplicaId};
use crate::support::clock::Clock;

/// PgBouncer with fewer connections than callers, until its input ends.
fn pooler(database: &TestDatabase, port: u16) -> Option<std::process::Child> {
    let directory = database.server.directory();
    let configuration = directory.join(format!("pgbouncer-{port}.ini"));
    std::fs::write(
        &configuration,
        format!(
            "[databases]\n* = host={dir} port=5432 user=postgres\n[pgbouncer]\npool_mode = transaction\n\
             default_pool_size = 3\nauth_type = any\nunix_socket_dir = {dir}\nlisten_port = {port}\n\
             logfile = /dev/null\n",
            dir = directory.display()
        ),
    )
    .unwrap();
    let start = "pgbouncer -q \"$1\" 2>/dev/null & trap 'kill $!' EXIT; cat >/dev/null";
    let installed = super::server::as_nobody("pgbouncer").arg("--version").output();
    if !installed.is_ok_and(|output| output.status.success()) {
        let may_skip = std::env::var_os("GATEWAY_TESTS_SKIP_NOTHING").is_none();
        assert!(may_skip, "PgBouncer is not installed (Debian: the package pgbouncer)");
        println!("SKIPPED: PgBouncer is not installed (Debian: the package pgbouncer)");
        return None;
    }
    let mut command: Command = super::server::as_nobody("bash");
    let child =
        command.args(["-c", start, "pooler"]).arg(&configuration).stdin(Stdio::piped()).spawn().unwrap();
    let socket = directory.join(format!(".s.PGSQL.{port}"));
    let mut looks = 0;
    while !socket.exists() {
        looks += 1;
        assert!(looks < 300, "PgBouncer does not start");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Some(child)
}

#[tokio::test]
async fn a_transaction_pooler_in_between_changes_nothing() {
    let Some(database) = TestDatabase::new().await else { return };
    let Some(mut pooler) = pooler(&database, 6543) else { return };
    let directory = database.server.directory().display().to_string().replace('/', "%2F");
    let settings = settings(&format!("postgres://postgres@{directory}:6543/{}", database.name));
    let ledgers =
        [open(&settings, Clock::System).await.unwrap(), open(&settings, Clock::System).await.unwrap()];
    let app = AppName::default();
    for round in 0..5 {
        let accepts = (0..60_usize).map(|number| {
            let ledger = &ledgers[number % 2];
            async move {
                let id = (number % 20).to_string();
                accept(ledger, &id, &format!("{round} {number}")).await.unwrap();
                assert!(content(ledger, &id).await.is_some());
                ledger
                    .deliveries(&AppName::default(), &DeliveryFilter::default(), PageRequest::first(5))
                    .await
                    .unwrap();
            }
        });
        join_all(accepts).await;
        for (number, ledger) in ledgers.iter().enumerate() {
            let replica = ReplicaId::new(format!("replica {number}"));
            ledger.acquire(&app, &replica, &HolderNote::default()).await.unwrap();
            assert_eq!(
                ledger.heartbeat(&replica).await.unwrap() as usize,
                if round == 0 { number + 1 } else { 2 }
            );
        }
    }
    assert_eq!(ledgers[0].lease(&app).await.unwrap().epoch.0, 1);
    for ledger in &ledgers {
        ledger.close().await;
    }
    drop(pooler.stdin.take());
    pooler.wait().unwrap();
    assert_eq!(super::super::check(&database.settings()).await.unwrap().faults, Vec::<String>::new());
}

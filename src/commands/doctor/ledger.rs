//! The ledger: can this machine keep what is accepted?

use std::path::Path;

use super::advice::{self, Advice};
use super::report::{Finding, State};
use crate::config::AppConfig;
use crate::domain::AppName;
use crate::ledger::Lease;
use crate::ledger::postgres::{self, PostgresSettings};
use crate::ledger::sqlite::{OpenError, Standing, examine};
use crate::support::error_chain::ErrorChain;

/// Least part of a disk that should be free, in percent; there is an alert for it, too.
const LEAST_FREE: u64 = 10;

/// What is to be said of the ledger at this path. Changes nothing of it.
pub(super) fn findings(path: &Path) -> Vec<Finding> {
    match examine(path) {
        Ok(standing) => {
            let detail = match standing {
                Standing { is_open: true, .. } => "a gateway has it open",
                Standing { exists: true, .. } => "it is there, and no gateway has it open",
                Standing { exists: false, .. } => "the first start of a gateway makes it",
            };
            let file = finding("file", State::Ok, detail.to_owned(), None);
            std::iter::once(file).chain(standing.disk.map(disk)).collect()
        }
        Err(error) => {
            let detail = ErrorChain(&error).to_string();
            vec![finding("file", State::Failed, detail, Some(advice(&error)))]
        }
    }
}

/// How far the clocks may be apart, in milliseconds, without anybody being told to set one.
const MOST_APART: i64 = 60_000;

/// What is to be said of the ledger in this database, and of the gateways that share it. Changes nothing of it.
pub(super) async fn findings_of_postgres(settings: &PostgresSettings, apps: &[AppConfig]) -> Vec<Finding> {
    let postgres::Standing { version, schema, known, unsafe_setting, clock_ahead, replicas, leases } =
        match postgres::examine(settings).await {
            Ok(standing) => standing,
            Err(error) => {
                let detail = ErrorChain(&error).to_string();
                let subject = subject(&error);
                return vec![finding(subject, State::Failed, detail, Some(postgres_advice(&error)))];
            }
        };
    let ok = |subject, detail| finding(subject, State::Ok, detail, None);
    let schema = match schema {
        None => "the first start of a gateway makes it".to_owned(),
        Some(schema) if schema < known => {
            format!("schema {schema}; the next start of a gateway makes it {known}")
        }
        Some(schema) => format!("schema {schema}"),
    };
    let durability = match unsafe_setting {
        None => ok("durability", "what is acknowledged survives a crash of the server".to_owned()),
        Some(setting) => ok("durability", format!("{setting} is off, and ledger.allow_unsafe takes that")),
    };
    let apart = format!("{} ms apart from the database's", clock_ahead.abs());
    let clock = if clock_ahead.abs() <= MOST_APART {
        ok("clock", apart)
    } else {
        finding("clock", State::Failed, apart, Some(advice::database_clock()))
    };
    let mut findings = vec![
        ok("database", format!("PostgreSQL {version} answers")),
        ok("schema", schema),
        ok("permissions", "the user may do what a gateway needs".to_owned()),
        durability,
        clock,
    ];
    findings.extend(apps.iter().map(|app| lease(&app.name, leases.get(app.name.as_str()), replicas)));
    findings
}

/// Who pushes for an app.
fn lease(app: &AppName, lease: Option<&Lease>, replicas: u64) -> Finding {
    let held = lease.filter(|lease| !lease.is_free());
    if let Some(Lease { holder: Some(holder), epoch, note_age, .. }) = held {
        let (epoch, age) = (epoch.0, note_age.as_secs());
        let detail = format!("{holder} of {replicas} pushes for {app}: epoch {epoch}, heard of {age} s ago");
        return finding("lease", State::Ok, detail, None);
    }
    if replicas == 0 {
        return finding("lease", State::Ok, format!("no gateway runs that could push for {app}"), None);
    }
    let detail = format!("{replicas} gateways run, and none pushes for {app}");
    finding("lease", State::Failed, detail, Some(advice::nobody_pushes()))
}

/// What of the database is wrong.
fn subject(error: &postgres::OpenError) -> &'static str {
    use postgres::OpenError::{Foreign, Missing, Newer, Permission, Unsafe};
    match error {
        Permission { .. } => "permissions",
        Unsafe { .. } => "durability",
        Foreign { .. } | Missing { .. } | Newer { .. } => "schema",
        _ => "database",
    }
}

fn postgres_advice(error: &postgres::OpenError) -> Advice {
    use postgres::OpenError::{Foreign, Newer, OldServer, Permission, Standby, Unsafe};
    match error {
        Permission { .. } => advice::database_permission(),
        Unsafe { .. } => advice::database_forgets(),
        Foreign { .. } => advice::foreign_database(),
        Newer { .. } => advice::newer_ledger(),
        Standby { .. } => advice::standby_database(),
        OldServer { .. } => advice::old_database(),
        _ => advice::no_database(),
    }
}

fn disk((free, all): (u64, u64)) -> Finding {
    let mib = |bytes: u64| bytes >> 20;
    let detail = format!("{} of {} MiB are free", mib(free), mib(all));
    if free < all / 100 * LEAST_FREE {
        finding("disk", State::Failed, detail, Some(advice::disk_space()))
    } else {
        finding("disk", State::Ok, detail, None)
    }
}

fn finding(subject: &'static str, state: State, detail: String, advice: Option<Advice>) -> Finding {
    Finding { check: "ledger", subject: Some(subject), state, detail, advice }
}

fn advice(error: &OpenError) -> Advice {
    match error {
        OpenError::NoDirectory { .. } => advice::no_directory(),
        OpenError::NetworkFileSystem { .. } => advice::network_file_system(),
        OpenError::ReadOnly { .. } => advice::not_writable(),
        OpenError::Foreign { .. } => advice::foreign_file(),
        OpenError::Corrupt { .. } => advice::damaged_ledger(),
        OpenError::Newer { .. } => advice::newer_ledger(),
        _ => advice::ledger_io(),
    }
}

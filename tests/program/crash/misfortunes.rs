//! Three gateways on one PostgreSQL, and one misfortune of theirs or of the database's after another, at random.
//!
//! After each, everything that was acknowledged is delivered, and what the sandbox has recorded is looked through: documents and
//! versions never go back, and no instance is pushed twice at a time. `just misfortunes 200` runs hundreds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::replicas::{Members, WRITERS, write};
use super::site::Site;
use super::writers::{Last, SEED, Writer, compare};
use crate::postgres_server::Server;
use crate::process::{Running, run};

/// Gateways that run when nothing has happened.
const REPLICAS: usize = 3;

/// Pushes before and after a misfortune.
const BETWEEN: u64 = 10;

/// Longest that a gateway or the database stands still: longer than a lease lasts.
const LONGEST_STOP_MILLIS: u64 = 18_000;

/// A number that the environment sets.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// What may happen.
#[derive(Debug, Clone, Copy)]
enum Misfortune {
    /// The gateway that pushes, or another one, is killed.
    Killed { holder: bool },
    /// It stands still, and goes on.
    Suspended { holder: bool },
    /// It is asked to stop.
    Stopped { holder: bool },
    /// The database ends every session.
    SessionsEnded,
    /// The database is restarted at once, as after a crash.
    DatabaseRestarted,
    /// Nobody can write to any instance, for longer than anybody waits.
    TableLocked,
}

impl Misfortune {
    fn any(random: &mut fastrand::Rng) -> Self {
        let holder = random.u8(0..3) > 0;
        match random.u8(0..8) {
            0 | 1 => Self::Killed { holder },
            2 | 3 => Self::Suspended { holder },
            4 => Self::Stopped { holder },
            5 => Self::SessionsEnded,
            6 => Self::DatabaseRestarted,
            _ => Self::TableLocked,
        }
    }
}

/// The gateways and their database.
struct Cluster {
    site: Site,
    server: Arc<Server>,
    database: String,
    members: Members,
}

impl Cluster {
    /// None where PostgreSQL is not installed.
    async fn start() -> Option<Self> {
        // No other test's: it is restarted.
        let server = Arc::new(Server::start(&[])?);
        let database = server.database(None);
        let site = Site::new().await.with("GATEWAY_LEDGER__URL", &server.url(&database));
        let cluster = Self { site, server, database, members: Members::default() };
        for _ in 0..REPLICAS {
            cluster.add();
        }
        Some(cluster)
    }

    fn add(&self) {
        self.members.add(Arc::new(self.site.start()));
    }

    /// The gateway that pushes, or another one, which callers do not reach any more.
    async fn take(&self, holder: bool, random: &mut fastrand::Rng) -> Arc<Running> {
        let pushing = self.members.holder().await;
        let mut others = self.members.all();
        others.retain(|member| !Arc::ptr_eq(member, &pushing));
        let taken = if holder { pushing } else { others.swap_remove(random.usize(0..others.len())) };
        self.members.remove(&taken);
        taken
    }

    /// Waits for so many more pushes.
    async fn more(&self) {
        let count = self.site.feishu.count("external_instances").await + BETWEEN;
        self.site.feishu.until_called("external_instances", count).await;
    }

    /// Does something to the server; callers go on meanwhile.
    async fn meddle(&self, meddle: impl FnOnce(&Server, &str) + Send + 'static) {
        let (server, database) = (Arc::clone(&self.server), self.database.clone());
        tokio::task::spawn_blocking(move || meddle(&server, &database)).await.unwrap();
    }

    async fn suffer(&self, misfortune: Misfortune, random: &mut fastrand::Rng) {
        let stop = Duration::from_millis(random.u64(0..LONGEST_STOP_MILLIS));
        match misfortune {
            Misfortune::Killed { holder } => {
                self.take(holder, random).await.kill();
                self.add();
            }
            Misfortune::Suspended { holder } => {
                let suspended = self.take(holder, random).await;
                suspended.suspend();
                tokio::time::sleep(stop).await;
                suspended.resume();
                self.members.add(suspended);
            }
            Misfortune::Stopped { holder } => {
                let stopped = self.take(holder, random).await;
                stopped.terminate();
                self.add();
            }
            Misfortune::SessionsEnded => {
                let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                     where application_name = 'approval-gateway'";
                self.meddle(|server, database| drop(server.sql(database, end))).await;
            }
            Misfortune::DatabaseRestarted => {
                self.meddle(|server, _| server.control("restart", "immediate")).await;
            }
            Misfortune::TableLocked => {
                let lock = "begin; lock table instance in exclusive mode; select pg_sleep(6); commit";
                self.meddle(|server, database| drop(server.sql(database, lock))).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_whatever_happens_to_gateways_and_database() {
    let Some(cluster) = Cluster::start().await else { return };
    let site = &cluster.site;
    let mut random = fastrand::Rng::with_seed(number("SEED", SEED));
    let mut writers: Vec<_> = (0..WRITERS).map(Writer::new).collect();
    let mut last = Last::new();
    let rounds = number("MISFORTUNES", 4);
    for round in 1..=rounds {
        let misfortune = Misfortune::any(&mut random);
        println!("{round} of {rounds}: {misfortune:?}");
        let end = CancellationToken::new();
        let writing = join_all(writers.iter_mut().map(|writer| write(writer, &cluster.members, &end)));
        let suffering = async {
            cluster.more().await;
            cluster.suffer(misfortune, &mut random).await;
            cluster.more().await;
            end.cancel();
        };
        tokio::join!(writing, suffering);
        for writer in &writers {
            writer.until_shown(site).await;
        }
        compare(site, &mut last).await;
    }
    for member in cluster.members.all() {
        member.terminate();
        drop(member);
    }
    compare(site, &mut last).await;
    for writer in &writers {
        writer.check_end(site, &last).await;
    }
    let checked = run(&["ledger", "check"], &site.environment(), b"");
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

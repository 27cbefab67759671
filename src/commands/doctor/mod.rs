//! `doctor`: says what is missing before a caller finds out. Changes nothing, and calls Feishu eleven or twelve times an app.

mod advice;
mod callbacks;
mod examination;
mod ledger;
mod network;
mod report;
mod ticket;

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use tokio_util::sync::CancellationToken;

use super::background::Background;
use super::{CommandResult, upstreams};
use crate::app::{Upstream, message_api, postgres_settings};
use crate::cli::DoctorArgs;
use crate::config::{AppConfig, Config, LedgerPlace};
use crate::feishu::{FeishuClient, FeishuMetrics, TokenCache};
use crate::ledger::postgres::Place;
use crate::metrics::Metrics;
use crate::support::clock::Clock;
use advice::Console;
use examination::Examination;
use report::{LedgerReport, Report, Reports};
use ticket::KeptTickets;

pub(super) fn run(args: &DoctorArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    if let Some(name) = &args.app
        && config.app(name).is_none()
    {
        let known = config.apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(format!("the configuration has no app {name}; it has: {known}").into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reports = runtime.block_on(examine(&config, args))?;
    let text = if args.json { reports.json()? } else { reports.text(args.lang) };
    io::stdout().lock().write_all(text.as_bytes())?;
    match reports.bad() {
        0 => Ok(()),
        1 => Err("1 check did not end well; standard output says what to do".into()),
        bad => Err(format!("{bad} checks did not end well; standard output says what to do").into()),
    }
}

async fn examine(config: &Config, args: &DoctorArgs) -> Result<Reports, Box<dyn std::error::Error>> {
    let ledger = match &config.ledger.place {
        LedgerPlace::Sqlite(path) => {
            Some(LedgerReport { path: path.display().to_string(), checks: ledger::findings(path) })
        }
        LedgerPlace::Postgres(database) => {
            let settings = postgres_settings(database);
            let checks = ledger::findings_of_postgres(&settings, &config.apps).await;
            Some(LedgerReport { path: Place::of(&settings.connection).to_string(), checks })
        }
        LedgerPlace::Temporary | LedgerPlace::Nowhere => None,
    };
    let background = Background::default();
    let upstreams = if args.sandbox {
        upstreams::sandboxes(config, &background, &CancellationToken::new()).await?.upstreams
    } else {
        upstreams::configured(config)?
    };
    let asked = |app: &&AppConfig| args.app.as_ref().is_none_or(|name| app.name.as_str() == name);
    let asked: Vec<_> = config.apps.iter().filter(asked).collect();
    let store_apps = asked.iter().filter(|app| app.store.is_some());
    let app_ids: BTreeSet<_> =
        store_apps.filter_map(|app| Some(upstreams.of(&app.name)?.credentials.app_id)).collect();
    let tickets = KeptTickets::find(&config.ledger.place, &Vec::from_iter(app_ids)).await;
    let mut apps = Vec::new();
    for app in asked {
        let upstream = upstreams.of(&app.name).ok_or("an app has no upstream")?;
        apps.push(examine_app(config, app, upstream, &tickets).await?);
    }
    background.end().await;
    Ok(Reports { ledger, apps })
}

async fn examine_app(
    config: &Config,
    app: &AppConfig,
    upstream: Upstream,
    tickets: &KeptTickets,
) -> Result<Report, Box<dyn std::error::Error>> {
    let Upstream { origins, credentials } = upstream;
    let (base_url, app_id) = (origins.open_api.clone(), credentials.app_id.clone());
    let (tokens, metrics) = (TokenCache::default(), FeishuMetrics::new(&Metrics::new()));
    let mut feishu =
        FeishuClient::new(&origins, credentials, &tokens, Clock::System, &metrics, app.name.clone())?
            .with_task_status_api(app.task_status_api)
            .with_message_api(message_api(app.region));
    let mut ticket = None;
    if let Some(store) = &app.store {
        let found = tickets.of(&app_id);
        feishu = feishu.of_store_app(&tokens, &store.tenant_key, found.alone());
        ticket = Some(found);
    }
    let console = Console { origin: app.region.base_url(), app_id: app_id.clone() };
    let examination = Examination {
        feishu: &feishu,
        base_url: &base_url,
        console,
        time_limit: config.request.deadline,
        sends_cards: app.notify_tasks,
        ticket,
    };
    let mut checks = examination.run().await;
    let callbacks = app.callbacks.as_ref().and_then(|callbacks| callbacks.public_address(&app.name));
    if let Some(address) = callbacks {
        checks.push(callbacks::finding(&address).await);
    }
    Ok(Report { app: app.name.to_string(), app_id, base_url, checks })
}

//! The apps: which Feishu each belongs to, how it is reached, as whom, and how fast.

use std::collections::{BTreeSet, HashMap};

use super::error::ConfigError;
use super::parse::{self, Parsed};
use super::reader::{Noted, Reader};
use super::schema::{
    APP_ID, APP_LOCALE, BASE_URL, DEFAULT_LOCALE, EVENTS_TOKEN_FILE, LEGACY_BASE_URL, NOTIFY_TASKS,
    RATE_PER_MINUTE, RATE_PER_SECOND, REGION, Setting, TASK_STATUS_API,
};
use super::sources::Purpose;
use super::store_app::{self, NEEDS_EVENTS, StoreApp};
use super::value::Raw;
use super::webhooks::{self, WebhookConfig};
use super::{callbacks, credentials};
use crate::callbacks::CallbackSettings;
use crate::domain::{AppName, Locale, Region};
use crate::feishu::{Credentials, Rate, TaskStatusApi};

/// Most calls in a window; far above any tier of Feishu's (contract §11.4), so it only catches slips.
const MAX_RATE: u32 = 1_000_000;

/// One app of the gateway.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// What the operator calls it: `default` for the section `[feishu]`, `NAME` for `[apps.NAME]`.
    pub name: AppName,
    /// The brand of the tenant.
    pub region: Region,
    /// Origin of the Open API, without a slash at the end.
    pub base_url: String,
    /// Origin of the historic v2 list, without a slash at the end.
    pub legacy_base_url: String,
    /// The app; present exactly when the configuration was read for [`Purpose::Serve`].
    pub credentials: Option<Credentials>,
    /// What it is as an app of Feishu's store; none for one that a company has made for itself.
    pub store: Option<StoreApp>,
    /// Which upstream list answers task statuses.
    pub task_status_api: TaskStatusApi,
    /// The locale of documents that name none; the region knows it.
    pub default_locale: Locale,
    /// How fast to call.
    pub rate: Rate,
    /// What becomes of actions that people take in Feishu; none are taken without it.
    pub callbacks: Option<CallbackSettings>,
    /// Who is told what becomes of deliveries, if anybody is.
    pub webhooks: Option<WebhookConfig>,
    /// Whether people get a card for a task that waits and says nothing about it.
    pub notify_tasks: bool,
}

impl AppConfig {
    /// Whether Feishu calls the gateway for it.
    pub(super) fn is_called(&self) -> bool {
        self.callbacks.is_some() || self.store.as_ref().is_some_and(|store| store.events.is_some())
    }

    /// The tenant that it serves, where it says so.
    fn tenant_key(&self) -> Option<&str> {
        self.store.as_ref().map(|store| &*store.tenant_key)
    }
}

/// Reads every app, so that no error hides another.
pub(super) fn read_all(
    reader: &mut Reader,
    purpose: Purpose,
    names: &[AppName],
) -> Result<Vec<AppConfig>, Noted> {
    let mut locales = CommonLocale::default();
    let mut apps = Vec::with_capacity(names.len());
    let mut failed = None;
    for name in names {
        reader.turn_to(name);
        match read(reader, purpose, name, &mut locales) {
            Ok(app) => apps.push(app),
            Err(noted) => failed = Some(noted),
        }
    }
    let twins = refuse_twins(reader, &apps);
    let unreached = refuse_unreached(reader, &apps);
    reader.turn_to(&AppName::default());
    failed.map_or(Ok(()), Err).and(twins).and(unreached).map(|()| apps)
}

fn read(
    reader: &mut Reader,
    purpose: Purpose,
    name: &AppName,
    locales: &mut CommonLocale,
) -> Result<AppConfig, Noted> {
    let words = [Region::Feishu, Region::Lark].map(|region| (region.as_str(), region));
    let region = reader.value(&REGION, |raw| parse::one_of(&words, raw));
    let base_url = reader.optional(&BASE_URL, parse::web_origin);
    let legacy_base_url = reader.optional(&LEGACY_BASE_URL, parse::web_origin);
    let credentials = match purpose {
        Purpose::Serve => credentials::read(reader).map(Some),
        Purpose::ServeSandbox | Purpose::Ledger | Purpose::Offline => Ok(None),
    };
    let store = store_app::read(reader, purpose);
    let task_status_api = reader.value(&TASK_STATUS_API, task_status_api);
    let default_locale = locales.or_own(reader, region.unwrap_or_default());
    let per_second = rate(reader, &RATE_PER_SECOND);
    let per_minute = rate(reader, &RATE_PER_MINUTE);
    let callbacks = callbacks::read_app(reader, purpose);
    let webhooks = webhooks::read(reader, purpose);
    let notify_tasks = reader.value(&NOTIFY_TASKS, parse::truth);

    let region = region?;
    Ok(AppConfig {
        name: name.clone(),
        region,
        base_url: base_url?.unwrap_or_else(|| region.base_url().to_owned()),
        legacy_base_url: legacy_base_url?.unwrap_or_else(|| region.legacy_base_url().to_owned()),
        credentials: credentials?,
        store: store?,
        task_status_api: task_status_api?,
        default_locale: default_locale?,
        rate: Rate { per_second: per_second?, per_minute: per_minute? },
        callbacks: callbacks?,
        webhooks: webhooks?,
        notify_tasks: notify_tasks?,
    })
}

/// The locale of all apps, checked once for each region.
#[derive(Default)]
struct CommonLocale(HashMap<Region, Result<Locale, Noted>>);

impl CommonLocale {
    /// The app's own locale, else the common one. It must be one that the region knows: Feishu shows nothing for any
    /// other (contract §1.5).
    fn or_own(&mut self, reader: &mut Reader, region: Region) -> Result<Locale, Noted> {
        let locales: Vec<_> = region.locales().map(|locale| (locale.as_str(), locale)).collect();
        match reader.optional(&APP_LOCALE, |raw| parse::one_of(&locales, raw))? {
            Some(own) => Ok(own),
            None => *self
                .0
                .entry(region)
                .or_insert_with(|| reader.value(&DEFAULT_LOCALE, |raw| parse::one_of(&locales, raw))),
        }
    }
}

/// Refuses two names for one app: each would believe to have the whole rate, and an instance would have two queues. A store app
/// has a rate, and instances, in each tenant.
fn refuse_twins(reader: &mut Reader, apps: &[AppConfig]) -> Result<(), Noted> {
    let mut seen: HashMap<(&str, &str), Vec<&AppConfig>> = HashMap::new();
    let mut twins = Vec::new();
    for app in apps {
        let Some(credentials) = &app.credentials else { continue };
        let same = seen.entry((&app.base_url, &credentials.app_id)).or_default();
        let is_twin = |first: &&&AppConfig| {
            let tenants = [first.tenant_key(), app.tenant_key()];
            tenants.contains(&None) || tenants[0] == tenants[1]
        };
        match same.iter().find(is_twin) {
            Some(first) => twins.push((first.name.clone(), app.name.clone())),
            None => same.push(app),
        }
    }
    let mut refused = None;
    for (first, second) in twins {
        let [first, second] = [first, second].map(|app| {
            reader.turn_to(&app);
            reader.origin(&APP_ID)
        });
        refused = Some(reader.note(ConfigError::SameApp { first, second }));
    }
    refused.map_or(Ok(()), Err)
}

/// Refuses store apps none of whose entries says how events are proved: no ticket would ever come in.
fn refuse_unreached(reader: &mut Reader, apps: &[AppConfig]) -> Result<(), Noted> {
    let id = |app: &AppConfig| Some((app.base_url.clone(), app.credentials.as_ref()?.app_id.clone()));
    let store_apps = || apps.iter().filter_map(|app| Some((app, app.store.as_ref()?, id(app)?)));
    let mut settled: BTreeSet<_> =
        store_apps().filter(|(_, store, _)| store.events.is_some()).map(|(.., id)| id).collect();
    let mut refused = Ok(());
    for (app, _, id) in store_apps() {
        if settled.insert(id) {
            reader.turn_to(&app.name);
            refused = Err(reader.missing(&[&EVENTS_TOKEN_FILE], NEEDS_EVENTS));
        }
    }
    refused
}

fn task_status_api(raw: &Raw) -> Parsed<TaskStatusApi> {
    parse::one_of(&[("v4", TaskStatusApi::V4), ("v2", TaskStatusApi::V2)], raw)
}

fn rate(reader: &mut Reader, setting: &Setting) -> Result<u32, Noted> {
    let calls = reader.value(setting, parse::whole_number(0..=MAX_RATE.into()))?;
    Ok(u32::try_from(calls).unwrap_or(MAX_RATE))
}

//! Which Feishu, reached how, as which app, and how fast.

use super::credentials;
use super::parse::{self, Parsed};
use super::reader::{Noted, Reader};
use super::schema::{
    BASE_URL, LEGACY_BASE_URL, RATE_PER_MINUTE, RATE_PER_SECOND, REGION, Setting, TASK_STATUS_API,
};
use super::sources::Purpose;
use super::value::Raw;
use crate::domain::Region;
use crate::feishu::{Credentials, Rate, TaskStatusApi};

/// Most calls in a window; far above any tier of Feishu's (contract §11.4), so it only catches slips.
const MAX_RATE: u32 = 1_000_000;

/// The upstream.
#[derive(Debug, Clone)]
pub struct Feishu {
    /// The brand of the tenant.
    pub region: Region,
    /// Origin of the Open API, without a slash at the end.
    pub base_url: String,
    /// Origin of the historic v2 list, without a slash at the end.
    pub legacy_base_url: String,
    /// The app; present exactly when the configuration was read for [`Purpose::Serve`].
    pub credentials: Option<Credentials>,
    /// Which upstream list answers task statuses.
    pub task_status_api: TaskStatusApi,
    /// How fast to call.
    pub rate: Rate,
}

/// Reads the region by itself, because the locale depends on it as well.
pub(super) fn read_region(reader: &mut Reader) -> Result<Region, Noted> {
    let words = [Region::Feishu, Region::Lark].map(|region| (region.as_str(), region));
    reader.value(&REGION, |raw| parse::one_of(&words, raw))
}

pub(super) fn read(
    reader: &mut Reader,
    purpose: Purpose,
    region: Result<Region, Noted>,
) -> Result<Feishu, Noted> {
    let base_url = reader.optional(&BASE_URL, parse::web_origin);
    let legacy_base_url = reader.optional(&LEGACY_BASE_URL, parse::web_origin);
    let credentials = match purpose {
        Purpose::Serve => credentials::read(reader).map(Some),
        Purpose::ServeSandbox | Purpose::Offline => Ok(None),
    };
    let task_status_api = reader.value(&TASK_STATUS_API, task_status_api);
    let per_second = rate(reader, &RATE_PER_SECOND);
    let per_minute = rate(reader, &RATE_PER_MINUTE);

    let region = region?;
    Ok(Feishu {
        region,
        base_url: base_url?.unwrap_or_else(|| region.base_url().to_owned()),
        legacy_base_url: legacy_base_url?.unwrap_or_else(|| region.legacy_base_url().to_owned()),
        credentials: credentials?,
        task_status_api: task_status_api?,
        rate: Rate { per_second: per_second?, per_minute: per_minute? },
    })
}

fn task_status_api(raw: &Raw) -> Parsed<TaskStatusApi> {
    parse::one_of(&[("v4", TaskStatusApi::V4), ("v2", TaskStatusApi::V2)], raw)
}

fn rate(reader: &mut Reader, setting: &Setting) -> Result<u32, Noted> {
    let calls = reader.value(setting, parse::whole_number(0..=MAX_RATE.into()))?;
    Ok(u32::try_from(calls).unwrap_or(MAX_RATE))
}

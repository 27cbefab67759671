//! Reads answers as the client does, without a network; compiled for the fuzz targets under `fuzz/` only.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::api::Api;
use super::classify::{classify, classify_slowly};
use super::envelope::MAX_TEXT;
use super::failure::Failure;
use super::token::TokenAnswer;
use super::translate::{check_pointer, definition_pointer, instance_pointer, query_pointer};
use super::transport::Exchange;
use super::wire::{
    CheckAnswer, DefinitionAnswer, FoundUsers, InstanceAnswer, LegacyTaskStatusPage, MessageAnswer,
    ReadUsers, SearchPage, StoredDefinition, TaskStatusPage, UserTaskPage,
};

/// Has one answer classified as if each API had given it.
///
/// # Panics
/// When a reading breaks a rule that holds for every answer; reading itself must never panic.
pub fn classify_for_every_api(http_status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let pairs = headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(*value).ok()?))
    });
    let exchange =
        Exchange { http_status, headers: pairs.collect::<HeaderMap>(), body: Bytes::copy_from_slice(body) };
    for api in Api::ALL {
        match api {
            Api::TenantToken | Api::StoreTenantToken => classify_as::<TokenAnswer>(&exchange, api),
            Api::ResendTicket | Api::AppToken => classify_as::<IgnoredAny>(&exchange, api),
            Api::SyncInstance => classify_as::<InstanceAnswer>(&exchange, api),
            Api::CheckInstances => classify_as::<CheckAnswer>(&exchange, api),
            Api::UpsertDefinition => classify_as::<DefinitionAnswer>(&exchange, api),
            Api::GetDefinition => classify_as::<StoredDefinition>(&exchange, api),
            Api::TaskStatuses => classify_as::<TaskStatusPage>(&exchange, api),
            Api::LegacyTaskStatuses => classify_as::<LegacyTaskStatusPage>(&exchange, api),
            Api::QueryInstances | Api::SearchTasks | Api::SearchCc => {
                classify_as::<SearchPage>(&exchange, api);
            }
            Api::QueryUserTasks => classify_as::<UserTaskPage>(&exchange, api),
            Api::SendMessage | Api::LegacySendMessage => classify_as::<MessageAnswer>(&exchange, api),
            Api::UpdateMessage | Api::LegacyUpdateMessage => classify_as::<IgnoredAny>(&exchange, api),
            Api::FindUsers => classify_as::<FoundUsers>(&exchange, api),
            Api::ReadUsers => classify_as::<ReadUsers>(&exchange, api),
        }
    }
}

fn classify_as<T: DeserializeOwned>(exchange: &Exchange, api: Api) {
    let classified = classify::<T>(exchange, api.payload());
    let slowly = classify_slowly::<T>(exchange, api.payload());
    // The short way does not look into members that nobody reads, so it may take more.
    assert!(classified.is_ok() || slowly.is_err(), "the short way takes less than the long one on {api}");
    match classified {
        Ok(_) => assert!((200..300).contains(&exchange.http_status), "a success with a failing status"),
        Err(failure) => explain(&failure),
    }
}

/// What becomes of a failure on its way to the caller.
fn explain(failure: &Failure) {
    let _ = (failure.to_string(), failure.row(), failure.reported_as());
    let Failure::Refused(refusal) = failure else { return };
    assert_ne!(refusal.code, 0, "code 0 is no refusal");
    assert!(refusal.message.chars().count() <= MAX_TEXT);
    for violation in &refusal.details.field_violations {
        for pointer in [instance_pointer, definition_pointer, check_pointer, query_pointer] {
            let pointer = pointer(&violation.field);
            assert!(is_json_pointer(&pointer), "{pointer:?}");
        }
    }
}

/// RFC 6901 §3.
fn is_json_pointer(text: &str) -> bool {
    let escapes_are_whole = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes_are_whole
}

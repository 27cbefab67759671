//! What the handlers of the API share: the apps, and how a handler gets at its caller's.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::http::request::Parts;

use super::cursor::CursorKey;
use super::extract::RequestLimits;
use super::failure::people_unresolved;
use super::known_definitions::KnownDefinitions;
use super::problem::{Code, Problem};
use super::request_context::RequestContext;
use super::sent_messages::SentMessages;
use crate::callers::{Caller, Scope};
use crate::delivery::Delivery;
use crate::delivery::durable::DurableDelivery;
use crate::delivery::people::PeopleResolver;
use crate::document::Rules;
use crate::domain::{AppName, ByApp, Callback, KnownPeople, NamesPeople};
use crate::feishu::{CallContext, FeishuClient};
use crate::support::deadline::Deadline;

/// What the handlers of the API share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// Every app, by name.
    pub apps: Arc<ByApp<Arc<ServedApp>>>,
    /// What a request may take.
    pub limits: RequestLimits,
}

/// One app with its own client, queue and limits. Apps share nothing that one could use up for another.
#[derive(Debug)]
pub struct ServedApp {
    definitions: KnownDefinitions,
    sent_messages: SentMessages,
    /// The app's Feishu client.
    pub feishu: Arc<FeishuClient>,
    /// Finds people whom documents name by aliases.
    pub people: Arc<PeopleResolver>,
    /// Pushes documents.
    pub delivery: Arc<Delivery>,
    /// What documents are checked against.
    pub rules: Rules,
    /// Seals cursors.
    pub cursors: CursorKey,
    /// What definitions with `quick_approval` are given; none where Feishu cannot call the gateway.
    pub quick_approval: Option<Callback<'static>>,
}

impl FromRef<ApiState> for RequestLimits {
    fn from_ref(state: &ApiState) -> Self {
        state.limits
    }
}

impl ApiState {
    /// The app that a caller's key is for.
    pub(super) fn app_of(&self, caller: &Caller) -> Option<&Arc<ServedApp>> {
        self.apps.get(&caller.app)
    }
}

impl ServedApp {
    /// An app that is served.
    pub fn new(
        feishu: Arc<FeishuClient>,
        people: Arc<PeopleResolver>,
        delivery: Delivery,
        rules: Rules,
        cursors: CursorKey,
    ) -> Self {
        let (definitions, sent_messages) = (KnownDefinitions::default(), SentMessages::default());
        Self {
            definitions,
            sent_messages,
            feishu,
            people,
            delivery: Arc::new(delivery),
            rules,
            cursors,
            quick_approval: None,
        }
    }

    /// With what definitions with `quick_approval` are given.
    #[must_use]
    pub fn with_quick_approval(self, quick_approval: Option<Callback<'static>>) -> Self {
        Self { quick_approval, ..self }
    }

    /// Who is meant by the aliases of a document; whoever is not to be found is taken from `remembered`.
    ///
    /// # Errors
    /// When somebody is not to be found, or Feishu cannot be asked before the deadline.
    pub(super) async fn people_of(
        &self,
        document: &impl NamesPeople,
        remembered: &KnownPeople,
        deadline: Deadline,
    ) -> Result<KnownPeople, Problem> {
        self.people.resolve(document, remembered, deadline).await.map_err(people_unresolved)
    }

    /// The definitions that were upserted here.
    pub(super) fn definitions(&self) -> &KnownDefinitions {
        &self.definitions
    }

    /// The messages that were sent through this process.
    pub(super) fn sent_messages(&self) -> &SentMessages {
        &self.sent_messages
    }

    /// The deliveries of the app, with their ledger.
    ///
    /// # Errors
    /// 501 `ledger_off` when the gateway runs without one.
    pub(super) fn durable(&self) -> Result<&DurableDelivery, Problem> {
        self.delivery.durable().ok_or_else(|| {
            Problem::new(Code::LedgerOff).detail("This operation needs a ledger, and this gateway has none.")
        })
    }
}

/// The caller's app, for a handler that only reads. There is no way to an app but through this and [`ForWriting`], so
/// every operation says what its callers must be allowed to do.
///
/// # Errors
/// 403 `forbidden` when the key lacks the scope. Put it before the body, so that none is read in vain.
pub(super) type ForReading = AppFor<Reading>;

/// The caller's app, for a handler that changes something in Feishu; otherwise as [`ForReading`].
pub(super) type ForWriting = AppFor<Writing>;

/// The caller's app, for a handler that intervenes in deliveries; otherwise as [`ForReading`].
pub(super) type ForOperating = AppFor<Operating>;

/// The caller's app, for a use that the caller is allowed.
#[derive(Debug)]
pub(super) struct AppFor<U> {
    app: Arc<ServedApp>,
    context: RequestContext,
    usage: PhantomData<U>,
}

/// What an operation uses the app for.
pub(super) trait Usage {
    const NEEDS: Scope;
}

/// Changes nothing.
#[derive(Debug)]
pub(super) struct Reading;

/// Changes what Feishu has.
#[derive(Debug)]
pub(super) struct Writing;

/// Intervenes in deliveries.
#[derive(Debug)]
pub(super) struct Operating;

impl Usage for Reading {
    const NEEDS: Scope = Scope::Read;
}

impl Usage for Writing {
    const NEEDS: Scope = Scope::Write;
}

impl Usage for Operating {
    const NEEDS: Scope = Scope::Operate;
}

impl<U> AppFor<U> {
    /// The context of a call to Feishu on behalf of the caller.
    pub(super) fn context(&self, deadline: Deadline) -> CallContext {
        CallContext { caller: self.context.sharing_name(), deadline }
    }
}

impl<U> Deref for AppFor<U> {
    type Target = ServedApp;

    fn deref(&self) -> &ServedApp {
        &self.app
    }
}

impl<U: Usage> FromRequestParts<ApiState> for AppFor<U> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        // Both can only be missing when the routes are put together wrongly.
        let caller = parts.extensions.get::<Arc<Caller>>().ok_or_else(|| Problem::internal(NoCaller))?;
        if !caller.scopes.contains(U::NEEDS) {
            return Err(forbidden(caller, U::NEEDS));
        }
        let app = state.app_of(caller).ok_or_else(|| Problem::internal(NoApp(caller.app.clone())))?;
        let context = RequestContext::of(&parts.extensions);
        Ok(Self { app: Arc::clone(app), context, usage: PhantomData })
    }
}

fn forbidden(caller: &Caller, needed: Scope) -> Problem {
    // RFC 6750 §3.1; the scope that would do stands beside the error.
    let challenge = match needed {
        Scope::Read => "Bearer error=\"insufficient_scope\", scope=\"read\"",
        Scope::Write => "Bearer error=\"insufficient_scope\", scope=\"write\"",
        Scope::Operate => "Bearer error=\"insufficient_scope\", scope=\"operate\"",
    };
    Problem::new(Code::Forbidden)
        .detail(format!("This operation needs a key with the scope {needed}; yours has {}.", caller.scopes))
        .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

/// A route of the API that no caller was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the request has no caller")]
struct NoCaller;

/// Keys are checked against the apps when they are read.
#[derive(Debug, thiserror::Error)]
#[error("there is no app {0}")]
struct NoApp(AppName);

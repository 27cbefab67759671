//! What other systems are told: which events there are, and sending them again.

use std::sync::Arc;

use axum::response::Response;

use crate::document::{EventSelection, read_event_filter};
use crate::domain::{AppName, EventState, EventType};
use crate::http::extract::{JsonBody, QueryParams, TimeoutHeader};
use crate::http::json_response::JsonResponse;
use crate::http::kept_listing::{KeptList, in_time};
use crate::http::listing::ListRequest;
use crate::http::operation::links::FROM_EVENTS;
use crate::http::operation::parameters::{some_of, text, timeout, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Outcome, Problem};
use crate::http::rejection::{nothing_wrong, read_or_refused};
use crate::http::responses::{EventItem, EventRetryResponse};
use crate::http::state::{ApiState, ForOperating, ForReading};
use crate::ledger::{EventFilter, EventNumber, EventRecord, Ledger, LedgerError, Page, PageRequest};

/// The routes of events.
pub(super) fn routes() -> [Route<ApiState>; 2] {
    [
        Operation {
            id: "listEvents",
            path: "/v1/events",
            summary: "See what your system was told",
            description: "The events for `webhooks.url` that have all that is asked for, newest first. What was delivered is kept \
                for seven days, what was given up for `ledger.retention_days`.",
            parameters: with_paging(vec![
                some_of::<EventState>("state", "How far their sending has come; several are alternatives."),
                some_of::<EventType>("type", "What happened; several are alternatives."),
                text("instance_id", "About this instance.", "leave-1001"),
            ]),
            answer: Answer::page::<EventItem>("EventPage"),
            links: FROM_EVENTS,
            examples: include_str!("../../../openapi/examples/listEvents.json"),
            ..Operation::of_ledger("events")
        }
        .handled_by(list_events),
        Operation {
            id: "retryEvents",
            method: Method::Post,
            path: "/v1/events/retry",
            summary: "Send events again",
            description: "Puts those that were given up back to pending: they are tried for another three days. Those that were \
                delivered are sent once more when the filter names the state `delivered`, and those that wait are due at once when it \
                names `pending`. Each keeps its `webhook-id`, and its place before later ones about the same instance.",
            parameters: vec![timeout()],
            request: Some("EventFilterInput"),
            answer: Answer::one::<EventRetryResponse>("How many it were."),
            examples: include_str!("../../../openapi/examples/retryEvents.json"),
            ..Operation::of_ledger("events")
        }
        .handled_by(retry_events),
    ]
}

async fn list_events(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let durable = app.durable()?;
    let filter = EventFilter {
        states: request.query.words("state"),
        kinds: request.query.words("type"),
        instance_id: request.query.single("instance_id").map(Arc::from),
    };
    nothing_wrong(request.violations())?;
    let events = Events { app: durable.app().clone(), filter };
    request.answer_kept(&app, events, EventItem::from).await
}

async fn retry_events(
    app: ForOperating,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<EventRetryResponse>, Problem> {
    let durable = app.durable()?;
    let elsewhere = query.reader().finish();
    let EventSelection { states, types, instance_id } = read_or_refused(read_event_filter(&body), elsewhere)?;
    let filter = EventFilter { states, kinds: types, instance_id: instance_id.map(Arc::from) };
    // A ledger that does not answer may still do it.
    let retried = in_time(deadline, durable.retry_events(&filter)).await;
    Ok(JsonResponse(EventRetryResponse::new(retried.map_err(|problem| problem.outcome(Outcome::Unknown))?)))
}

/// The events of an app that a filter means.
struct Events {
    app: AppName,
    filter: EventFilter,
}

impl KeptList for Events {
    type Item = EventRecord;
    /// The number of the last one.
    type Cursor = i64;

    async fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<i64>,
    ) -> Result<Page<EventRecord, i64>, LedgerError> {
        let PageRequest { after, limit } = page;
        let page = PageRequest { after: after.map(EventNumber), limit };
        let Page { items, next } = ledger.events(&self.app, &self.filter, page).await?;
        Ok(Page { items, next: next.map(|next| next.0) })
    }
}

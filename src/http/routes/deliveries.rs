//! How deliveries stand: of one instance, and of many.

use axum::response::Response;

use super::documents::document_not_found;
use crate::delivery::durable::{Warned, all_warned};
use crate::document::{DeliverySelection, Rules, read_delivery_filter};
use crate::domain::DeliveryState;
use crate::feishu::Api;
use crate::http::extract::{JsonBody, PathParam, QueryParams, QueryReader, TimeoutHeader};
use crate::http::json_response::JsonResponse;
use crate::http::kept_listing::{KeptList, in_time};
use crate::http::listing::ListRequest;
use crate::http::operation::links::{FROM_DELIVERIES, FROM_DELIVERY};
use crate::http::operation::parameters::{instance_id, some_of, text, time, timeout, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::rejection::{nothing_wrong, read_or_refused};
use crate::http::requester::Requester;
use crate::http::responses::{DeliveryStatus, DeliverySummaryResponse, HistoryItem, RetryResponse};
use crate::http::state::{ApiState, ForOperating, ForReading};
use crate::http::trouble;
use crate::ledger::{
    DeliveryCursor, DeliveryFilter, HistoryEntry, ImportId, InstanceKey, Ledger, LedgerError, Page,
    PageRequest, RequestedBy,
};

/// What operations about one instance may end in.
const PROBLEMS_OF_ONE: &[Code] = &[Code::DocumentNotFound, Code::LedgerUnavailable, Code::LedgerOff];

/// The routes of deliveries.
pub(super) fn routes() -> [Route<ApiState>; 6] {
    [
        Operation {
            id: "getDelivery",
            path: "/v1/instances/{instance_id}/delivery",
            summary: "See how far a delivery has come",
            description: "State and revision of the document that was accepted last, and why it was not delivered yet. Asks \
                Feishu nothing.",
            parameters: vec![instance_id(), timeout()],
            answer: Answer::one::<DeliveryStatus>("How far it has come."),
            problems: PROBLEMS_OF_ONE,
            links: FROM_DELIVERY,
            examples: include_str!("../../../openapi/examples/getDelivery.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(get_delivery),
        Operation {
            id: "checkDelivery",
            method: Method::Post,
            path: "/v1/instances/{instance_id}/delivery/check",
            summary: "Check a delivery now",
            description: "Asks Feishu's check at once, as the gateway does by itself now and then: equal versions make it `confirmed`, \
                what Feishu lacks or has older is delivered again, a newer version is a `conflict`. What is pending, or was never \
                delivered, is answered as it stands.",
            parameters: vec![instance_id(), timeout()],
            answer: Answer::one::<DeliveryStatus>("How it stands after the check."),
            problems: PROBLEMS_OF_ONE,
            upstream: Some(|_| Api::CheckInstances),
            links: FROM_DELIVERY,
            examples: include_str!("../../../openapi/examples/checkDelivery.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(check_delivery),
        Operation {
            id: "listHistory",
            path: "/v1/instances/{instance_id}/history",
            summary: "See what happened to an instance",
            description: "Newest first; the last 1,000 entries are kept.",
            parameters: {
                let mut parameters = vec![instance_id()];
                parameters.extend(with_paging(Vec::new()));
                parameters
            },
            answer: Answer::page::<HistoryItem>("HistoryPage"),
            problems: PROBLEMS_OF_ONE,
            examples: include_str!("../../../openapi/examples/listHistory.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(list_history),
        Operation {
            id: "listDeliveries",
            path: "/v1/deliveries",
            summary: "Find deliveries",
            description: "Those that have all that is asked for, newest acceptance first.",
            parameters: with_paging(vec![
                some_of::<DeliveryState>("state", "How far they have come; several are alternatives."),
                text("instance_id", "Of this instance.", "leave-1001"),
                text("approval_code", "Of this definition.", "7C468A54-8745-2245-9675-08B7C63E7A85"),
                text("caller", "Sent with the key of this name.", "erp"),
                text("problem", "With a last problem of this code.", "upstream_rejected"),
                time("accepted_from", "Accepted at this time or later.", "2026-11-20T00:00:00Z"),
                time("accepted_to", "Accepted before this time.", "2026-11-30T00:00:00Z"),
                text("import_id", "Waiting or refused for this import.", "1"),
            ]),
            answer: Answer::page::<DeliveryStatus>("DeliveryPage"),
            links: FROM_DELIVERIES,
            examples: include_str!("../../../openapi/examples/listDeliveries.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(list_deliveries),
        Operation {
            id: "retryDeliveries",
            method: Method::Post,
            path: "/v1/deliveries/retry",
            summary: "Try deliveries again",
            description: "Puts those that are refused or in conflict back to pending. Those that wait for a next attempt are due \
                at once when the filter names the state `pending`. A conflict is then won: Feishu's newer version is overwritten.",
            parameters: vec![timeout()],
            request: Some("DeliveryFilterInput"),
            answer: Answer::one::<RetryResponse>("How many it were."),
            examples: include_str!("../../../openapi/examples/retryDeliveries.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(retry_deliveries),
        Operation {
            id: "getDeliverySummary",
            path: "/v1/deliveries/summary",
            summary: "See how all deliveries stand",
            description: "Counts by state, how long the oldest has been waiting, whether the app pushes, and what was done in \
                the minutes of the last hour.",
            parameters: vec![timeout()],
            answer: Answer::one::<DeliverySummaryResponse>("How they stand."),
            examples: include_str!("../../../openapi/examples/getDeliverySummary.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(get_delivery_summary),
    ]
}

async fn get_delivery(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<JsonResponse<DeliveryStatus>, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let standing = in_time(deadline, durable.standing(&instance_id)).await?;
    let warned = standing.ok_or_else(document_not_found)?;
    Ok(JsonResponse(DeliveryStatus::warned(warned, durable.hold().as_deref())))
}

async fn check_delivery(
    app: ForOperating,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<JsonResponse<DeliveryStatus>, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let checked = durable.check(&instance_id, &app.context(deadline)).await;
    let warned = checked.map_err(|trouble| trouble::problem(&trouble))?.ok_or_else(document_not_found)?;
    Ok(JsonResponse(DeliveryStatus::warned(warned, durable.hold().as_deref())))
}

async fn list_history(
    app: ForReading,
    PathParam(instance_id): PathParam,
    mut request: ListRequest,
) -> Result<Response, Problem> {
    let durable = app.durable()?;
    nothing_wrong(request.violations())?;
    let history = History(durable.key(&instance_id));
    let newest = history.page(&**durable.ledger(), PageRequest::first(1));
    if in_time(request.deadline, newest).await?.items.is_empty() {
        return Err(document_not_found());
    }
    request.answer_kept(&app, history, HistoryItem::from).await
}

async fn list_deliveries(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let durable = app.durable()?;
    let filter = filter(&mut request.query);
    nothing_wrong(request.violations())?;
    let deliveries = Deliveries { app: durable.app().clone(), filter, rules: app.rules };
    let hold = durable.hold();
    request.answer_kept(&app, deliveries, move |warned| DeliveryStatus::warned(warned, hold.as_deref())).await
}

fn filter(query: &mut QueryReader) -> DeliveryFilter {
    let (accepted_from, accepted_to) = (query.time("accepted_from"), query.time("accepted_to"));
    if accepted_from.zip(accepted_to).is_some_and(|(from, to)| to < from) {
        query.complain("accepted_to", "contradiction", "lies before accepted_from".to_owned(), None);
    }
    DeliveryFilter {
        states: query.words("state"),
        instance_id: query.single("instance_id"),
        approval_code: query.single("approval_code"),
        caller: query.single("caller"),
        problem: query.single("problem"),
        accepted_from,
        accepted_to,
        import: import(query),
    }
}

/// The import of the filter; one that no import has finds nothing.
fn import(query: &mut QueryReader) -> Option<ImportId> {
    query.single("import_id").map(|id| ImportId(id.parse().unwrap_or_default()))
}

async fn retry_deliveries(
    app: ForOperating,
    TimeoutHeader(deadline): TimeoutHeader,
    requester: Requester,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<RetryResponse>, Problem> {
    let durable = app.durable()?;
    let elsewhere = query.reader().finish();
    let selection = read_or_refused(read_delivery_filter(&body), elsewhere)?;
    let DeliverySelection { states, instance_id, approval_code, caller, problem, accepted_from, accepted_to } =
        selection;
    let filter = DeliveryFilter {
        states,
        instance_id,
        approval_code,
        caller,
        problem,
        accepted_from,
        accepted_to,
        import: None,
    };
    // A ledger that does not answer may still do it.
    let Requester { caller, request_id } = requester;
    let by = RequestedBy { caller: caller.as_deref().map(str::to_owned), request_id };
    let retried = in_time(deadline, durable.retry(&filter, &by)).await;
    Ok(JsonResponse(RetryResponse::new(retried.map_err(|problem| problem.outcome(Outcome::Unknown))?)))
}

async fn get_delivery_summary(
    app: ForReading,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<JsonResponse<DeliverySummaryResponse>, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let summary = in_time(deadline, durable.ledger().summary(durable.app())).await?;
    let oldest_pending = summary.oldest_pending.map(|then| durable.since(then));
    let allowances = app.feishu.allowances(Api::SyncInstance, &None);
    let hold = durable.hold();
    let last_hour = durable.last_hour();
    Ok(JsonResponse(DeliverySummaryResponse::new(
        &summary,
        oldest_pending,
        &allowances,
        hold.as_deref(),
        &last_hour,
    )))
}

/// The history of one instance.
struct History(InstanceKey);

impl KeptList for History {
    type Item = HistoryEntry;
    type Cursor = u64;

    async fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError> {
        ledger.history(&self.0, page).await
    }
}

/// The deliveries of an app that a filter means.
struct Deliveries {
    app: crate::domain::AppName,
    filter: DeliveryFilter,
    rules: Rules,
}

impl KeptList for Deliveries {
    type Item = Warned;
    /// Time of acceptance and number of the last one.
    type Cursor = (i64, i64);

    async fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<Self::Cursor>,
    ) -> Result<Page<Self::Item, Self::Cursor>, LedgerError> {
        let PageRequest { after, limit } = page;
        let after = after.map(|(accepted_at, instance_no)| DeliveryCursor { accepted_at, instance_no });
        let Page { items, next } =
            ledger.deliveries(&self.app, &self.filter, PageRequest { after, limit }).await?;
        let mut items = all_warned(ledger, items, self.rules).await?;
        // What has changed since it was found may not be meant any more.
        items.retain(|(record, _)| self.filter.matches(record));
        Ok(Page { items, next: next.map(|next| (next.accepted_at, next.instance_no)) })
    }
}

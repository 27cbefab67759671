//! Imports: documents by the thousand, delivered behind everything else.

mod line;
mod lines;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::LOCATION;
use axum::response::Response;

use self::line::Acceptor;
use self::lines::Lines;
use crate::document::{ImportChange, MOST_PER_MINUTE, read_import_change};
use crate::feishu::Api;
use crate::http::extract::{LinesBody, MergePatchBody, PathParam, QueryParams, RequestLimits, TimeoutHeader};
use crate::http::failure::ledger_failed;
use crate::http::json_response::JsonResponse;
use crate::http::kept_listing::{KeptList, in_time};
use crate::http::listing::ListRequest;
use crate::http::load_shedder::Permit;
use crate::http::ndjson;
use crate::http::operation::links::{FROM_IMPORT, FROM_IMPORTS};
use crate::http::operation::parameters::{import_id, per_minute, timeout, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::rejection::{nothing_wrong, read_or_refused};
use crate::http::requester::Requester;
use crate::http::responses::{ImportLineResult, ImportResponse};
use crate::http::state::{ApiState, ForReading, ForWriting, ServedApp};
use crate::ledger::{
    ImportError, ImportId, ImportRecord, ImportUpdate, Ledger, LedgerError, NewImport, Page, PageRequest,
};

/// How long the first line is waited for before the answer begins.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What operations about one import may end in.
const PROBLEMS_OF_ONE: &[Code] = &[Code::ImportNotFound, Code::LedgerUnavailable, Code::LedgerOff];

/// The routes of imports.
pub(super) fn routes() -> [Route<ApiState>; 4] {
    [
        Operation {
            id: "createImport",
            method: Method::Post,
            path: "/v1/imports",
            summary: "Send documents by the thousand",
            description: "One flat instance a line (NDJSON), each with its `instance_id` and, if need be, its `mode`; blank lines are \
                skipped. Each line is checked and kept like a `PUT`, and delivered behind everything else. The answer has one \
                line (`ImportLineResult`) for each, in order and while the others are sent: read it while you send, or both \
                sides wait for each other. A line that is wrong does not end the import. What does end it early is a problem \
                document in the last line; lines that were answered are kept, and sending the same file again changes nothing \
                about them.",
            parameters: vec![per_minute(
                "Most documents that are delivered in a minute; without it, what the app's rate leaves.",
            )],
            request: Some("ImportLines"),
            answer: Answer::lines::<ImportLineResult>("ImportResults", "What became of each line, one `ImportLineResult` a line."),
            links: &[],
            examples: include_str!("../../../../openapi/examples/createImport.json"),
            ..operation()
        }
        .handled_by(create_import),
        Operation {
            id: "listImports",
            path: "/v1/imports",
            summary: "Find imports",
            description: "Newest first.",
            parameters: with_paging(Vec::new()),
            answer: Answer::page::<ImportResponse>("ImportPage"),
            links: FROM_IMPORTS,
            examples: include_str!("../../../../openapi/examples/listImports.json"),
            ..operation()
        }
        .handled_by(list_imports),
        Operation {
            id: "getImport",
            path: "/v1/imports/{import_id}",
            summary: "See how far an import has come",
            description: "What became of its lines, and when the rest will be delivered.",
            parameters: vec![import_id(), timeout()],
            answer: Answer::one::<ImportResponse>("How it stands."),
            problems: PROBLEMS_OF_ONE,
            examples: include_str!("../../../../openapi/examples/getImport.json"),
            ..operation()
        }
        .handled_by(get_import),
        Operation {
            id: "updateImport",
            method: Method::Patch,
            path: "/v1/imports/{import_id}",
            summary: "Pause, resume, slow down or cancel an import",
            description: "Canceling is final: what waits is withdrawn, and what was delivered before stands again. What was \
                delivered already stays.",
            parameters: vec![import_id(), timeout()],
            request: Some("ImportUpdateInput"),
            answer: Answer::one::<ImportResponse>("How it stands now."),
            problems: &[Code::ImportNotFound, Code::ImportCanceled, Code::LedgerUnavailable, Code::LedgerOff],
            examples: include_str!("../../../../openapi/examples/updateImport.json"),
            ..operation()
        }
        .handled_by(update_import),
    ]
}

/// What all of them have in common.
fn operation() -> Operation {
    Operation { links: FROM_IMPORT, ..Operation::of_ledger("imports") }
}

async fn create_import(
    app: ForWriting,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    State(limits): State<RequestLimits>,
    requester: Requester,
    query: QueryParams,
    LinesBody(body): LinesBody,
) -> Result<Response, Problem> {
    let durable = app.durable()?;
    let mut query = query.reader();
    let per_minute = query.integer("per_minute", 1..=MOST_PER_MINUTE.into());
    nothing_wrong(query.finish())?;
    let mut lines = Lines::new(body, limits.max_body_bytes, permit, Arc::clone(&app.delivery));
    if let Ok(begun) = tokio::time::timeout(FIRST_WAIT, lines.begin()).await {
        begun?;
    }
    let import = NewImport {
        caller: requester.caller.as_deref().map(str::to_owned),
        request_id: requester.request_id.clone(),
        per_minute: per_minute.and_then(|number| u32::try_from(number).ok()),
    };
    let import = in_time(deadline, durable.create_import(import)).await?;
    let acceptor = Acceptor {
        delivery: Arc::clone(&app.delivery),
        rules: app.rules,
        import: import.id,
        requester,
        limits,
    };
    let mut response = ndjson::response(upload::answers(acceptor, lines));
    if let Ok(location) = HeaderValue::try_from(format!("/v1/imports/{}", import.id.0)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

async fn get_import(
    app: ForReading,
    PathParam(import_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<JsonResponse<ImportResponse>, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let id = id(&import_id)?;
    let import = in_time(deadline, durable.ledger().import(durable.app(), id)).await?;
    Ok(JsonResponse(shown(&app, import.ok_or_else(import_not_found)?)?))
}

async fn list_imports(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let durable = app.durable()?;
    nothing_wrong(request.violations())?;
    let (allowances, now) = (app.feishu.allowances(Api::SyncInstance, &None), durable.now());
    let imports = Imports(durable.app().clone());
    request.answer_kept(&app, imports, move |import| ImportResponse::new(import, &allowances, now)).await
}

async fn update_import(
    app: ForWriting,
    PathParam(import_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    MergePatchBody(body): MergePatchBody,
) -> Result<JsonResponse<ImportResponse>, Problem> {
    let durable = app.durable()?;
    let elsewhere = query.reader().finish();
    let change = read_or_refused(read_import_change(&body), elsewhere)?;
    let ImportChange { state, per_minute } = change;
    let per_minute = per_minute.map(|number| Some(number).filter(|number| *number > 0));
    let update = ImportUpdate { state, per_minute, ..ImportUpdate::default() };
    // Canceling takes its time, and goes on by itself when that is up.
    let updating = durable.update_import(id(&import_id)?, update);
    let updated = tokio::time::timeout_at(deadline.instant(), updating).await.map_err(|_| {
        Problem::new(Code::LedgerUnavailable)
            .detail("The ledger was not done in time: part of it may have been withdrawn.")
            .outcome(Outcome::Unknown)
    })?;
    let import = updated.map_err(|error| match error {
        ImportError::NotFound => import_not_found(),
        ImportError::Canceled => {
            Problem::new(Code::ImportCanceled).detail("The import was canceled, which is final.")
        }
        ImportError::Ledger(error) => ledger_failed(error),
    })?;
    Ok(JsonResponse(shown(&app, import)?))
}

fn shown(app: &ServedApp, import: ImportRecord) -> Result<ImportResponse, Problem> {
    Ok(ImportResponse::new(import, &app.feishu.allowances(Api::SyncInstance, &None), app.durable()?.now()))
}

/// The number behind an id, spelled as it was handed out.
fn id(text: &str) -> Result<ImportId, Problem> {
    let number = text.parse().ok().filter(|number: &i64| number.to_string() == text);
    number.map(ImportId).ok_or_else(import_not_found)
}

fn import_not_found() -> Problem {
    Problem::new(Code::ImportNotFound).detail("There is no import with this id.")
}

/// The imports of an app.
struct Imports(crate::domain::AppName);

impl KeptList for Imports {
    type Item = ImportRecord;
    /// The number of the last one.
    type Cursor = i64;

    async fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<i64>,
    ) -> Result<Page<ImportRecord, i64>, LedgerError> {
        let PageRequest { after, limit } = page;
        let page = PageRequest { after: after.map(ImportId), limit };
        let Page { items, next } = ledger.imports(&self.0, page).await?;
        Ok(Page { items, next: next.map(|ImportId(number)| number) })
    }
}

//! Browsers: which pages may call, and what they are told.

use approval_gateway::domain::AppName;
use approval_gateway::http::JsonResponse;
use approval_gateway::http::extract::RequestLimits;
use approval_gateway::http::health::DrainState;
use approval_gateway::http::load_shedder::LoadShedder;
use approval_gateway::http::middleware::{AuthPolicy, cors};
use approval_gateway::http::router::{Policies, compose};
use approval_gateway::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::put;
use test_case::test_case;
use tower::ServiceExt as _;
use tower_http::cors::CorsLayer;

const PAGE: &str = "https://oa.example.com";

/// An API that lets nobody in.
fn app() -> Router {
    app_with(None)
}

fn app_with(cors: Option<CorsLayer>) -> Router {
    let routes = Router::new().route("/v1/things", put(async || JsonResponse("put")));
    let policies = Policies {
        auth: AuthPolicy { keys: None, allow_anonymous: false },
        cors,
        limits: RequestLimits::default(),
        load_shedder: LoadShedder::new(1 << 20, &[AppName::default()]),
    };
    compose(routes, Router::new(), policies, DrainState::serving(), &Metrics::new())
}

async fn answer(app: Router, method: &str, path: &str, origin: &str) -> (StatusCode, HeaderMap) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization,content-type")
        .body(Body::empty())
        .unwrap();
    let response = app.oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

fn allowed(headers: &HeaderMap) -> Option<&str> {
    headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn without_configuration_no_page_may_call() {
    let (status, headers) = answer(app(), "OPTIONS", "/v1/things", PAGE).await;
    assert_eq!((status, allowed(&headers)), (StatusCode::METHOD_NOT_ALLOWED, None));
}

#[test_case(&[PAGE], PAGE => Some(PAGE.to_owned()); "named")]
#[test_case(&["https://other.example", PAGE], PAGE => Some(PAGE.to_owned()); "named among others")]
#[test_case(&[PAGE], "https://evil.example" => None; "not named")]
#[test_case(&[PAGE], "https://oa.example.com.evil.example" => None; "longer than a name")]
#[tokio::test]
async fn page(origins: &[&str], asking: &str) -> Option<String> {
    let origins: Vec<_> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let (_, headers) = answer(app_with(Some(cors(Some(&origins)))), "OPTIONS", "/v1/things", asking).await;
    allowed(&headers).map(str::to_owned)
}

#[tokio::test]
async fn a_preflight_needs_no_key_and_says_what_may_be_sent() {
    let (status, headers) = answer(app_with(Some(cors(None))), "OPTIONS", "/v1/things", PAGE).await;
    assert_eq!((status, allowed(&headers)), (StatusCode::OK, Some("*")));
    assert!(headers.contains_key("x-request-id"));
    let allowed = headers["access-control-allow-headers"].to_str().unwrap();
    for header in ["authorization", "content-type", "x-request-id", "x-request-timeout-ms"] {
        assert!(allowed.contains(header), "{allowed}");
    }
}

#[test_case("PUT", "/v1/things", 401; "a problem of a layer")]
#[test_case("GET", "/v1/nothing", 404; "a problem of the router")]
#[tokio::test]
async fn problems_can_be_read_by_the_page(method: &str, path: &str, expected: u16) {
    let origins = [PAGE.to_owned()];
    let (status, headers) = answer(app_with(Some(cors(Some(&origins)))), method, path, PAGE).await;
    assert_eq!((status.as_u16(), allowed(&headers)), (expected, Some(PAGE)));
    let exposed = headers["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("x-request-id") && exposed.contains("retry-after"), "{exposed}");
}

#[tokio::test]
async fn no_answer_may_be_taken_for_something_else_than_it_is() {
    for path in ["/livez", "/v1/things", "/docs/", "/nothing"] {
        let (_, headers) = answer(app(), "GET", path, PAGE).await;
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
}

//! Routes, methods and statuses as closed lists: the values that labels of metrics may take.
//!
//! Looking up a place compares a few lengths and one text, which is cheaper than hashing it.

use axum::http::{Method, StatusCode};

/// What stands for everything that is not listed.
const OTHER: usize = 0;

/// Every route's template; the first stands for requests without a route.
pub(super) const ROUTES: [&str; 23] = [
    "-",
    "/v1/instances/{instance_id}",
    "/v1/instances/{instance_id}/preview",
    "/v1/instance-checks",
    "/v1/task-statuses",
    "/v1/instances",
    "/v1/tasks",
    "/v1/cc",
    "/v1/users/{user_id}/tasks",
    "/v1/definitions",
    "/v1/definitions/{approval_code}",
    "/v1/problems/{code}",
    "/livez",
    "/readyz",
    "/version",
    "/metrics",
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/",
    "/docs/openapi.json",
    "/docs/{*file}",
    "/v1/problems",
];

/// Methods that routes have; the first stands for all others.
pub(super) const METHODS: [&str; 6] = ["-", "GET", "HEAD", "POST", "PUT", "DELETE"];

/// Statuses that answers have; the first stands for all others.
pub(super) const STATUSES: [&str; 23] = [
    "-", "200", "204", "304", "308", "400", "401", "403", "404", "405", "408", "409", "410", "413", "414",
    "415", "422", "429", "431", "500", "502", "503", "504",
];

/// The place of a route in [`ROUTES`].
pub(super) fn route_place(route: Option<&str>) -> usize {
    route.and_then(|route| ROUTES.iter().position(|known| *known == route)).unwrap_or(OTHER)
}

/// The place of a method in [`METHODS`].
pub(super) fn method_place(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(OTHER)
}

/// The place of a status in [`STATUSES`].
pub(super) fn status_place(status: StatusCode) -> usize {
    STATUSES.iter().position(|known| *known == status.as_str()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi::{Version, value};
    use crate::http::problem::Code;

    #[test]
    fn every_route_of_the_api_is_listed() {
        let document = value(Version::V3_1);
        let paths = document["paths"].as_object().unwrap().keys();
        let missing = paths.filter(|path| route_place(Some(path)) == OTHER);
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn every_status_of_a_problem_is_listed() {
        let missing = Code::all().map(Code::status).filter(|status| status_place(*status) == OTHER);
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<StatusCode>::new());
    }

    #[test]
    fn what_is_not_listed_has_one_label() {
        let brew = Method::from_bytes(b"BREW").unwrap();
        assert_eq!(
            (route_place(Some("/secret-id")), route_place(None), method_place(&brew)),
            (OTHER, OTHER, OTHER)
        );
    }
}

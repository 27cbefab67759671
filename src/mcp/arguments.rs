//! What an agent gives a tool: checked for its shape only, as the operation checks everything else.

use axum::http::Method;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::tools::{Argument, Place, Shape, Tool};
use crate::support::suggestion::did_you_mean;

/// Longest name of an argument that is repeated to the agent.
const LONGEST_NAME: usize = 64;

/// Most arguments whose names are looked at; no tool has as many.
const MOST_NAMES: usize = 100;

/// The arguments of a call, of the shapes that its tool wants.
pub(super) struct Arguments {
    tool: &'static Tool,
    given: JsonObject,
}

impl Arguments {
    /// Reads them.
    ///
    /// # Errors
    /// Everything that is wrong with them, as a problem's `errors` would say it.
    pub(super) fn read(tool: &'static Tool, mut given: JsonObject) -> Result<Self, Vec<Value>> {
        // Many models write null for what they leave out.
        given.retain(|_, value| !value.is_null());
        let known = || tool.arguments.iter().map(|argument| argument.name);
        let unknown = given.keys().take(MOST_NAMES).filter(|name| !known().any(|known| known == *name));
        let mut wrong: Vec<_> = unknown
            .map(|name| match did_you_mean(name, known()) {
                _ if name.len() > LONGEST_NAME => {
                    json!({"detail": "there is an argument with an unknown name"})
                }
                Some(hint) => {
                    json!({"argument": name, "detail": "is no argument of this tool", "hint": hint})
                }
                None => json!({"argument": name, "detail": "is no argument of this tool"}),
            })
            .collect();
        wrong.extend(tool.arguments.iter().filter_map(|argument| {
            let detail = argument.complaint(given.get(argument.name))?;
            Some(json!({"argument": argument.name, "detail": detail}))
        }));
        if wrong.is_empty() { Ok(Self { tool, given }) } else { Err(wrong) }
    }

    /// The argument with this name as text; empty when it is not given.
    pub(super) fn text(&self, name: &str) -> &str {
        self.given.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The tool's own request.
    pub(super) fn request(&self) -> Request<Bytes> {
        let target = format!("{}{}", self.path(self.tool.path), self.query());
        let content_type = match self.tool.method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        request(self.tool.method.clone(), &target, content_type, self.body())
    }

    /// A route with its parameters filled in.
    pub(super) fn path(&self, route: &str) -> String {
        self.in_place(Place::Path).fold(route.to_owned(), |path, (name, value)| {
            let segment = utf8_percent_encode(value.as_str().unwrap_or_default(), NON_ALPHANUMERIC);
            path.replace(&format!("{{{name}}}"), &segment.to_string())
        })
    }

    /// The query with its question mark; empty when nothing is asked for.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.in_place(Place::Query) {
            match value {
                Value::Array(values) => {
                    query.extend_pairs(values.iter().filter_map(Value::as_str).map(|value| (name, value)));
                }
                Value::String(text) => drop(query.append_pair(name, text)),
                number => drop(query.append_pair(name, &number.to_string())),
            }
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// The body; empty for a request that has none.
    pub(super) fn body(&self) -> Bytes {
        let whole = self.in_place(Place::Body).map(|(_, value)| value.to_string()).next();
        let members: Map<_, _> =
            self.in_place(Place::Member).map(|(name, value)| (name.to_owned(), value.clone())).collect();
        match whole {
            Some(body) => body.into(),
            None if members.is_empty() => Bytes::new(),
            None => Value::Object(members).to_string().into(),
        }
    }

    fn in_place(&self, place: Place) -> impl Iterator<Item = (&'static str, &Value)> {
        let placed = self.tool.arguments.iter().filter(move |argument| argument.place == place);
        placed.filter_map(|argument| Some((argument.name, self.given.get(argument.name)?)))
    }
}

/// A request with a body, which may be empty.
pub(super) fn request(
    method: Method,
    target: &str,
    content_type: &'static str,
    body: Bytes,
) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(target).header(CONTENT_TYPE, content_type);
    // Whatever is not a letter or a digit is encoded.
    request.body(body).unwrap_or_default()
}

impl Argument {
    /// What is wrong with a value, or with its absence.
    fn complaint(&self, given: Option<&Value>) -> Option<&'static str> {
        let Some(given) = given else { return self.required.then_some("is required") };
        let all = |is: fn(&Value) -> bool| given.as_array().is_some_and(|values| values.iter().all(is));
        let (fits, wanted) = match self.shape {
            Shape::Text => (given.is_string(), "must be a string"),
            Shape::Number => (given.is_i64() || given.is_u64(), "must be a whole number"),
            Shape::Texts => (all(Value::is_string), "must be a list of strings"),
            Shape::Object => (given.is_object(), "must be an object"),
            Shape::Objects => (all(Value::is_object), "must be a list of objects"),
        };
        if !fits {
            return Some(wanted);
        }
        // Empty, it would be another route; dots alone lead up a path.
        let is_segment = self.place != Place::Path || !matches!(given.as_str(), Some("" | "." | ".."));
        (!is_segment).then_some("must not be empty, nor a dot, nor two")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::tools::TOOLS;
    use super::*;

    fn read(tool: &str, given: &Value) -> Result<Arguments, Vec<Value>> {
        let tool = TOOLS.iter().find(|known| known.name == tool).unwrap();
        Arguments::read(tool, given.as_object().unwrap().clone())
    }

    #[test_case("get_instance", &json!({"instance_id": "a/b?c=%20"}) => "GET /v1/instances/a%2Fb%3Fc%3D%2520 "; "an id is one segment")]
    #[test_case("get_instance", &json!({"instance_id": "请假"}) => "GET /v1/instances/%E8%AF%B7%E5%81%87 "; "letters of any script")]
    #[test_case("list_deliveries", &json!({"state": ["refused", "conflict"], "limit": 5, "cursor": null}) => "GET /v1/deliveries?state=refused&state=conflict&limit=5 "; "lists are repeated, null is absent")]
    #[test_case("list_deliveries", &json!({}) => "GET /v1/deliveries "; "nothing asked for")]
    #[test_case("search_tasks", &json!({"title": "a&b=c #"}) => "GET /v1/tasks?title=a%26b%3Dc+%23 "; "a text is one value")]
    #[test_case("check_instances", &json!({"instances": [{"instance_id": "a"}]}) => r#"POST /v1/instance-checks {"instances":[{"instance_id":"a"}]}"#; "a member of the body")]
    #[test_case("preview_instance", &json!({"instance_id": "a", "document": {"n": 1}, "mode": "update"}) => r#"POST /v1/instances/a/preview?mode=update {"n":1}"#; "the whole body")]
    #[test_case("patch_instance", &json!({"instance_id": "a", "patch": {}, "digest": "d"}) => "PATCH /v1/instances/a {}"; "a digest goes nowhere")]
    fn requests(tool: &str, given: &Value) -> String {
        let request = read(tool, given).ok().unwrap().request();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        format!("{} {} {body}", request.method(), request.uri())
    }

    #[test_case("get_instance", &json!({}) => vec!["instance_id is required"]; "what is missing")]
    #[test_case("get_instance", &json!({"instance_id": 7}) => vec!["instance_id must be a string"]; "a number")]
    #[test_case("get_instance", &json!({"instance_id": ""}) => vec!["instance_id must not be empty, nor a dot, nor two"]; "an empty id")]
    #[test_case("get_instance", &json!({"instance_id": ".."}) => vec!["instance_id must not be empty, nor a dot, nor two"]; "the way up")]
    #[test_case("list_deliveries", &json!({"state": "refused", "limit": 1.5}) => vec!["state must be a list of strings", "limit must be a whole number"]; "all at once")]
    #[test_case("get_instance", &json!({"instance_id": "a", "instance": "a"}) => vec!["instance is no argument of this tool"]; "an unknown one")]
    #[test_case("check_instances", &json!({"instances": [1]}) => vec!["instances must be a list of objects"]; "elements of another type")]
    #[test_case("preview_instance", &json!({"instance_id": "a", "document": "{}"}) => vec!["document must be an object"]; "JSON in a string")]
    fn complaints(tool: &str, given: &Value) -> Vec<String> {
        let wrong = read(tool, given).err().unwrap_or_default();
        let text = |wrong: &Value, name: &str| wrong[name].as_str().unwrap().to_owned();
        wrong.iter().map(|wrong| format!("{} {}", text(wrong, "argument"), text(wrong, "detail"))).collect()
    }

    #[test]
    fn a_long_unknown_name_is_not_repeated() {
        let wrong = read("get_instance", &json!({"instance_id": "a", ("x".repeat(65)): 1})).err().unwrap();
        assert_eq!(wrong, [json!({"detail": "there is an argument with an unknown name"})]);
    }
}

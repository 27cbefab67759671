//! What the sandbox was sent, and what it holds.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Feishu;

/// An id as a segment of a path.
pub(crate) fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

impl Feishu {
    pub(crate) async fn clear_faults(&self) {
        assert_eq!(self.control("DELETE", "faults", Value::Null).await.0, 204);
    }

    pub(crate) async fn revoke_tokens(&self) {
        assert_eq!(self.control("POST", "tokens/revoke", Value::Null).await.0, 200);
    }

    /// Every recorded call, in the order of arrival.
    pub(crate) async fn calls(&self) -> Vec<Value> {
        let (_, mut answer) = self.control("GET", "requests", Value::Null).await;
        serde_json::from_value(answer["requests"].take()).unwrap()
    }

    /// The recorded calls of an operation, in the order of arrival.
    pub(crate) async fn requests(&self, api: &str) -> Vec<Value> {
        let (_, mut answer) = self.control("GET", &format!("requests?api={api}"), Value::Null).await;
        serde_json::from_value(answer["requests"].take()).unwrap()
    }

    /// The bodies that an operation was sent, in the order of arrival.
    pub(crate) async fn sent(&self, api: &str) -> Vec<Value> {
        self.requests(api).await.into_iter().map(|mut call| call["body"].take()).collect()
    }

    /// What Feishu would hold.
    pub(crate) async fn stored(&self, id: &str) -> Value {
        self.control("GET", &format!("instances/{}", encoded(id)), Value::Null).await.1
    }

    pub(crate) async fn is_stored(&self, id: &str) -> bool {
        self.control("GET", &format!("instances/{}", encoded(id)), Value::Null).await.0 == 200
    }

    /// What one person would see.
    pub(crate) async fn inbox(&self, person: &str, locale: &str) -> Value {
        let path = format!("inbox/{}?locale={locale}", encoded(person));
        self.control("GET", &path, Value::Null).await.1
    }

    pub(crate) async fn definitions(&self) -> Value {
        self.control("GET", "definitions", Value::Null).await.1["definitions"].take()
    }

    pub(crate) async fn delete_definition(&self, approval_code: &str) {
        let path = format!("definitions/{approval_code}");
        assert_eq!(self.control("DELETE", &path, Value::Null).await.0, 204);
    }
}

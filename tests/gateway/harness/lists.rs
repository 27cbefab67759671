//! Whole lists: page by page, or as lines.

use serde_json::Value;

use super::{Answer, Gateway, answer};

/// Pages that a list may take before it counts as endless.
const MAX_PAGES: usize = 2000;

impl Gateway {
    /// The items of a page that must be answered, and the cursor.
    pub(crate) async fn page(&self, uri: &str) -> (Vec<Value>, Option<String>) {
        let page = self.get(uri).await.ok();
        let next = page.get("next_cursor").map(|cursor| cursor.as_str().unwrap().to_owned());
        (page["items"].as_array().unwrap().clone(), next)
    }

    /// All items, page by page; `uri` has a query.
    pub(crate) async fn all(&self, uri: &str, limit: usize) -> Vec<Value> {
        let (mut all, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let cursor = next.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let (items, after) = self.page(&format!("{uri}&limit={limit}{cursor}")).await;
            assert!(items.len() <= limit, "{} items on a page of {limit}", items.len());
            all.extend(items);
            if after.is_none() {
                return all;
            }
            next = after;
        }
        panic!("{uri} does not end");
    }

    /// A request for lines.
    pub(crate) fn streaming(&self, uri: &str) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::GET, uri, &Value::Null).header("accept", "application/x-ndjson")
    }

    /// The answer to a request for lines.
    pub(crate) async fn stream(&self, uri: &str) -> Answer {
        answer(self.streaming(uri)).await
    }

    /// All items as lines.
    pub(crate) async fn lines(&self, uri: &str) -> Vec<Value> {
        let answer = self.stream(uri).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// One member of every item, as text.
pub(crate) fn column(items: &[Value], name: &str) -> Vec<String> {
    items
        .iter()
        .map(|item| item[name].as_str().unwrap_or_else(|| panic!("no {name} in {item}")).to_owned())
        .collect()
}

//! Problems of deliveries as they are stored: made, and read again, by the layer above.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest problem that is kept, in bytes.
const LONGEST: usize = 64 << 10;

/// Why a delivery failed, as opaque JSON with its code. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProblem {
    code: String,
    json: String,
}

impl StoredProblem {
    /// Keeps a problem; of one that is longer than 64 KiB only the code is kept.
    pub fn new(code: impl Into<String>, json: impl Into<String>) -> Self {
        let (code, json) = (code.into(), json.into());
        let json = if json.len() > LONGEST { serde_json::json!({ "code": code }).to_string() } else { json };
        Self { code, json }
    }

    /// The problem's code, which deliveries can be searched by.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Only code and detail: for those who have nothing to do with the document.
    pub(super) fn without_details(&self) -> Self {
        let mut json: serde_json::Value = serde_json::from_str(&self.json).unwrap_or_default();
        let detail = json.get_mut("detail").map(serde_json::Value::take).filter(serde_json::Value::is_string);
        Self::new(self.code.clone(), serde_json::json!({ "code": self.code, "detail": detail }).to_string())
    }

    /// The JSON as it was given.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for StoredProblem {
    /// The code only: details may quote the document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredProblem({})", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_endless_problem_the_code_is_kept() {
        let problem = StoredProblem::new("upstream_rejected", " ".repeat(LONGEST + 1));
        assert_eq!(problem.json(), "{\"code\":\"upstream_rejected\"}");
        let problem = StoredProblem::new("upstream_rejected", " ".repeat(LONGEST));
        assert_eq!(problem.json().len(), LONGEST);
    }
}

//! The strict reading of a search's filters (contract §7).

use serde_json::{Map, Value};

use super::{Asked, DAY, Refusal};

/// Which search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Instances,
    Tasks,
    Copies,
}

/// A body in which everything is documented.
pub(crate) struct Filters {
    members: Map<String, Value>,
    kind: Kind,
}

const SHARED: [&str; 6] =
    ["user_id", "approval_code", "instance_code", "instance_external_id", "group_external_id", "locale"];

const LOCALES: [&str; 16] = [
    "zh-CN", "en-US", "ja-JP", "zh-HK", "zh-TW", "de-DE", "es-ES", "fr-FR", "id-ID", "it-IT", "ko-KR",
    "pt-BR", "th-TH", "vi-VN", "ms-MY", "ru-RU",
];

const TASK_STATUSES: [&str; 8] =
    ["PENDING", "REJECTED", "APPROVED", "TRANSFERRED", "DONE", "RM_REPEAT", "PROCESSED", "ALL"];

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Instances => "instance_title",
            Self::Tasks => "task_title",
            Self::Copies => "cc_title",
        }
    }

    fn window(self) -> [&'static str; 2] {
        match self {
            Self::Instances => ["instance_start_time_from", "instance_start_time_to"],
            Self::Tasks => ["task_start_time_from", "task_start_time_to"],
            Self::Copies => ["cc_create_time_from", "cc_create_time_to"],
        }
    }

    /// The enum filter and its words: another spelling on each surface (contract §12.2).
    fn status(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Instances => {
                ("instance_status", &["PENDING", "RECALL", "REJECT", "DELETED", "APPROVED", "ALL"])
            }
            Self::Tasks => ("task_status", &TASK_STATUSES),
            Self::Copies => ("read_status", &["READ", "UNREAD", "ALL"]),
        }
    }
}

impl Filters {
    pub(crate) fn read(asked: &Asked, kind: Kind) -> Result<Self, Refusal> {
        let Value::Object(members) = asked.json()? else {
            return Err(Refusal::undocumented("the body is no object"));
        };
        let filters = Self { members, kind };
        let (status, words) = kind.status();
        for (name, value) in &filters.members {
            let fine = match name.as_str() {
                "locale" => value.as_str().is_some_and(|word| LOCALES.contains(&word)),
                "order" if kind == Kind::Tasks => value.as_u64().is_some_and(|order| order <= 3),
                "task_status_list" if kind == Kind::Tasks => is_list_of(value, &TASK_STATUSES),
                name if name == status => value.as_str().is_some_and(|word| words.contains(&word)),
                name if kind.window().contains(&name) => millis(value).is_some(),
                name if SHARED.contains(&name) || name == kind.title() => {
                    value.as_str().is_some_and(|text| !text.is_empty())
                }
                _ => false,
            };
            if !fine {
                return Err(Refusal::undocumented(format!("{name} may not be {value}")));
            }
        }
        if !SHARED[..5].iter().any(|name| filters.members.contains_key(*name)) {
            return Err(Refusal::undocumented("none of the five filters"));
        }
        filters.window()?;
        Ok(filters)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    pub(crate) fn title(&self) -> Option<&str> {
        self.text(self.kind.title())
    }

    /// Words that are alternatives; none for every status. A list overrides the single word (contract §7.2).
    pub(crate) fn statuses(&self) -> Option<Vec<&str>> {
        let (status, _) = self.kind.status();
        let words: Vec<&str> = match self.members.get("task_status_list") {
            Some(list) => list.as_array().unwrap().iter().filter_map(Value::as_str).collect(),
            None => vec![self.text(status)?],
        };
        (!words.contains(&"ALL")).then_some(words)
    }

    /// The order of tasks; latest start first unless said otherwise.
    pub(crate) fn order(&self) -> u64 {
        self.members.get("order").and_then(Value::as_u64).unwrap_or(2)
    }

    /// Both ends, at most thirty days apart.
    pub(crate) fn window(&self) -> Result<Option<(i64, i64)>, Refusal> {
        let [from, to] = self.kind.window().map(|name| self.members.get(name).and_then(millis));
        match (from, to) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) if from <= to && to - from <= 30 * DAY => Ok(Some((from, to))),
            window => Err(Refusal::undocumented(format!("the window is {window:?}"))),
        }
    }
}

/// Milliseconds in a string (contract §1.4).
pub(crate) fn millis(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn is_list_of(value: &Value, words: &[&str]) -> bool {
    let is_word = |value: &Value| value.as_str().is_some_and(|word| words.contains(&word));
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_word))
}

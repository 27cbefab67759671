//! What the documents leave open, as switches: a test flips one to see that it survives either answer.

use serde::{Deserialize, Serialize};

/// Behaviour of the sandbox that Feishu's documents leave open, and limits that tests want to move.
///
/// `GET /sandbox/switches` shows them, `PUT /sandbox/switches` changes those it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Which brand's limits apply (contract §11.6).
    pub region: Brand,
    /// What happens under `UPDATE` to resources that an earlier push left (not documented).
    pub resources_under_update: ResourcesUnderUpdate,
    /// Whether a stale outer `update_time` drops the whole `UPDATE`; two official pages disagree (contract §4.4).
    pub stale_outer_drops_all: bool,
    /// Whether answers carry the undocumented `process_record` (contract §4.2).
    pub process_record: bool,
    /// Whether a push is answered with what was sent or with what is stored now (not documented for `UPDATE`).
    pub echo: Echo,
    /// Answers 1390001 where the schema layer would answer 99992402 or 9499; the boundary is unknown (contract §13.4).
    pub schema_errors_as_1390001: bool,
    /// HTTP status of refused tokens and scopes; reports say 400 and 200 (contract §13.3).
    pub auth_failure_http_status: u16,
    /// Answers a crossed rate limit with HTTP 400, as some old APIs do, instead of 429 (contract §11.4).
    pub legacy_rate_limit: bool,
    /// Calls a second per API and app, 0 = no limit (contract §11.4: tier 4).
    pub per_second: u32,
    /// Calls a minute per API and app, 0 = no limit (contract §11.4: tier 4).
    pub per_minute: u32,
    /// For so many milliseconds after a push, another one of the same instance is refused; 0 = never (contract §4.6).
    pub busy_window_ms: u32,
    /// The code that a push inside the busy window gets (contract §4.6).
    pub busy_answer: BusyAnswer,
    /// Life of a new token in seconds (contract §2.2: 7,200 at most).
    pub token_life_seconds: u32,
    /// Makes the token endpoint hand out a revoked token again and again.
    pub sticky_dead_token: bool,
    /// Scopes that every app has; absent means all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_scopes: Option<Vec<String>>,
    /// Searches show a change only after so many milliseconds (contract §7: eventually consistent).
    pub search_delay_ms: u32,
    /// Which generations of the task list exist (contract §6).
    pub task_list_api: TaskListApi,
    /// Instances on a page of the historic task list (not documented).
    pub legacy_page_size: usize,
    /// How lists go on: as they should, or in a way that no client may follow for ever.
    pub pages: Pages,
    /// Refuses whatever the documents do not list, where Feishu would ignore it without a word.
    pub strict: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            region: Brand::Feishu,
            resources_under_update: ResourcesUnderUpdate::Merge,
            stale_outer_drops_all: false,
            process_record: true,
            echo: Echo::Request,
            schema_errors_as_1390001: false,
            auth_failure_http_status: 400,
            legacy_rate_limit: false,
            per_second: 50,
            per_minute: 1000,
            busy_window_ms: 0,
            busy_answer: BusyAnswer::TryLater,
            token_life_seconds: 7200,
            sticky_dead_token: false,
            granted_scopes: None,
            search_delay_ms: 0,
            task_list_api: TaskListApi::Both,
            legacy_page_size: 50,
            pages: Pages::Honest,
            strict: false,
        }
    }
}

/// The brand that is imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brand {
    /// 飞书, China: 300 tasks, `group_code` optional.
    Feishu,
    /// Lark, international: 200 tasks, `group_code` required.
    Lark,
}

/// The fate of earlier `i18n_resources` when an `UPDATE` brings others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourcesUnderUpdate {
    /// Earlier keys live on; a key sent again takes its new text.
    Merge,
    /// Only the keys of the last push exist.
    Replace,
}

/// What a push is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Echo {
    /// The instance as it was sent.
    Request,
    /// The instance as it is stored after the push.
    Stored,
}

/// How a push inside the busy window is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BusyAnswer {
    /// The current pages: *try again later*.
    #[serde(rename = "1395001")]
    TryLater,
    /// The page of early 2023: *do not synchronize … for a short period of time*.
    #[serde(rename = "1390014")]
    TooOften,
}

/// How the pages of a list follow each other; all but the first lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pages {
    /// Each page names the next one, the last one none.
    Honest,
    /// There is always more, and no token to ask for it.
    NoToken,
    /// Every page is the first one and names the same next page.
    SameToken,
    /// Every page is the first one, and two tokens take turns.
    Circle,
    /// Every page is the first one, with a new token each time.
    Repeated,
    /// Pages are empty, and each has a new token.
    Empty,
}

/// The generations of the task list that answer; the others are unknown paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskListApi {
    /// `GET external_tasks` and the historic `external/list`.
    Both,
    /// `GET external_tasks` only.
    V4,
    /// The historic `external/list` only.
    V2,
}

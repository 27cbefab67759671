//! Everything that the sandbox remembers, behind one lock that is never held across an await.

use super::definitions::{DefinitionBody, Definitions, External, TapTarget, Viewer};
use super::directory::Directory;
use super::faults::Faults;
use super::i18n::{Resource, Text};
use super::instances::Instances;
use super::messages::Messages;
use super::rate::RateLimits;
use super::requests::Requests;
use super::store_app::{StoreApp, StoreApps};
use super::switches::Switches;
use super::tokens::Tokens;

/// Real code of a definition that exists from the start, so that a first push works.
pub const SEEDED_APPROVAL_CODE: &str = "7C468A54-8745-2245-9675-08B7C63E7A85";

/// The memory of one sandbox.
#[derive(Debug)]
pub(super) struct State {
    pub(super) switches: Switches,
    /// How far `POST /sandbox/clock` has moved the time, in milliseconds.
    pub(super) clock_offset: i64,
    pub(super) tokens: Tokens,
    pub(super) store_apps: StoreApps,
    pub(super) rates: RateLimits,
    pub(super) definitions: Definitions,
    pub(super) instances: Instances,
    pub(super) messages: Messages,
    pub(super) directory: Directory,
    pub(super) faults: Faults,
    pub(super) requests: Requests,
    /// Taps so far on cards that nobody has sent: each names a message of its own.
    pub(super) taps: u64,
}

impl State {
    /// A fresh memory that holds the seeded definition only.
    pub(super) fn new(switches: Switches, callback: Option<&TapTarget>, store_app: Option<StoreApp>) -> Self {
        let mut definitions = Definitions::default();
        definitions.seed(SEEDED_APPROVAL_CODE, seeded_definition(callback));
        Self {
            switches,
            clock_offset: 0,
            tokens: Tokens::default(),
            store_apps: StoreApps::new(store_app),
            rates: RateLimits::default(),
            definitions,
            instances: Instances::default(),
            messages: Messages::default(),
            directory: Directory::default(),
            faults: Faults::default(),
            requests: Requests::default(),
            taps: 0,
        }
    }
}

fn seeded_definition(callback: Option<&TapTarget>) -> DefinitionBody {
    let resource = |locale: &str, is_default, name: &str, source: &str| Resource {
        locale: locale.to_owned(),
        is_default,
        texts: [("@i18n@sandbox_name", name), ("@i18n@sandbox_source", source)]
            .map(|(key, value)| Text { key: key.to_owned(), value: value.to_owned() })
            .to_vec(),
    };
    DefinitionBody {
        approval_name: "@i18n@sandbox_name".to_owned(),
        approval_code: "sandbox-demo".to_owned(),
        group_code: None,
        group_name: None,
        description: None,
        external: External {
            biz_name: Some("@i18n@sandbox_source".to_owned()),
            create_link_pc: "https://oa.example.org/new".to_owned(),
            create_link_mobile: "https://oa.example.org/m/new".to_owned(),
            support_pc: true,
            support_mobile: true,
            action_callback_url: callback.map(|callback| callback.url.clone()),
            action_callback_token: callback.map(|callback| callback.token.clone()),
            action_callback_key: callback.map(|callback| callback.key.clone()),
            ..External::default()
        },
        viewers: vec![Viewer {
            viewer_type: Some("TENANT".to_owned()),
            viewer_user_id: None,
            viewer_department_id: None,
        }],
        i18n_resources: vec![
            resource("zh-CN", true, "示例审批", "沙箱"),
            resource("en-US", false, "Sample approval", "Sandbox"),
        ],
        managers: Vec::new(),
    }
}

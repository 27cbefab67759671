//! The schema layer: which fields exist, which are required, and which values they take (contract §13.4).
//!
//! The tables below this module say it once, as data; `checker` walks a body along them and reports every violation
//! at once, together with the fields that Feishu would drop without a word.

mod checker;
mod definition;
mod instance;
mod message;
mod queries;
mod searches;
mod texts;

pub(super) use checker::{CheckResult, Dropped, check};
pub(super) use definition::DEFINITION;
pub(super) use instance::INSTANCE;
pub(super) use message::{CUSTOM as CUSTOM_TEMPLATE, MESSAGE, MESSAGE_UPDATE};
pub(super) use queries::{CHECK, FIND_USERS, LEGACY_TASK_LIST, TASK_LIST};
pub(super) use searches::{CC_SEARCH, INSTANCE_SEARCH, TASK_SEARCH};

/// A JSON object with its fields and the rules between them.
pub(super) struct Object {
    fields: &'static [Field],
    rules: &'static [Rule],
}

/// One field of an object.
pub(super) struct Field {
    name: &'static str,
    need: Need,
    kind: Kind,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Optional,
    Required,
    /// Lark's pages require what Feishu's leave open (contract §11.6).
    RequiredOnLark,
}

/// What a field may hold.
enum Kind {
    /// Text of at most so many characters (0 = no documented limit).
    Text {
        max: usize,
    },
    /// Text that must not be empty; that `""` counts as missing is our choice.
    Id {
        max: usize,
    },
    /// The key of a text in `i18n_resources` (contract §1.5).
    Key {
        min: usize,
        max_text: usize,
    },
    /// One of the documented words. Refusing others with 99992402 instead of 1390001 is our choice (contract §13.4).
    Word(&'static [&'static str]),
    /// An int64 as a decimal string; a JSON number is taken too (contract §1.4).
    Int64,
    /// `true` or `false`.
    Flag,
    /// Texts by key, as messages want them; elsewhere they are a list (contract §1.5).
    Texts,
    Object(&'static Object),
    List {
        max: Max,
        of: &'static Kind,
    },
}

/// Most entries of a list.
enum Max {
    Unlimited,
    Entries(usize),
    /// Contract §11.6: one figure for Feishu, another for Lark.
    ByBrand {
        feishu: usize,
        lark: usize,
    },
}

/// A condition between the fields of one object.
enum Rule {
    /// At least one of them is present.
    OneOf(&'static [&'static str]),
    /// When the word of a field passes the test, another field is required.
    When { field: &'static str, is: fn(&str) -> bool, needs: &'static str },
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, need: Need::Required, kind }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, need: Need::Optional, kind }
}

/// A text without a documented limit.
const TEXT: Kind = Kind::Text { max: 0 };

/// An identifier without a documented limit (contract §4.1).
const ID: Kind = Kind::Id { max: 0 };

/// A key without a documented minimum length.
const KEY: Kind = Kind::Key { min: 0, max_text: 0 };

/// `i18n_resources` (contract §1.5). The locale's spelling is not validated by Feishu.
static RESOURCE: Object = Object {
    fields: &[
        required("locale", ID),
        required("is_default", Kind::Flag),
        required("texts", Kind::List { max: Max::Unlimited, of: &Kind::Object(&RESOURCE_TEXT) }),
    ],
    rules: &[],
};

static RESOURCE_TEXT: Object = Object { fields: &[required("key", ID), required("value", TEXT)], rules: &[] };

/// The field `i18n_resources` itself.
const RESOURCES: Kind = Kind::List { max: Max::Unlimited, of: &Kind::Object(&RESOURCE) };

//! Fields of the calls that only read (contract §5, §6).

use super::{Field, ID, Kind, Max, Object, TEXT, optional, required};

/// The body of `POST external_instances/check` (contract §5); leaving out `tasks` is refused.
pub(crate) static CHECK: Object = Object {
    fields: &[required("instances", Kind::List { max: Max::Unlimited, of: &Kind::Object(&CHECK_INSTANCE) })],
    rules: &[],
};

static CHECK_INSTANCE: Object = Object {
    fields: &[
        required("instance_id", ID),
        required("update_time", Kind::Int64),
        required("tasks", Kind::List { max: Max::Unlimited, of: &Kind::Object(&CHECK_TASK) }),
    ],
    rules: &[],
};

static CHECK_TASK: Object =
    Object { fields: &[required("task_id", ID), required("update_time", Kind::Int64)], rules: &[] };

/// The body of `GET external_tasks` (contract §6.1).
pub(crate) static TASK_LIST: Object = Object { fields: &[CODES, INSTANCES, USERS, STATUS], rules: &[] };

/// The body of the historic `external/list` (contract §6.2).
pub(crate) static LEGACY_TASK_LIST: Object =
    Object { fields: &[CODES, INSTANCES, USERS, STATUS, optional("scroll_id", TEXT)], rules: &[] };

/// The body of `POST contact/v3/users/batch_get_id` (field notes): at most 50 of each kind.
pub(crate) static FIND_USERS: Object = Object {
    fields: &[
        optional("emails", Kind::List { max: Max::Entries(50), of: &ID }),
        optional("mobiles", Kind::List { max: Max::Entries(50), of: &ID }),
        optional("include_resigned", Kind::Flag),
    ],
    rules: &[],
};

/// Documented: at most 20 codes.
const CODES: Field = optional("approval_codes", Kind::List { max: Max::Entries(20), of: &ID });

/// Documented: at most 20 instances.
const INSTANCES: Field = optional("instance_ids", Kind::List { max: Max::Entries(20), of: &ID });

const USERS: Field = optional("user_ids", Kind::List { max: Max::Unlimited, of: &ID });

const STATUS: Field =
    optional("status", Kind::Word(&["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"]));

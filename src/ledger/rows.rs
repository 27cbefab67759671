//! The rows of a ledger as every database has them, to carry them from one to another.

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers.
    Number,
    /// Small numbers: a type of its own in some databases.
    Small,
    /// True or false.
    Flag,
    /// Texts.
    Text,
    /// Bytes.
    Bytes,
}

/// A table whose rows are carried over.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// How many of its first columns are its key, in whose order it is read.
    pub(super) key: usize,
    /// Its columns.
    pub(super) columns: Vec<(&'static str, Kind)>,
}

impl Table {
    /// Names of the columns.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Names of the columns of the key.
    pub(super) fn key_names(&self) -> String {
        self.columns[..self.key].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Rows that are carried together: what is held in memory.
pub(super) const PAGE: usize = 100;

/// The last moment that there is: what is due then waits until it has been checked.
pub(super) const NEVER: i64 = 253_402_300_799_999;

/// The columns of a record, beside its number, app and instance id.
const RECORD: [(&str, Kind); 36] = [
    ("approval_code", Kind::Text),
    ("status", Kind::Text),
    ("is_whole", Kind::Flag),
    ("mode", Kind::Text),
    ("revision", Kind::Number),
    ("version", Kind::Number),
    ("clock", Kind::Number),
    ("hash", Kind::Bytes),
    ("accepted_at", Kind::Number),
    ("caller", Kind::Text),
    ("class", Kind::Text),
    ("import_no", Kind::Number),
    ("state", Kind::Text),
    ("due_at", Kind::Number),
    ("pending_since", Kind::Number),
    ("attempts", Kind::Number),
    ("failing_since", Kind::Number),
    ("problem_code", Kind::Text),
    ("problem", Kind::Text),
    ("sent_revision", Kind::Number),
    ("sent_version", Kind::Number),
    ("sent_at", Kind::Number),
    ("open_tasks", Kind::Bytes),
    ("people", Kind::Bytes),
    ("log_id", Kind::Text),
    ("confirmed_at", Kind::Number),
    ("check_at", Kind::Number),
    ("checks", Kind::Number),
    ("doubt_at", Kind::Number),
    ("drifts", Kind::Number),
    ("drifts_since", Kind::Number),
    ("is_repair", Kind::Flag),
    ("is_promised", Kind::Flag),
    ("has_document", Kind::Flag),
    ("settled_at", Kind::Number),
    ("history_entries", Kind::Number),
];

/// Their names.
pub(super) const COLUMNS: [&str; RECORD.len()] = {
    let mut names = [""; RECORD.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = RECORD[place].0;
        place += 1;
    }
    names
};

/// The tables, those that others name first. Counts of instances and leases are made anew.
pub(super) fn tables() -> Vec<Table> {
    use Kind::{Bytes, Flag, Number, Small, Text};
    let record = |before: &[(&'static str, Kind)], after: &[(&'static str, Kind)]| {
        before.iter().chain(&RECORD).chain(after).copied().collect()
    };
    let document = [("format", Small), ("body", Bytes)];
    let number = ("instance_no", Number);
    vec![
        Table {
            name: "import",
            key: 1,
            columns: vec![
                ("import_no", Number),
                ("app", Text),
                ("created_at", Number),
                ("ended_at", Number),
                ("caller", Text),
                ("request_id", Text),
                ("per_minute", Number),
                ("state", Text),
                ("accepted", Number),
                ("unchanged", Number),
                ("invalid", Number),
                ("superseded", Number),
                ("delivered", Number),
                ("refused", Number),
                ("canceled", Number),
            ],
        },
        Table {
            name: "instance",
            key: 1,
            columns: record(&[number, ("app", Text), ("instance_id", Text)], &[]),
        },
        Table { name: "document", key: 1, columns: [&[number], &document[..]].concat() },
        Table { name: "earlier", key: 1, columns: record(&[number], &document) },
        Table {
            name: "history",
            key: 2,
            columns: vec![
                number,
                ("number", Number),
                ("at", Number),
                ("event", Text),
                ("revision", Number),
                ("version", Number),
                ("caller", Text),
                ("request_id", Text),
                ("problem_code", Text),
                ("problem", Text),
                ("log_id", Text),
                ("detail", Text),
            ],
        },
        Table {
            name: "task",
            key: 2,
            columns: vec![
                number,
                ("task_id", Text),
                ("is_open", Flag),
                ("round", Number),
                ("context", Bytes),
            ],
        },
        Table {
            name: "action",
            key: 2,
            columns: vec![
                ("app", Text),
                ("action_key", Bytes),
                ("state", Text),
                ("answer", Text),
                ("until", Number),
            ],
        },
        Table {
            name: "event",
            key: 1,
            columns: vec![
                ("event_no", Number),
                ("app", Text),
                ("event_id", Text),
                ("type", Text),
                ("at", Number),
                ("instance_id", Text),
                ("revision", Number),
                ("approval_code", Text),
                ("problem_code", Text),
                ("problem", Text),
                ("state", Text),
                ("attempts", Number),
                ("due_at", Number),
                ("tried_until", Number),
                ("ended_at", Number),
                ("last_error", Text),
            ],
        },
        Table {
            name: "card",
            key: 1,
            columns: vec![
                ("card_no", Number),
                number,
                ("app", Text),
                ("task_id", Text),
                ("user_id", Text),
                ("open_id", Text),
                ("round", Number),
                ("state", Text),
                ("status", Text),
                ("since", Number),
                ("due_at", Number),
                ("attempts", Number),
                ("doubts", Number),
                ("message_id", Text),
                ("problem_code", Text),
                ("problem", Text),
                ("ended_at", Number),
            ],
        },
        Table {
            name: "definition",
            key: 2,
            columns: vec![
                ("app", Text),
                ("definition_key", Text),
                ("approval_code", Text),
                ("json", Text),
                ("caller", Text),
                ("updated_at", Number),
            ],
        },
        Table {
            name: "app_ticket",
            key: 1,
            columns: vec![("app_id", Text), ("ticket", Text), ("issued_at", Number), ("asked_at", Number)],
        },
    ]
}

/// How many rows of each table were carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Instances.
    pub instances: u64,
    /// Documents.
    pub documents: u64,
}

impl Moved {
    /// Counts rows of a table.
    pub(super) fn count(&mut self, table: &Table, rows: usize) {
        match table.name {
            "instance" => self.instances += rows as u64,
            "document" => self.documents += rows as u64,
            _ => {}
        }
    }
}

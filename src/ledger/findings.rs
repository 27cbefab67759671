//! What a check of a store looks for, the same in every database.

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Instances that the ledger knows.
    pub instances: i64,
    /// Documents that it keeps.
    pub documents: i64,
    /// What is wrong, one sentence each; the first hundred.
    pub faults: Vec<String>,
}

/// Most faults that are told.
pub(super) const MOST: usize = 100;

/// What must not be found, in which words it is told, and the column that says where.
const INVARIANTS: [(&str, &str, &str); 11] = [
    (
        "an instance is pending without being due, or due without being pending",
        "instance_no",
        "from instance where (state is not distinct from 'pending') <> (due_at is not null) \
         or (state is not distinct from 'pending') <> (pending_since is not null)",
    ),
    (
        "an instance has a version later than its clock",
        "instance_no",
        "from instance where version > clock or sent_version > clock",
    ),
    (
        "an instance was sent in a revision that was never accepted",
        "instance_no",
        "from instance where sent_revision > revision",
    ),
    (
        "an instance is delivered in another revision than is desired",
        "instance_no",
        "from instance where state in ('delivered', 'confirmed') \
         and (sent_revision is distinct from revision or sent_version is distinct from version)",
    ),
    (
        "an instance and its document do not fit together",
        "instance_no",
        "from instance left join document using (instance_no) where has_document <> (body is not null)",
    ),
    (
        "an instance waits, or was refused, without a document",
        "instance_no",
        "from instance where state in ('pending', 'refused', 'conflict') and not has_document",
    ),
    (
        "an instance of an import has been delivered",
        "instance_no",
        "from instance where (class = 'import') <> (import_no is not null) \
         or (import_no is not null and state not in ('pending', 'refused', 'conflict'))",
    ),
    (
        "an import counts other documents than wait for it",
        "import_no",
        "from import where accepted - superseded - delivered - refused - canceled <> \
         (select count(*) from instance where instance.import_no = import.import_no and state = 'pending')",
    ),
    (
        "an event is due without being pending",
        "event_no",
        "from event where due_at is not null and state <> 'pending'",
    ),
    (
        "of the events that wait about one instance, another than the first is due",
        "event_no",
        "from event where state = 'pending' and (due_at is not null) <> (event_no = \
         (select min(event_no) from event as other where other.app = event.app \
         and other.instance_id = event.instance_id and other.state = 'pending'))",
    ),
    (
        "the counts of an app differ from its instances",
        "count",
        "from (select app, state, class, sum(count) as count from tally group by app, state, class \
         having sum(count) <> 0 \
         except select app, state, class, count(*) from instance where state is not null group by app, state, class) \
         as differing",
    ),
];

/// Statements that each give one sentence for each fault.
pub(super) fn statements() -> impl Iterator<Item = String> {
    INVARIANTS.iter().map(|(sentence, column, from)| {
        format!("select '{sentence} (number ' || {column} || ')' {from} limit {MOST}")
    })
}

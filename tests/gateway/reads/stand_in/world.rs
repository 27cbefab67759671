//! What the stand-in holds.

/// 2026-03-14T09:00:00Z: the newest instance of every world.
pub(crate) const NOW: i64 = 1_773_478_800_000;

pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// The real code of the definition that most instances belong to, as in the contract's samples.
pub(crate) const CODE: &str = "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905";

/// The caller's code of the group that most instances belong to.
pub(crate) const GROUP: &str = "acme-oa";

/// The person who starts every instance.
pub(crate) const APPLICANT: &str = "b51f70ac";

/// The person who approves most tasks.
pub(crate) const APPROVER: &str = "e7b21c9d";

/// The person who gets every copy.
pub(crate) const READER: &str = "c03f5a8e";

/// An instance, in the words of a push (contract §4.1).
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) approval_code: String,
    pub(crate) group: String,
    /// Upper case; a word outside the vocabulary is answered as it is.
    pub(crate) status: &'static str,
    pub(crate) title: String,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) extra: String,
    pub(crate) tasks: Vec<Task>,
    pub(crate) copies: Vec<Copy>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) status: &'static str,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) extra: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) user: String,
    pub(crate) created: i64,
    pub(crate) read: bool,
    pub(crate) title: String,
}

/// Everything that the stand-in holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) instances: Vec<Instance>,
}

impl Instance {
    /// A pending instance with one pending task and one unread copy.
    pub(crate) fn new(id: &str, started: i64) -> Self {
        let task = Task {
            id: format!("{id}-n1"),
            user: APPROVER.to_owned(),
            status: "PENDING",
            started,
            updated: started + 1000,
            extra: String::new(),
        };
        let copy =
            Copy { user: READER.to_owned(), created: started, read: false, title: format!("copy of {id}") };
        Self {
            id: id.to_owned(),
            approval_code: CODE.to_owned(),
            group: GROUP.to_owned(),
            status: "PENDING",
            title: format!("title of {id}"),
            started,
            updated: started + 2000,
            extra: format!("{{\"business_key\":\"BK-{id}\"}}"),
            tasks: vec![task],
            copies: vec![copy],
        }
    }

    pub(crate) fn status(mut self, status: &'static str) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn task_status(mut self, status: &'static str) -> Self {
        self.tasks[0].status = status;
        self
    }

    /// Feishu's own code of the instance.
    pub(crate) fn code(&self) -> String {
        format!("CODE-{}", self.id)
    }

    /// When it ended, `0` while it is open.
    pub(crate) fn ended(&self) -> i64 {
        if matches!(self.status, "PENDING" | "HIDDEN") { 0 } else { self.updated }
    }
}

/// Statuses of the instances of [`World::of_230_days`], in turn.
const STATUSES: [&str; 6] = ["PENDING", "APPROVED", "REJECTED", "CANCELED", "DELETED", "APPROVED"];

/// Statuses of their tasks, in turn.
const TASK_STATUSES: [&str; 5] = ["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"];

impl World {
    /// A hundred and twenty instances in every status that searches know, over 230 days, with twelve withdrawn ones in a
    /// row so that some pages are empty.
    pub(crate) fn of_230_days() -> Self {
        let instances = (0..120).map(|nth: usize| {
            let started = NOW - (i64::try_from(nth).unwrap() * 230 * DAY) / 119;
            let status = if (40..52).contains(&nth) { "CANCELED" } else { STATUSES[nth % STATUSES.len()] };
            let mut instance = Instance::new(&format!("oa-{nth:03}"), started)
                .status(status)
                .task_status(TASK_STATUSES[nth % TASK_STATUSES.len()]);
            instance.copies[0].read = nth.is_multiple_of(3);
            instance
        });
        Self { instances: instances.collect() }
    }

    /// Two instances a definition, for as many definitions.
    pub(crate) fn of_definitions(count: usize) -> Self {
        let instances = (0..count).flat_map(|nth| {
            ["a", "b"].map(|letter| Instance {
                approval_code: format!("CODE-{nth:03}"),
                ..Instance::new(&format!("oa-{nth:03}-{letter}"), NOW)
            })
        });
        Self { instances: instances.collect() }
    }

    /// These alone.
    pub(crate) fn of(instances: impl IntoIterator<Item = Instance>) -> Self {
        Self { instances: instances.into_iter().collect() }
    }
}

//! Documents of every size, as a company's systems would send them, and what Feishu answers.

use std::fmt;

use serde_json::{Value, json};

/// How much a document holds.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    name: &'static str,
    tasks: usize,
    copies: usize,
    /// How many languages the texts are in; the document's own counts.
    locales: usize,
}

/// One task and one copy.
pub(crate) const SMALL: Size = Size { name: "small", tasks: 1, copies: 1, locales: 1 };

/// A long ordinary approval.
pub(crate) const MEDIUM: Size = Size { name: "medium", tasks: 20, copies: 20, locales: 1 };

/// As much as Feishu takes, in three languages.
pub(crate) const LARGE: Size = Size { name: "large", tasks: 300, copies: 200, locales: 3 };

/// The three sizes that are compared everywhere.
pub(crate) const SIZES: [Size; 3] = [SMALL, MEDIUM, LARGE];

/// Three languages, from one task up; two copies for three tasks.
pub(crate) const GROWTH: [Size; 7] =
    [grown(1), grown(3), grown(10), grown(30), grown(100), grown(200), grown(300)];

const fn grown(tasks: usize) -> Size {
    Size { name: "growth", tasks, copies: tasks * 2 / 3, locales: 3 }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            "growth" => write!(f, "{:03} tasks", self.tasks),
            name => f.write_str(name),
        }
    }
}

impl fmt::Debug for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

const STEPS: [&str; 12] = [
    "组长审批",
    "部门经理审批",
    "预算复核",
    "合同审核",
    "采购员确认",
    "人事专员审批",
    "数据安全审核",
    "副总裁审批",
    "秘书处审阅",
    "会计付款",
    "资料归档",
    "抄送相关人",
];

const ROWS: [(&str, &str); 3] =
    [("报销事由", "赴深圳参加供应商年度评审会"), ("金额", "人民币 36,820.50 元"), ("出发日期", "2026-02-14")];

const LINK: &str = "https://approval.example.com/expenses/detail?document=EX-2026-0004321";

/// The document of a `PUT`.
pub(crate) fn document(size: Size) -> Vec<u8> {
    let Size { tasks, copies, locales, .. } = size;
    let mut document = json!({
        "approval_code": "5A1C7E02-31DD-48B6-9F6A-7D20C4E8B913",
        "status": "pending",
        "title": "差旅报销",
        "pc_link": LINK,
        "mobile_link": format!("{LINK}&client=mobile"),
        "applicant_user_id": "b812kd0x",
        "applicant_name": "王小明",
        "department_id": "od-51b7c0e92fa",
        "department_name": "华南销售部",
        "form": ROWS.map(|(name, value)| json!({ "name": name, "value": value })),
        "started_at": time(0),
        "updated_at": time(600),
        "business_key": "EX-2026-0004321",
        "locale": "zh-CN",
        "tasks": (0..tasks).map(|n| task(n, tasks)).collect::<Vec<_>>(),
        "cc": (0..copies).map(copy).collect::<Vec<_>>(),
    });
    let languages = ["en-US", "ja-JP"].into_iter().take(locales - 1);
    let catalogues: serde_json::Map<_, _> =
        languages.map(|locale| (locale.to_owned(), catalogue(locale, &document))).collect();
    if !catalogues.is_empty() {
        document["translations"] = catalogues.into();
    }
    document.to_string().into_bytes()
}

fn task(n: usize, total: usize) -> Value {
    let mut task = json!({
        "task_id": format!("T{n:06}"),
        "user_id": format!("u{n:07x}"),
        "title": STEPS[n % STEPS.len()],
        "pc_link": format!("{LINK}&task={n}"),
        "status": "approved",
        "created_at": time(n),
        "updated_at": time(n + 1),
        "node_id": format!("node-{:03}", n / 5),
        "node_name": format!("第 {} 级审批", n / 5 + 1),
    });
    // The last tenth is still open.
    if n >= total - (total / 10).max(1) {
        task["status"] = "pending".into();
        task["actions"] = json!([
            { "action": "approve", "reason": "optional" },
            { "action": "reject", "reason": "required", "attachment": true },
        ]);
    } else {
        task["ended_at"] = time(n + 1).into();
    }
    task
}

fn copy(n: usize) -> Value {
    json!({
        "cc_id": format!("C{n:06}"),
        "user_id": format!("c{n:07x}"),
        "title": "差旅报销抄送",
        "pc_link": format!("{LINK}&cc={n}"),
        "read": n.is_multiple_of(2),
        "created_at": time(n),
        "updated_at": time(n + 1),
    })
}

/// What every text of the document reads like.
fn catalogue(locale: &str, document: &Value) -> Value {
    let own = ["title", "applicant_name", "department_name"].map(|name| &document[name]);
    let rows =
        document["form"].as_array().into_iter().flatten().flat_map(|row| [&row["name"], &row["value"]]);
    let tasks = document["tasks"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|task| [&task["title"], &task["node_name"]]);
    let texts = own.into_iter().chain(rows).chain(tasks).filter_map(Value::as_str);
    let entries = texts.enumerate().map(|(n, text)| {
        (text.to_owned(), Value::from(format!("{locale} wording no. {n} for whoever decides")))
    });
    Value::Object(entries.collect())
}

/// That many seconds after a morning in Shenzhen.
fn time(seconds: usize) -> String {
    let (hours, minutes, seconds) = (9 + seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-02-10T{hours:02}:{minutes:02}:{seconds:02}.000+08:00")
}

/// Feishu's answer to a push: counters, and an echo of the instance that nobody reads.
pub(crate) fn answer() -> Vec<u8> {
    let counts = |n: u32| json!({ "insert_num": n, "update_num": 0, "delete_num": 0 });
    json!({
        "code": 0,
        "msg": "success",
        "data": {
            "process_record": { "instance": counts(1), "task": counts(1), "cc": counts(1) },
            "data": {
                "approval_code": "5A1C7E02-31DD-48B6-9F6A-7D20C4E8B913",
                "status": "PENDING",
                "instance_id": "EX-2026-0004321",
                "links": { "pc_link": LINK, "mobile_link": LINK },
                "title": "@i18n@aaaaaaaaaaaaaaaaaaaaaaab",
                "form": ROWS.map(|_| json!({ "name": "@i18n@aaaaaaaaaaaaaaaaaaaaaaac", "value": "@i18n@aaaaaaaaaaaaaaaaaaaaaaad" })),
                "user_id": "b812kd0x",
                "start_time": "1770685200000",
                "end_time": "0",
                "update_time": "1770685800000",
                "update_mode": "REPLACE",
                "task_list": [{ "task_id": "T000000", "user_id": "u0000000", "status": "PENDING", "create_time": "1770685200000", "end_time": "0", "update_time": "1770685201000" }],
            },
        },
    })
    .to_string()
    .into_bytes()
}

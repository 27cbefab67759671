//! Why a person sees an instance in Feishu, or does not.

use super::delivery_status::DeliveryStatus;
use super::task_status_item::TaskStatusItem;
use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::delivery::durable::Hold;
use crate::delivery::visibility::{
    Effect, Explanation, Finding, InboxList, Looked, PersonId, ReasonCode, Sight,
};
use crate::domain::Word;
use crate::http::problem::catalogue::Language;
use crate::http::reason_catalogue::explain;
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// Why a person sees an instance in Feishu, or does not.
    pub(in crate::http) struct InstanceVisibility {
        /// Your id of the instance.
        instance_id: String { required: true, example: "\"leave-1001\"" },
        /// Who was asked about, when by this kind of id.
        user_id: Option<String> { example: "\"lisi\"" },
        /// Who was asked about, when by this kind of id.
        open_id: Option<String> { example: "\"ou_7dab8a3d3cdcc9da365777c7ad535d62\"" },
        /// Whether the person sees it, by all that is known.
        visible: &'static str { required: true, example: "\"no\"", words: Some(words::<Sight>) },
        /// The lists of the approval centre in which it is, or may be: 待办, 已办, 已发起, 抄送我.
        lists: Vec<String> { required: true, example: "[\"todo\"]", max_items: 4 },
        /// Why; those to act on come first.
        reasons: Vec<VisibilityReason> { required: true, max_items: MOST_REASONS },
        /// What is doubtful about the kept document.
        warnings: Vec<DocumentWarning> { required: true, max_items: MOST_WARNINGS },
        /// How far its delivery has come; absent without a ledger, or when nothing of it is kept.
        delivery: Option<DeliveryStatus>,
        /// What Feishu has; absent when it has nothing, or could not be asked.
        feishu: Option<TaskStatusItem>,
    }

    /// One reason.
    struct VisibilityReason {
        /// Stable word for programs; there may be others.
        code: &'static str { required: true, example: "\"task_done\"", words: Some(words::<ReasonCode>) },
        /// What it does: `hides`, `may_hide` or `shows`.
        effect: &'static str { required: true, example: "\"hides\"", words: Some(words::<Effect>) },
        /// The list that it is about; absent when it is about the whole instance.
        list: Option<&'static str> { example: "\"todo\"", words: Some(words::<InboxList>) },
        /// The task that it is about.
        task_id: Option<String> { example: "\"leave-1001-t1\"" },
        /// The copy that it is about.
        cc_id: Option<String> { example: "\"leave-1001-c1\"" },
        /// JSON Pointer to what is to be mended in the kept document.
        pointer: Option<String> { example: "\"/tasks/0/user_id\"" },
        /// The code of the problem behind it; `getProblemType` explains those of Feishu's answers.
        problem_code: Option<String> { example: "\"upstream_unavailable\"" },
        /// What it means.
        meaning: &'static str { required: true, example: "\"The instance has the status hidden: Feishu shows it to nobody.\"" },
        /// The same in Chinese.
        meaning_zh: &'static str { required: true, example: "\"实例状态为 hidden，飞书不向任何人显示。\"" },
        /// What to do.
        what_to_do: &'static str { required: true, example: "\"Push it with its real status, such as pending, to show it again.\"" },
        /// The same in Chinese.
        what_to_do_zh: &'static str { required: true, example: "\"以真实状态（如 pending）推送即可重新显示。\"" },
    }
}

/// One for each task and copy, which a person may have all of, with what has drifted of each, and those of the instance.
const MOST_REASONS: usize = 1_000;

impl InstanceVisibility {
    /// What was found out, when the app pushes or is on hold; `unasked` is the code of why Feishu could not be asked.
    pub(in crate::http) fn new(
        instance_id: String,
        person: PersonId,
        looked: Looked,
        hold: Option<&Hold>,
        unasked: Option<&'static str>,
    ) -> Self {
        let Looked { explanation, delivery, warnings, listed, failure: _, report: _ } = looked;
        let Explanation { sight, lists, findings } = explanation;
        let (user_id, open_id) = match person {
            PersonId::UserId(id) => (Some(id), None),
            PersonId::OpenId(id) => (None, Some(id)),
        };
        let reason = |finding: Finding| {
            let problem = unasked.filter(|_| finding.code == ReasonCode::FeishuNotAsked).map(str::to_owned);
            VisibilityReason::new(Finding { problem: finding.problem.or(problem), ..finding })
        };
        Self {
            instance_id,
            user_id,
            open_id,
            visible: sight.as_str(),
            lists: lists.into_iter().map(|list| list.as_str().to_owned()).collect(),
            reasons: findings.into_iter().map(reason).collect(),
            warnings: shown_warnings(warnings),
            delivery: delivery.map(|record| DeliveryStatus::new(record, hold)),
            feishu: listed.map(TaskStatusItem::from),
        }
    }
}

impl VisibilityReason {
    fn new(finding: Finding) -> Self {
        let Finding { code, effect, list, task_id, cc_id, pointer, problem } = finding;
        let english = explain(code, Language::English);
        let chinese = explain(code, Language::Chinese);
        Self {
            code: code.as_str(),
            effect: effect.as_str(),
            list: list.map(Word::as_str),
            task_id,
            cc_id,
            pointer,
            problem_code: problem,
            meaning: english.meaning,
            meaning_zh: chinese.meaning,
            what_to_do: english.what_to_do,
            what_to_do_zh: chinese.what_to_do,
        }
    }
}

//! The reasons in Chinese: meaning, what to do.

use crate::delivery::visibility::ReasonCode;

pub(super) fn explain(code: ReasonCode) -> (&'static str, &'static str) {
    match code {
        ReasonCode::TaskPending => (
            "此人是待处理任务的审批人，任务应出现在“待办”。",
            "若没有其他原因将其隐藏，则无需处理。飞书不会就任务通知任何人，需本人到审批中心查看。",
        ),
        ReasonCode::TaskClosed => (
            "此人的任务已同意、拒绝或转交，应出现在“已办”，不再出现在“待办”。",
            "请在“已办”中查看。若此人仍需处理，请将任务以 pending 状态重新推送。",
        ),
        ReasonCode::Applicant => (
            "此人是发起人，审批应出现在“已发起”。",
            "若没有其他原因将其隐藏，则无需处理。发起人若还需审批，须为其建立任务。",
        ),
        ReasonCode::Copied => (
            "此人是抄送人，审批应出现在“抄送我”。",
            "若没有其他原因将其隐藏，则无需处理。抄送人若需审批，须为其建立任务；飞书的校验不涉及抄送，请以飞书界面为准。",
        ),
        ReasonCode::UnknownInstance => (
            "飞书没有本应用推送的此 id 的实例，网关也没有保存其文档。",
            "请与自有系统逐字核对 id，并在路径中做百分号编码。若 id 无误，请推送该实例；若已推送过，请检查是否使用了其他应用的密钥。",
        ),
        ReasonCode::NotDelivered => (
            "文档已接收，但飞书尚未收到，因此无人可见。",
            "无需重发，网关会自行送达。problem_code 与 delivery.last_problem 说明在等什么，delivery.next_attempt_at 说明何时再试；应用被暂停（parked）时须由运维处理。",
        ),
        ReasonCode::NewerRevisionWaits => (
            "最新文档尚未送达，飞书显示的是较早的版本，其中可能没有此人。",
            "无需重发，网关会自行送达。problem_code 与 delivery.last_problem 说明在等什么。",
        ),
        ReasonCode::RepairWaits => (
            "飞书丢失或改动了已送达的内容，或应请求重新发送，而重新送达尚未完成。",
            "等待送达即可，delivery.next_attempt_at 说明时间。若反复出现，则有其他系统也在推送此实例，或某个 id 被重复使用。",
        ),
        ReasonCode::Refused => (
            "飞书拒绝最新文档，网关不再重试。",
            "查看 delivery.last_problem，修正文档后重新发送；若原因在别处，可重试（retryDeliveries）。",
        ),
        ReasonCode::Conflict => (
            "飞书持有比本网关发送过的更新的版本：有其他系统在推送此实例，显示的是对方的内容。",
            "查明还有谁在推送。若要以自己的文档为准，请重新发送或重试（retryDeliveries）。",
        ),
        ReasonCode::DriftMissing => (
            "内容曾经送达，但飞书现在没有：整个实例，或此任务。",
            "网关会发现并自行重新送达；要立即进行，可带 resend=true 推送。若再次丢失，则某个 id 在租户内重复，或有其他系统以 mode=replace 推送此实例。",
        ),
        ReasonCode::DriftBehind => (
            "飞书的版本比已送达的旧，可能显示较早的状态。",
            "网关会发现并自行重新送达；要立即进行，可带 resend=true 推送。",
        ),
        ReasonCode::DriftAhead => (
            "飞书的版本比已送达的新：有其他系统推送过，显示的是对方的内容。",
            "查明还有谁在推送此实例。若要以自己的文档为准，可带 resend=true 推送。",
        ),
        ReasonCode::InstanceHidden => {
            ("实例状态为 hidden，飞书不向任何人显示。", "以真实状态（如 pending）推送即可重新显示。")
        }
        ReasonCode::InstanceDeleted => {
            ("实例状态为 deleted，飞书不向任何人显示。", "若为误删，请以真实状态重新推送。")
        }
        ReasonCode::InstanceWithdrawn => (
            "实例已撤回（canceled）：搜索不会返回，列表也可能不显示。",
            "发起人请在“已发起”中查看。若审批仍在进行，请以 pending 状态推送；无人再需处理的任务应予关闭。",
        ),
        ReasonCode::OtherPerson => (
            "文档中此人既不是发起人，也没有任务或抄送。",
            "请将 id 与文档核对（GET /v1/instances/{instance_id}/document）。若此人应当看到，请为其增加任务或抄送，或更正 id：id 不存在时，飞书不向任何人显示该任务，也不报错。",
        ),
        ReasonCode::OtherKindOfId => (
            "文档用另一种 id 指定人员，无法判断是否包含此人。",
            "请改用此人的另一种 id 查询：以 open_id 代替 user_id，或相反。",
        ),
        ReasonCode::WrongKindOfId => (
            "id 写在了另一种 id 的位置：open_id（ou_…）写作 user_id，或 user_id 写作 open_id。飞书查无此人，也不报错。",
            "有 pointer 时，是文档有误：请写入另一个字段后重新发送。没有 pointer 时，是查询有误：请改用另一个参数。",
        ),
        ReasonCode::PersonsUnknown => (
            "网关不知道任务归属，飞书也不提供：没有保存该实例的文档，或文档以邮箱、手机号或 union_id 指定的人员尚未查到。",
            "请查看自有系统中的文档，或此人的列表（GET /v1/users/{user_id}/tasks?topic=todo）。通过带账本的网关推送一次后即可得知。若已保存文档，其投递状态会说明人员是否无法查询（GET /v1/instances/{instance_id}/delivery）。",
        ),
        ReasonCode::TaskDone => (
            "任务状态为 done：未经此审批人处理即已通过，飞书不向其显示。",
            "若此人已处理，请以 approved 或 rejected 推送任务；若仍需处理，请以 pending 推送。",
        ),
        ReasonCode::CollidingId => (
            "id 被重复使用：在实例、任务、抄送之间，或很可能在租户内的别处。飞书接收时不报错，但不向任何人显示。",
            "请为每个任务和抄送使用整个租户内唯一的 id（例如实例 id 加后缀），并以 mode=replace 推送文档。",
        ),
        ReasonCode::NotAmongViewers => (
            "审批定义的可见范围没有列出此人，或只以部门或另一种 id 列出而网关无法判断：此人可能找不到这类审批。",
            "若应可见，请将其加入定义的 viewers（PATCH /v1/definitions/{approval_code}）。",
        ),
        ReasonCode::NotOnPc => (
            "审批定义为 support_pc=false，在电脑上不显示。",
            "请在手机上查看，或设置定义的 support_pc 与 pc_create_link。",
        ),
        ReasonCode::NotOnMobile => (
            "审批定义为 support_mobile=false，在手机上不显示。",
            "请在电脑上查看，或设置定义的 support_mobile 与 mobile_create_link。",
        ),
        ReasonCode::FeishuNotAsked => (
            "无法向飞书查询，或只得到部分答复，其余为网关自身所知。",
            "待飞书恢复后再查询，problem_code 说明问题所在。",
        ),
        ReasonCode::FeishuContradictsItself => (
            "飞书的任务列表与校验结果对是否存在此实例说法不一。",
            "请一分钟后再查询，可能正在变更。若持续如此，请将 log id 提供给飞书支持。",
        ),
        ReasonCode::UnknownStatus => (
            "飞书中的实例或任务状态是本网关不认识的词。",
            "请查看飞书界面，并留意网关的新版本。feishu 中有原词。",
        ),
    }
}

//! The catalogue in Chinese: title, meaning, what to do.

use super::Code;

pub(super) fn explain(code: Code) -> (&'static str, &'static str, &'static str) {
    match code {
        Code::InvalidJson => (
            "请求体不是 JSON",
            "请求体无法按一个 UTF-8 编码的 JSON 文档读取，或者在结束之前中断。没有向飞书发送任何内容。",
            "detail 给出了出错的位置。请发送一个完整的 JSON 文档：不要有注释、结尾逗号或 NaN，文档之后也不要再有别的内容。",
        ),
        Code::UnsupportedMediaType => (
            "请求体没有声明为 JSON",
            "缺少 Content-Type，或者它声明的不是 UTF-8 编码的 JSON，或者请求体经过压缩。没有向飞书发送任何内容。",
            "请加上 detail 中给出的请求头，并发送未压缩的请求体。注意 curl -d 默认声明为表单。",
        ),
        Code::PayloadTooLarge => (
            "请求体过大",
            "请求体超过了网关允许的大小。没有向飞书发送任何内容。",
            "请减小请求体，detail 给出了上限。正常的文档远小于该上限，请检查是否内嵌了文件或重复携带了译文。运维人员可以调大 GATEWAY_REQUEST__MAX_BODY_BYTES。",
        ),
        Code::RequestTimeout => (
            "请求体没有按时到达",
            "请求头已经到达，但请求体没有在截止时间之前传完。没有向飞书发送任何内容。",
            "请重新发送。如果经常出现，请检查调用方与网关之间的网络，或者 Content-Length 是否大于实际的请求体。",
        ),
        Code::NotFound => (
            "没有这个路由",
            "网关在该路径下没有任何接口。没有向飞书发送任何内容。",
            "请对照 /openapi.json 检查路径。路径中的 ID 必须做百分号编码（斜杠写作 %2F），路径末尾不带斜杠。",
        ),
        Code::MethodNotAllowed => (
            "该路由不支持这个方法",
            "路径存在，但不支持所用的 HTTP 方法。没有向飞书发送任何内容。",
            "请使用本次响应的 Allow 头中列出的方法。",
        ),
        Code::ValidationFailed => (
            "请求不符合规则",
            "有字段或参数缺失、未知、类型不对，或者会被飞书拒绝、被飞书悄悄丢弃。没有向飞书发送任何内容。",
            "请改正 errors 中列出的全部问题，列表是完整的。原样重发没有用。",
        ),
        Code::IdMismatch => (
            "请求体与路径指向不同的实例",
            "请求体中的 instance_id 与路径中的不一致，无法判断指的是哪一个。没有向飞书发送任何内容。",
            "请让两者一致，或者不在请求体中写 instance_id。比较时请先对路径做百分号解码。",
        ),
        Code::WouldErase => (
            "该文档会清除整个实例",
            "在 replace 模式下，终态且没有申请人 ID、没有任务、没有抄送，正是飞书文档中永久清除实例的写法。没有向飞书发送任何内容。",
            "请填写申请人的 user_id 或 open_id，或者在文档中保留任务和抄送。如果只是想隐藏实例，请发送状态 hidden。",
        ),
        Code::InvalidCursor => (
            "游标不适用",
            "游标已损坏，或者属于另一个接口、另一组筛选条件。没有向飞书发送任何内容。",
            "请原样传回 next_cursor，并保持筛选条件不变；或者不带游标从头开始。",
        ),
        Code::Unauthorized => (
            "调用方密钥缺失或错误",
            "网关不知道调用方是谁。这里指的是调用网关所用的密钥，与飞书的应用凭证无关。没有向飞书发送任何内容。",
            "请发送 Authorization: Bearer 加密钥，该密钥的 SHA-256 必须在网关的密钥文件中。如果密钥是新加的，需要重启网关后才生效。",
        ),
        Code::Forbidden => (
            "调用方没有权限",
            "密钥正确，但其持有者不允许执行该操作。没有向飞书发送任何内容。",
            "请联系网关的运维人员，并提供 request_id。",
        ),
        Code::UpstreamRejected => (
            "飞书拒绝了内容",
            "文档通过了网关的检查，但被飞书拒绝。飞书中的数据没有变化。",
            "请查看 errors（指向你自己的文档）和 upstream.message。常见原因是用户不在该租户中，或者 open_id 属于另一个应用。原样重发没有用。",
        ),
        Code::UnknownApprovalCode => (
            "飞书没有这个 approval_code",
            "该租户和应用下没有请求体中 approval_code 对应的审批定义，或者它已被删除。飞书中的数据没有变化。",
            "请使用 POST /v1/definitions 返回的 approval_code，而不是你自己取的 definition_key。一个 code 只属于一个租户和一个应用。",
        ),
        Code::DefinitionNotFound => (
            "飞书没有这个审批定义",
            "该租户和应用下没有路径中的 code 对应的审批定义。",
            "请使用 POST /v1/definitions 返回的 approval_code，而不是你自己取的 definition_key。一个 code 只属于一个租户和一个应用。",
        ),
        Code::DefinitionDeleted => (
            "审批定义已被删除",
            "该审批定义曾经存在，已在飞书审批管理后台被删除。",
            "请用 POST /v1/definitions 重新创建，此后使用新返回的 approval_code。",
        ),
        Code::InstanceNotFound => (
            "飞书没有这个实例",
            "该租户和应用下，从未有这个 ID 的实例推送到飞书，或者它已在飞书中被清除。",
            "请检查 ID 及其在路径中的百分号编码。如果 ID 无误，请用 PUT /v1/instances/{instance_id} 推送该实例。",
        ),
        Code::StaleUpdate => (
            "已经发送过更新的版本",
            "本次 update 的 updated_at 不晚于网关已为该实例发送过的版本。飞书会悄悄忽略它，所以没有发送。",
            "如果较新的推送是你发出的，则无需处理；否则请从自己的系统读取最新状态再推送。不要仅仅为了通过而把 updated_at 调后。",
        ),
        Code::SyncConflict => (
            "飞书正在处理该实例",
            "同一实例刚刚推送过，飞书因此拒绝，网关自行重试后仍被拒绝。飞书中保留的是上一次推送。",
            "请在 Retry-After 之后原样重发。如果经常出现，请让每个实例只由一个进程推送，并且不要经过多个网关。",
        ),
        Code::UpstreamMisconfigured => (
            "飞书不接受该应用用于该租户",
            "飞书表示找不到该租户或其成员。问题不在文档本身，飞书中的数据没有变化。",
            "运维人员：请检查 App ID 是否属于目标租户、应用是否已在该租户发布并启用、GATEWAY_FEISHU__REGION 是否正确。联系飞书支持时请提供 upstream.log_id。",
        ),
        Code::UpstreamRateLimited => (
            "达到飞书的频率限制",
            "飞书对该应用和接口的频率限制，使请求无法在截止时间之前完成。本次推送没有执行。",
            "请在 Retry-After 之后原样重发。如果经常出现，请分散流量，或者检查是否有别的程序在使用同一个应用。多个网关副本必须分摊频率。",
        ),
        Code::UpstreamQuotaExhausted => (
            "本月 API 调用额度已用完",
            "该租户的飞书套餐所含的本月 API 调用次数已用完，下个月之前所有调用都会失败。",
            "运维人员：请在飞书管理后台增购调用次数或升级套餐，或者等到下个月。重试没有用。",
        ),
        Code::UpstreamAuthFailed => (
            "飞书不接受网关的凭证",
            "飞书不接受网关的 App ID、App Secret 或由其换取的令牌，刷新一次后仍然如此。调用方的密钥没有问题。飞书中的数据没有变化。",
            "运维人员：请对照飞书开发者后台核对 GATEWAY_FEISHU__APP_ID 和 GATEWAY_FEISHU__APP_SECRET，确认区域正确、应用已启用，然后重启网关。",
        ),
        Code::UpstreamPermissionDenied => (
            "网关的应用缺少权限",
            "飞书认识该应用，但它缺少此接口所需的权限，或者本机地址不在应用的 IP 白名单中。飞书中的数据没有变化。",
            "运维人员：请在飞书开发者后台开通 detail 中列出的权限并发布新版本，或者把网关的出口地址加入应用的 IP 白名单。",
        ),
        Code::UpstreamError => (
            "飞书返回了错误",
            "飞书返回了网关没有专门处理的错误码并拒绝了请求。飞书中的数据没有变化。",
            "请在飞书文档中查找 upstream.code，联系飞书支持时请提供 upstream.log_id。原样重发多半没有用。",
        ),
        Code::UpstreamUnavailable => (
            "无法连接飞书",
            "无法连接飞书，或者飞书内部出错，网关自行重试后仍然如此。推送是否可能已经到达，请看 outcome。",
            "请在 Retry-After 之后原样重发，同一文档推送两次不会有副作用。如果持续出现，请检查网关的外网连接和飞书的服务状态页。",
        ),
        Code::UpstreamProtocolError => (
            "飞书的应答无法理解",
            "可能是别的程序代替飞书作了应答，或者应答中断、与飞书文档不符。推送可能已经到达。",
            "请原样重发，同一文档推送两次不会有副作用。如果持续出现，请检查网关与飞书之间是否有代理，并核对基础地址。",
        ),
        Code::UpstreamTimeout => (
            "飞书没有按时应答",
            "在请求的截止时间之前没有收到应答。当 outcome 为 unknown 时，推送仍有可能已经到达。",
            "请原样重发，同一文档推送两次不会有副作用。可以用 X-Request-Timeout-Ms 放宽时间，但不会超过网关自身的上限。",
        ),
        Code::Overloaded => (
            "网关负载过高",
            "网关立即拒绝了该请求，以免所有请求都变慢。没有向飞书发送任何内容。",
            "请在 Retry-After 之后原样重发。运维人员：请查找吞吐的瓶颈，通常是飞书的频率限制。",
        ),
        Code::Draining => (
            "网关正在停机",
            "网关正在完成已开始的请求，不再接收新请求。没有向飞书发送任何内容。",
            "请在 Retry-After 之后原样重发，其他副本或重启后的网关会处理。",
        ),
        Code::CircuitOpen => (
            "暂停调用飞书",
            "飞书的这个接口刚刚频繁失败，网关暂时停止调用它。没有向飞书发送任何内容。",
            "请在 Retry-After 之后原样重发，网关会自行探测飞书是否恢复。日志中有此前的失败记录。",
        ),
        Code::InternalError => (
            "网关内部出错",
            "这是网关的缺陷。如果请求是推送，它仍有可能已经到达飞书。",
            "运维人员：请用 request_id 查日志并上报。调用方：同一文档再次推送不会有副作用，但很可能以同样的方式失败。",
        ),
    }
}

// The words of the console.
import type { State } from "./api";

export interface Words {
  title: string;
  skip: string;
  nav: string;
  overview: string;
  deliveries: string;
  imports: string;
  signedInAs: string;
  anonymous: string;
  logOut: string;
  app: string;
  readOnly: string;
  login: { heading: string; help: string; key: string; submit: string; refused: string; checking: string };
  states: Record<State, string>;
  meanings: Record<State, string>;
  open: string;
  parked: string;
  since: string;
  whatToDo: string;
  oldest: string;
  nothingWaits: string;
  lastMinute: string;
  ofLimit: (limit: number) => string;
  noLimit: string;
  expected: string;
  drift: string;
  driftHelp: string;
  lastHour: string;
  plot: (pushes: number, most: number, limit: number | undefined, drifts: number) => string;
  limit: string;
  ago: (minutes: number) => string;
  now: string;
  asTable: string;
  time: string;
  pushes: string;
  drifts: string;
  attention: string;
  noAttention: string;
  all: string;
  filter: string;
  id: string;
  state: string;
  anyState: string;
  code: string;
  caller: string;
  problem: string;
  from: string;
  to: string;
  moreFilters: string;
  apply: string;
  reset: string;
  found: (count: number, more: boolean) => string;
  none: string;
  more: string;
  loading: string;
  accepted: string;
  revision: string;
  attempts: string;
  retry: string;
  retryAll: string;
  retryOne: (id: string) => string;
  retryMany: string;
  retried: (count: number) => string;
  check: string;
  checked: (state: string) => string;
  forget: string;
  forgetOne: (id: string) => string;
  forgetHelp: string;
  forgotten: string;
  needsOperate: string;
  needsWrite: string;
  confirm: string;
  back: string;
  refresh: string;
  unknownInstance: string;
  facts: {
    definition: string;
    version: string;
    delivered: string;
    deliveredRevision: string;
    confirmed: string;
    next: string;
    logId: string;
  };
  lastProblem: string;
  feishuSays: string;
  timeline: string;
  document: string;
  noDocument: string;
  payload: string;
  payloadHelp: string;
  compare: string;
  compareHelp: string;
  inSync: string;
  differs: string;
  notInFeishu: string;
  onlyHere: string;
  onlyFeishu: string;
  field: string;
  here: string;
  feishu: string;
  instance: string;
  task: string;
  version: string;
  visibility: string;
  visibilityHelp: string;
  person: string;
  personPlaceholder: string;
  explain: string;
  visible: Record<string, string>;
  effects: Record<string, string>;
  lists: Record<string, string>;
  events: Record<string, string>;
  by: string;
  gateway: string;
  copy: string;
  importStates: Record<string, string>;
  importLines: (lines: number) => string;
  importNumbers: Record<"delivered" | "pending" | "refused" | "invalid" | "unchanged" | "superseded" | "canceled", string>;
  progress: (percent: number) => string;
  expectedEnd: string;
  atMost: (rate: number) => string;
  reading: string;
  pause: string;
  resume: string;
  cancel: string;
  cancelImport: (id: string) => string;
  cancelHelp: string;
  noImports: string;
  noImportsHelp: string;
  failed: { unreachable: string; ledgerOff: string };
}

const zh: Words = {
  title: "控制台",
  skip: "跳到内容",
  nav: "导航",
  overview: "概览",
  deliveries: "投递",
  imports: "导入",
  signedInAs: "密钥",
  anonymous: "匿名",
  logOut: "退出",
  app: "应用",
  readOnly: "只读",
  login: {
    heading: "登录控制台",
    help: "输入调用方密钥。带 operate 权限的密钥可以操作；带 read 权限的密钥只能查看。密钥只保存在本标签页，关闭后即清除。",
    key: "密钥",
    submit: "登录",
    refused: "网关不认识这个密钥。",
    checking: "正在检查…",
  },
  states: { pending: "等待投递", delivered: "已送达", confirmed: "已确认", refused: "被拒绝", conflict: "冲突" },
  meanings: {
    pending: "已接收，飞书尚未收下",
    delivered: "飞书已收下",
    confirmed: "飞书核对一致",
    refused: "飞书拒绝了内容，等待更正",
    conflict: "飞书有别人推送的更新版本",
  },
  open: "正常推送",
  parked: "已停止推送",
  since: "自",
  whatToDo: "怎么办",
  oldest: "最久的等待",
  nothingWaits: "没有等待",
  lastMinute: "最近一分钟的推送",
  ofLimit: (limit) => `上限 ${limit} 次/分钟`,
  noLimit: "没有上限",
  expected: "预计还需",
  drift: "一小时内的偏移",
  driftHelp: "飞书内容与投递不符、随后修复的次数",
  lastHour: "最近一小时的推送",
  plot: (pushes, most, limit, drifts) =>
    `最近一小时共推送 ${pushes} 次，每分钟最多 ${most} 次${limit === undefined ? "" : `，上限为每分钟 ${limit} 次`}，偏移 ${drifts} 次。`,
  limit: "上限",
  ago: (minutes) => `${minutes} 分钟前`,
  now: "现在",
  asTable: "以表格显示",
  time: "时间",
  pushes: "推送",
  drifts: "偏移",
  attention: "需要处理",
  noAttention: "没有被拒绝或冲突的投递。",
  all: "查看全部",
  filter: "筛选",
  id: "实例 ID",
  state: "状态",
  anyState: "全部状态",
  code: "审批定义 approval_code",
  caller: "调用方",
  problem: "问题代码",
  from: "接收时间从",
  to: "到",
  moreFilters: "更多条件",
  apply: "查询",
  reset: "清除",
  found: (count, more) => `${more ? "至少 " : ""}${count} 条`,
  none: "没有符合条件的投递。",
  more: "加载更多",
  loading: "加载中…",
  accepted: "接收时间",
  revision: "修订",
  attempts: "尝试次数",
  retry: "重试",
  retryAll: "重试符合条件的投递",
  retryOne: (id) => `重试 ${id}？`,
  retryMany: "重试所有符合当前条件、被拒绝或冲突的投递？冲突的实例会覆盖飞书里较新的版本。",
  retried: (count) => `已重试 ${count} 条。`,
  check: "立即核对",
  checked: (state) => `核对完成：${state}。`,
  forget: "删除文档",
  forgetOne: (id) => `删除 ${id} 的文档？`,
  forgetHelp: "网关里保存的文档和历史会被清除，无法恢复。飞书里的内容保持不变。",
  forgotten: "文档和历史已清除。",
  needsOperate: "需要带 operate 权限的密钥",
  needsWrite: "需要带 write 权限的密钥",
  confirm: "确认",
  back: "返回",
  refresh: "刷新",
  unknownInstance: "网关没有这个实例的投递。可能从未推送，或文档已清除。",
  facts: {
    definition: "审批定义",
    version: "版本",
    delivered: "送达时间",
    deliveredRevision: "已送达的修订",
    confirmed: "确认时间",
    next: "下次尝试",
    logId: "飞书 log_id",
  },
  lastProblem: "最近的问题",
  feishuSays: "飞书的答复",
  timeline: "经过",
  document: "文档",
  noDocument: "文档已不再保存。",
  payload: "发送内容",
  payloadHelp: "现在推送这个文档时，发给飞书的内容：",
  compare: "与飞书比较",
  compareHelp: "文档里的状态和版本，与飞书现在保存的相比：",
  inSync: "状态和版本一致。",
  differs: "有差异，已标出。",
  notInFeishu: "飞书没有这个实例。",
  onlyHere: "飞书没有",
  onlyFeishu: "文档没有",
  field: "项目",
  here: "文档",
  feishu: "飞书",
  instance: "实例",
  task: "任务",
  version: "版本",
  visibility: "为什么看不到",
  visibilityHelp: "某个人在飞书里能否看到这个实例，以及原因。",
  person: "人员",
  personPlaceholder: "user_id 或 open_id（ou_…）",
  explain: "查原因",
  visible: { yes: "能看到", no: "看不到", unknown: "不确定", maybe: "不确定" },
  effects: { hides: "导致看不到", may_hide: "可能导致看不到", shows: "因此能看到" },
  lists: { todo: "待办", done: "已办", initiated: "已发起", cc: "抄送我" },
  events: {
    accepted: "已接收",
    superseded: "被更新的文档取代",
    delivered: "已送达",
    confirmed: "核对一致",
    refused: "被拒绝",
    drift: "发现偏移",
    repaired: "已修复",
    conflict: "冲突",
    retried: "重试",
    canceled: "导入被取消",
    action: "有人在飞书里操作",
    notified: "已发消息",
  },
  by: "来自",
  gateway: "网关",
  copy: "复制",
  importStates: { running: "进行中", paused: "已暂停", canceled: "已取消" },
  importLines: (lines) => `${lines} 行`,
  importNumbers: {
    delivered: "已送达",
    pending: "等待",
    refused: "被拒绝",
    invalid: "无效",
    unchanged: "无变化",
    superseded: "被取代",
    canceled: "已撤回",
  },
  progress: (percent) => `完成 ${percent}%`,
  expectedEnd: "预计完成",
  atMost: (rate) => `每分钟最多 ${rate} 个`,
  reading: "仍在读取",
  pause: "暂停",
  resume: "继续",
  cancel: "取消导入",
  cancelImport: (id) => `取消导入 ${id}？`,
  cancelHelp: "还在等待的文档会被撤回，恢复到导入之前的状态。已送达的保持不变。",
  noImports: "还没有导入。",
  noImportsHelp: "用 approval-gateway import 文件 导入历史审批。",
  failed: { unreachable: "网关没有应答，正在重试。", ledgerOff: "这个网关没有启用台账（ledger.url = none），没有投递可看。" },
};

const en: Words = {
  title: "Console",
  skip: "Skip to the content",
  nav: "Main",
  overview: "Overview",
  deliveries: "Deliveries",
  imports: "Imports",
  signedInAs: "Key",
  anonymous: "anonymous",
  logOut: "Log out",
  app: "App",
  readOnly: "read only",
  login: {
    heading: "Log in to the console",
    help: "Enter a caller's key. One with the scope operate may act, one with read may look. It stays in this tab, and is gone when you close it.",
    key: "Key",
    submit: "Log in",
    refused: "The gateway does not know this key.",
    checking: "Checking…",
  },
  states: { pending: "Pending", delivered: "Delivered", confirmed: "Confirmed", refused: "Refused", conflict: "Conflict" },
  meanings: {
    pending: "accepted, not yet taken by Feishu",
    delivered: "taken by Feishu",
    confirmed: "and Feishu's check agrees",
    refused: "Feishu refuses the content; correct it",
    conflict: "Feishu has a newer version of somebody else",
  },
  open: "Pushing",
  parked: "Nothing is pushed",
  since: "since",
  whatToDo: "What to do",
  oldest: "Longest wait",
  nothingWaits: "nothing waits",
  lastMinute: "Pushes in the last minute",
  ofLimit: (limit) => `of ${limit} a minute`,
  noLimit: "no limit",
  expected: "Done in about",
  drift: "Drift in the last hour",
  driftHelp: "times that Feishu had something else than was delivered",
  lastHour: "Pushes of the last hour",
  plot: (pushes, most, limit, drifts) =>
    `${pushes} pushes in the last hour, at most ${most} in a minute${limit === undefined ? "" : `; the limit is ${limit} a minute`}; ${drifts} drifts.`,
  limit: "limit",
  ago: (minutes) => `${minutes} min ago`,
  now: "now",
  asTable: "As a table",
  time: "Time",
  pushes: "Pushes",
  drifts: "Drifts",
  attention: "Needs attention",
  noAttention: "Nothing is refused or in conflict.",
  all: "See all",
  filter: "Filter",
  id: "Instance id",
  state: "State",
  anyState: "Any state",
  code: "Definition (approval_code)",
  caller: "Caller",
  problem: "Problem code",
  from: "Accepted from",
  to: "to",
  moreFilters: "More filters",
  apply: "Search",
  reset: "Clear",
  found: (count, more) => `${more ? "At least " : ""}${count} ${count === 1 ? "delivery" : "deliveries"}`,
  none: "No delivery matches.",
  more: "Load more",
  loading: "Loading…",
  accepted: "Accepted",
  revision: "Revision",
  attempts: "Attempts",
  retry: "Retry",
  retryAll: "Retry what matches",
  retryOne: (id) => `Retry ${id}?`,
  retryMany: "Retry everything that matches and is refused or in conflict? A conflict overwrites the newer version in Feishu.",
  retried: (count) => `${count} ${count === 1 ? "delivery is" : "deliveries are"} tried again.`,
  check: "Check now",
  checked: (state) => `Checked: ${state}.`,
  forget: "Forget",
  forgetOne: (id) => `Forget the document of ${id}?`,
  forgetHelp: "Document and history are erased here, for good. Feishu keeps what it has.",
  forgotten: "Document and history are erased.",
  needsOperate: "Needs a key with the scope operate",
  needsWrite: "Needs a key with the scope write",
  confirm: "Confirm",
  back: "Back",
  refresh: "Refresh",
  unknownInstance: "The gateway has no delivery of this instance: it was never pushed, or its document was forgotten.",
  facts: {
    definition: "Definition",
    version: "Version",
    delivered: "Delivered",
    deliveredRevision: "Delivered revision",
    confirmed: "Confirmed",
    next: "Next attempt",
    logId: "Feishu's log_id",
  },
  lastProblem: "Last problem",
  feishuSays: "Feishu's answer",
  timeline: "Timeline",
  document: "Document",
  noDocument: "The document is not kept any more.",
  payload: "Payload",
  payloadHelp: "What a push of this document would send to Feishu now:",
  compare: "Compare with Feishu",
  compareHelp: "Statuses and versions of the document, and what Feishu has now:",
  inSync: "Statuses and versions are the same.",
  differs: "They differ where marked.",
  notInFeishu: "Feishu has no such instance.",
  onlyHere: "not in Feishu",
  onlyFeishu: "not in the document",
  field: "Part",
  here: "Document",
  feishu: "Feishu",
  instance: "Instance",
  task: "Task",
  version: "Version",
  visibility: "Why not visible?",
  visibilityHelp: "Whether somebody sees this instance in Feishu, and why.",
  person: "Person",
  personPlaceholder: "user_id or open_id (ou_…)",
  explain: "Explain",
  visible: { yes: "Sees it", no: "Does not see it", unknown: "Not certain", maybe: "Not certain" },
  effects: { hides: "hides it", may_hide: "may hide it", shows: "shows it" },
  lists: { todo: "To do", done: "Done", initiated: "Submitted", cc: "CC" },
  events: {
    accepted: "Accepted",
    superseded: "Superseded by a newer document",
    delivered: "Delivered",
    confirmed: "Confirmed by the check",
    refused: "Refused",
    drift: "Drift found",
    repaired: "Repaired",
    conflict: "Conflict",
    retried: "Tried again",
    canceled: "Import canceled",
    action: "Somebody acted in Feishu",
    notified: "Message sent",
  },
  by: "by",
  gateway: "the gateway",
  copy: "Copy",
  importStates: { running: "Running", paused: "Paused", canceled: "Canceled" },
  importLines: (lines) => `${lines} lines`,
  importNumbers: {
    delivered: "delivered",
    pending: "pending",
    refused: "refused",
    invalid: "invalid",
    unchanged: "unchanged",
    superseded: "superseded",
    canceled: "withdrawn",
  },
  progress: (percent) => `${percent}% done`,
  expectedEnd: "Expected end",
  atMost: (rate) => `at most ${rate} a minute`,
  reading: "still reading",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel import",
  cancelImport: (id) => `Cancel import ${id}?`,
  cancelHelp: "What still waits is withdrawn, and what stood before stands again. What was delivered stays.",
  noImports: "No imports yet.",
  noImportsHelp: "approval-gateway import FILE brings in approvals of the past.",
  failed: { unreachable: "The gateway does not answer; trying again.", ledgerOff: "This gateway runs without a ledger (ledger.url = none), so there are no deliveries to see." },
};

export const WORDS = { zh, en };

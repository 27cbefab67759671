// The words of the page.
import type { List } from "./api";

export interface Words {
  title: string;
  skip: string;
  live: string;
  lost: string;
  persons: string;
  another: string;
  anotherPlaceholder: string;
  show: string;
  readsIn: string;
  lists: Record<List, string>;
  messages: string;
  listsOf: (person: string) => string;
  emptyList: Record<List, string>;
  noMessages: string;
  more: (shown: number, all: number) => string;
  statuses: Record<string, string>;
  applicant: string;
  department: string;
  company: string;
  node: string;
  open: string;
  openMobile: string;
  inside: string;
  reason: string;
  required: string;
  optional: string;
  send: string;
  cancel: string;
  tapping: string;
  tapped: (label: string) => string;
  tapRefused: string;
  sees: string;
  results: Record<"refused" | "timeout" | "unreachable", string>;
  attachment: string;
  noButtons: string;
  arrived: (title: string) => string;
  nothingTitle: string;
  nothing: string;
  nothingAgain: string;
  command: string;
  panel: {
    title: string;
    close: string;
    gone: string;
    status: string;
    version: string;
    pushed: string;
    app: string;
    code: string;
    tasks: string;
    copies: string;
    id: string;
    person: string;
    texts: string;
    textsHelp: string;
    isDefault: string;
    fallback: (locale: string, fallback: string) => string;
    hidden: (ids: string) => string;
    unresolved: (fields: string) => string;
    raw: string;
  };
  failed: string;
}

const zh: Words = {
  title: "审批中心",
  skip: "跳到列表",
  live: "实时更新",
  lost: "连接中断，正在重连…",
  persons: "以谁的身份看",
  another: "其他人员",
  anotherPlaceholder: "user_id 或 open_id",
  show: "查看",
  readsIn: "飞书语言",
  lists: { todo: "待办", done: "已办", initiated: "已发起", cc: "抄送我" },
  messages: "审批助手",
  listsOf: (person) => `${person} 的审批`,
  emptyList: {
    todo: "没有待办。任务的状态为 pending 时出现在这里。",
    done: "没有已办。任务结束后会移到这里。",
    initiated: "没有发起过审批。",
    cc: "没有抄送。",
  },
  noMessages: "还没有消息。",
  more: (shown, all) => `显示最新的 ${shown} 条，共 ${all} 条。`,
  statuses: {
    PENDING: "审批中",
    APPROVED: "已通过",
    REJECTED: "已拒绝",
    CANCELED: "已撤回",
    TRANSFERRED: "已转交",
    TERMINATED: "已终止",
    DONE: "已结束",
    READ: "已读",
    UNREAD: "未读",
  },
  applicant: "发起人",
  department: "部门",
  company: "（公司名称）",
  node: "节点",
  open: "打开单据",
  openMobile: "手机端链接",
  inside: "飞书里有什么",
  reason: "理由",
  required: "必填",
  optional: "选填",
  send: "提交",
  cancel: "取消",
  tapping: "正在提交…",
  tapped: (label) => `已提交：${label}。等业务系统推送新状态后，卡片会更新。`,
  tapRefused: "提交失败",
  sees: "用户看到",
  results: { refused: "处理方拒绝", timeout: "处理方没有及时应答", unreachable: "回调地址无法访问" },
  attachment: "飞书会在这里询问附件；本页面不上传附件。",
  noButtons: "任务带有快捷操作，但定义没有快捷审批回调，飞书不显示按钮。",
  arrived: (title) => `新待办：${title}`,
  nothingTitle: "还没有任何审批",
  nothing: "这里是沙箱里的飞书审批中心：每个人看到的，就是你的系统推送的内容。推送第一个审批，它会立刻出现，无需刷新：",
  nothingAgain: "张三申请出差，李四审批。",
  command: "推送第一个审批的命令",
  panel: {
    title: "飞书里有什么",
    close: "关闭",
    gone: "飞书没有这个实例。",
    status: "状态",
    version: "版本",
    pushed: "最近推送",
    app: "应用",
    code: "审批定义",
    tasks: "任务",
    copies: "抄送",
    id: "ID",
    person: "人员",
    texts: "文案",
    textsHelp: "飞书里的文案都在键后面。每个键在各语言里的文字：",
    isDefault: "默认",
    fallback: (locale, fallback) => `没有 ${locale}，读者看到 ${fallback}`,
    hidden: (ids) => `ID 冲突，以下内容被飞书隐藏：${ids}`,
    unresolved: (fields) => `没有文案的键，读者会看到键本身：${fields}`,
    raw: "完整 JSON",
  },
  failed: "沙箱没有应答",
};

const en: Words = {
  title: "Approval centre",
  skip: "Skip to the list",
  live: "Live",
  lost: "Connection lost, trying again…",
  persons: "See it as",
  another: "Somebody else",
  anotherPlaceholder: "user_id or open_id",
  show: "Show",
  readsIn: "Feishu in",
  lists: { todo: "To do", done: "Done", initiated: "Submitted", cc: "CC" },
  messages: "Approval bot",
  listsOf: (person) => `Approvals of ${person}`,
  emptyList: {
    todo: "Nothing to do. A task appears here while its status is pending.",
    done: "Nothing done. A task moves here when it ends.",
    initiated: "Nothing submitted.",
    cc: "No copies.",
  },
  noMessages: "No messages yet.",
  more: (shown, all) => `The newest ${shown} of ${all}.`,
  statuses: {
    PENDING: "Pending",
    APPROVED: "Approved",
    REJECTED: "Rejected",
    CANCELED: "Withdrawn",
    TRANSFERRED: "Transferred",
    TERMINATED: "Terminated",
    DONE: "Ended",
    READ: "Read",
    UNREAD: "Unread",
  },
  applicant: "Applicant",
  department: "Department",
  company: "(company name)",
  node: "Step",
  open: "Open",
  openMobile: "Link for phones",
  inside: "What Feishu holds",
  reason: "Reason",
  required: "required",
  optional: "optional",
  send: "Send",
  cancel: "Cancel",
  tapping: "Sending…",
  tapped: (label) => `Sent: ${label}. The card changes when your system pushes the new state.`,
  tapRefused: "It failed",
  sees: "The person sees",
  results: { refused: "the handler refused", timeout: "the handler did not answer in time", unreachable: "the callback's address cannot be reached" },
  attachment: "Feishu would ask for attachments here; this page sends none.",
  noButtons: "The task has quick actions, but its definition has no callback for them, so Feishu shows no buttons.",
  arrived: (title) => `New to do: ${title}`,
  nothingTitle: "No approvals yet",
  nothing:
    "This is Feishu's approval centre in the sandbox: everybody sees what your systems push. Push a first approval, and it appears at once, without a reload:",
  nothingAgain: "Zhang San applies for a trip, Li Si has to approve.",
  command: "Command that pushes a first approval",
  panel: {
    title: "What Feishu holds",
    close: "Close",
    gone: "Feishu has no such instance.",
    status: "Status",
    version: "Version",
    pushed: "Last push",
    app: "App",
    code: "Definition",
    tasks: "Tasks",
    copies: "Copies",
    id: "Id",
    person: "Person",
    texts: "Texts",
    textsHelp: "Feishu keeps every text behind a key. What each key says in each language:",
    isDefault: "default",
    fallback: (locale, fallback) => `no ${locale}: readers see ${fallback}`,
    hidden: (ids) => `Ids collide, so Feishu hides: ${ids}`,
    unresolved: (fields) => `Keys without a text, which readers would see as they are: ${fields}`,
    raw: "All of it as JSON",
  },
  failed: "The sandbox does not answer",
};

export const WORDS = { zh, en };

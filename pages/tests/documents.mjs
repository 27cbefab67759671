// Approvals that tests and pictures show.
import { call } from "./browser.mjs";

/// The definition that every sandbox has.
export const SEEDED = "7C468A54-8745-2245-9675-08B7C63E7A85";

/// A trip, as the empty page proposes it.
export function trip(change = {}) {
  return {
    approval_code: SEEDED,
    status: "pending",
    title: "出差申请",
    pc_link: "https://oa.example.com/travel/1",
    applicant_user_id: "zhangsan",
    applicant_name: "张三",
    department_name: "市场部",
    started_at: "2026-09-01T09:30:00+08:00",
    form: [
      { name: "目的地", value: "上海" },
      { name: "天数", value: "3" },
    ],
    tasks: [
      {
        task_id: "travel-1-manager",
        user_id: "lisi",
        status: "pending",
        node_name: "主管审批",
        created_at: "2026-09-01T09:30:00+08:00",
      },
    ],
    translations: {
      "en-US": {
        出差申请: "Business trip",
        目的地: "Destination",
        上海: "Shanghai",
        天数: "Days",
        张三: "Zhang San",
        市场部: "Marketing",
        主管审批: "Line manager",
      },
    },
    ...change,
  };
}

/// Where taps go: this address, with a token.
export const tapsTo = (url) => ({ action_callback_url: url, action_callback_token: "the-token", action_callback_key: "" });

/// A definition whose tasks have buttons where taps go to somebody.
export async function purchases(callback = {}) {
  const { body } = await call("POST", "/v1/definitions", {
    definition_key: `purchase ${callback.action_callback_url ?? ""}`,
    name: "采购申请",
    source_name: "ERP",
    pc_create_link: "https://erp.example.com/new",
    mobile_create_link: "https://erp.example.com/new",
    support_pc: true,
    support_mobile: true,
    viewers: { scope: "everyone" },
    translations: { "en-US": { 采购申请: "Purchase request" } },
    ...callback,
  });
  return body.approval_code;
}

/// A purchase of a definition with buttons.
export function purchase(approval_code, change = {}) {
  return {
    approval_code,
    status: "pending",
    title: "采购 MacBook Pro 14 台",
    pc_link: "https://erp.example.com/po/7",
    applicant_user_id: "wangwu",
    applicant_name: "王五",
    department_name: "研发部",
    started_at: "2026-09-02T10:15:00+08:00",
    form: [
      { name: "金额", value: "¥ 238,000" },
      { name: "用途", value: "新员工入职设备" },
    ],
    tasks: [
      {
        task_id: "po-7-head",
        user_id: "lisi",
        status: "pending",
        node_name: "部门负责人",
        created_at: "2026-09-02T10:15:00+08:00",
        actions: [{ action: "approve" }, { action: "reject", reason: "required" }],
      },
    ],
    translations: {
      "en-US": {
        "采购 MacBook Pro 14 台": "14 MacBook Pro",
        金额: "Amount",
        用途: "Purpose",
        新员工入职设备: "Equipment for new staff",
        王五: "Wang Wu",
        研发部: "Engineering",
        部门负责人: "Head of department",
      },
    },
    ...change,
  };
}

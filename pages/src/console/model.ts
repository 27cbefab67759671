// What the REST API answers, as far as the console shows it.

export const STATES = ["pending", "delivered", "confirmed", "refused", "conflict"] as const;

export type State = (typeof STATES)[number];

export const EVENT_STATES = ["pending", "delivered", "dead"] as const;

export type EventState = (typeof EVENT_STATES)[number];

export const EVENT_TYPES = [
  "delivery.refused",
  "delivery.delivered",
  "delivery.conflict",
  "drift.repaired",
  "app.parked",
  "app.opened",
] as const;

export interface Caller {
  name?: string;
  app: string;
  scopes: string[];
}

export interface DeliveryProblem {
  code: string;
  detail?: string;
  errors?: { pointer?: string; code: string; detail: string; hint?: string }[];
  upstream?: { http_status?: number; code?: number; message?: string; log_id?: string };
}

export interface Minute {
  from: string;
  pushes: number;
  drifts: number;
}

export interface Summary {
  states: Record<State, number>;
  oldest_pending_s?: number;
  rate_per_minute?: number;
  expected_s?: number;
  app: { state: string; reason?: string; problem?: DeliveryProblem; since?: string };
  last_hour: Minute[];
}

export interface Delivery {
  instance_id: string;
  approval_code: string;
  state: State;
  revision: number;
  delivered_revision?: number;
  updated_at: string;
  accepted_at: string;
  delivered_at?: string;
  confirmed_at?: string;
  attempts: number;
  next_attempt_at?: string;
  last_problem?: DeliveryProblem;
  warnings?: { code: string; pointer: string; detail: string }[];
  caller?: string;
  log_id?: string;
}

export interface HistoryItem {
  at: string;
  event: string;
  revision: number;
  updated_at: string;
  caller?: string;
  request_id?: string;
  problem?: DeliveryProblem;
  log_id?: string;
  /** Of an action: who did what with which task, and what became of it. Of a card: whose it is, for which task, and what it shows. */
  detail?: Record<string, unknown>;
}

/** What your system is told by a webhook, and how far that has come. */
export interface OutgoingEvent {
  event_id: string;
  type: string;
  timestamp: string;
  state: EventState;
  instance_id?: string;
  revision?: number;
  problem?: DeliveryProblem;
  attempts: number;
  next_attempt_at?: string;
  ended_at?: string;
  last_error?: string;
}

export interface InFeishu {
  instance_id: string;
  approval_code: string;
  instance_status: string;
  instance_status_raw?: string;
  updated_at: string;
  tasks: { task_id: string; status: string; status_raw?: string; updated_at: string }[];
}

/** The members of a kept document that the console compares; whatever else it has is shown as it is. */
export interface KeptDocument {
  status?: string;
  applicant_user_id?: string;
  applicant_open_id?: string;
  tasks?: { task_id: string; user_id?: string; open_id?: string; status: string; updated_at?: string }[];
  cc?: { user_id?: string; open_id?: string }[];
}

export interface Import {
  import_id: string;
  state: "running" | "paused" | "canceled";
  created_at: string;
  read_at?: string;
  lines: number;
  accepted: number;
  unchanged: number;
  invalid: number;
  superseded: number;
  delivered: number;
  refused: number;
  canceled: number;
  pending: number;
  per_minute?: number;
  rate_per_minute?: number;
  expected_end?: string;
  caller?: string;
}

export interface Explanation {
  code: string;
  title: string;
  title_zh: string;
  meaning: string;
  meaning_zh: string;
  what_to_do: string;
  what_to_do_zh: string;
}

export interface Visibility {
  visible: string;
  lists: string[];
  reasons: {
    code: string;
    effect: string;
    list?: string;
    task_id?: string;
    cc_id?: string;
    pointer?: string;
    meaning: string;
    meaning_zh: string;
    what_to_do: string;
    what_to_do_zh: string;
  }[];
}

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export interface Filter {
  state: State[];
  instance_id: string;
  approval_code: string;
  caller: string;
  problem: string;
  accepted_from: string;
  accepted_to: string;
}

export interface EventFilter {
  state: EventState[];
  type: string[];
  instance_id: string;
}

// The operations of the REST API that the console uses: the same ones that scripts use.

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
  /** Of an action: who did what with which task, and what became of it. */
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

/** A filter as a query. */
export function toQuery(filter: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter) as [string, string | string[]][]) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== "") query.append(name, one);
  }
  return query;
}

/** A filter as a body: what is not given is left out. */
export function toBody(filter: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== "" && (!Array.isArray(value) || value.length > 0)));
}

/** What went wrong, as the gateway says it; without a status when nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number | undefined,
    readonly code: string,
    message: string,
    readonly errors: { pointer?: string; detail: string; hint?: string }[] = [],
  ) {
    super(message);
  }

  /** What was thrown, whatever it was. */
  static of(thrown: unknown): ApiError {
    return thrown instanceof ApiError ? thrown : new ApiError(undefined, "unknown", String(thrown));
  }

  /** Whether the key is not, or no longer, taken. Any other failure says nothing about it. */
  get refusesKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

export class Api {
  /** `key` is sent as it is; without one, nobody is named. */
  constructor(private readonly key: string | undefined) {}

  private async ask(method: string, path: string, body?: string, type = "application/json"): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.key !== undefined) headers.authorization = `Bearer ${this.key}`;
    if (body !== undefined) headers["content-type"] = type;
    let answer: Response;
    try {
      answer = await fetch(path, { method, headers, ...(body === undefined ? {} : { body }), cache: "no-store", credentials: "omit" });
    } catch {
      throw new ApiError(undefined, "unreachable", "");
    }
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as {
      code?: string;
      title?: string;
      detail?: string;
      errors?: { pointer?: string; detail: string; hint?: string }[];
    };
    throw new ApiError(answer.status, problem.code ?? "unknown", problem.detail ?? problem.title ?? answer.statusText, problem.errors);
  }

  private page<T>(path: string, filter: object, cursor: string | undefined, limit: number): Promise<Page<T>> {
    const query = toQuery({ ...filter, limit: String(limit), cursor: cursor ?? "" });
    return this.json("GET", `${path}?${query.toString()}`);
  }

  private async json<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const answer = await this.ask(method, path, body === undefined ? undefined : JSON.stringify(body), type);
    return (await answer.json()) as T;
  }

  /** Whether the gateway wants a key from whoever is at this address. */
  needsKey = async () => (await this.json<{ needs_key: boolean }>("GET", "access")).needs_key;

  caller = () => this.json<Caller>("GET", "/v1/caller");

  summary = () => this.json<Summary>("GET", "/v1/deliveries/summary");

  deliveries(filter: Partial<Filter>, cursor?: string, limit = 50): Promise<Page<Delivery>> {
    return this.page("/v1/deliveries", filter, cursor, limit);
  }

  history = (id: string, cursor?: string) => this.page<HistoryItem>(`${instance(id)}/history`, {}, cursor, 50);

  events(filter: Partial<EventFilter>, cursor?: string, limit = 50): Promise<Page<OutgoingEvent>> {
    return this.page("/v1/events", filter, cursor, limit);
  }

  /** The kept document as text: numbers and the order of members stay as they were sent. */
  async document(id: string): Promise<string> {
    return (await this.ask("GET", `${instance(id)}/document`)).text();
  }

  /** The payload that the document would be sent as, byte for byte. */
  async preview(id: string, document: string): Promise<string> {
    return (await this.ask("POST", `${instance(id)}/preview`, document)).text();
  }

  /** What Feishu has of an instance, asked in a way in which nothing is an answer, too. */
  async inFeishu(id: string): Promise<{ found: InFeishu | undefined }> {
    const page = await this.json<Page<InFeishu>>("GET", `/v1/task-statuses?instance_id=${encodeURIComponent(id)}`);
    return { found: page.items[0] };
  }

  visibility(id: string, person: string): Promise<Visibility> {
    const kind = person.startsWith("ou_") ? "open_id" : "user_id";
    return this.json("GET", `${instance(id)}/visibility?${kind}=${encodeURIComponent(person)}`);
  }

  retry = (filter: Partial<Filter>) => this.json<{ retried: number }>("POST", "/v1/deliveries/retry", toBody(filter));

  retryEvents = (filter: Partial<EventFilter>) => this.json<{ retried: number }>("POST", "/v1/events/retry", toBody(filter));

  check = (id: string) => this.json<Delivery>("POST", `${instance(id)}/delivery/check`);

  async forget(id: string): Promise<void> {
    await this.ask("DELETE", `${instance(id)}/document`);
  }

  imports = (cursor?: string) => this.page<Import>("/v1/imports", {}, cursor, 20);

  updateImport = (id: string, state: Import["state"]) => this.json<Import>("PATCH", `/v1/imports/${encodeURIComponent(id)}`, { state });

  explanation = (code: string) => this.json<Explanation>("GET", `/v1/problems/${encodeURIComponent(code)}`);
}

function instance(id: string): string {
  return `/v1/instances/${encodeURIComponent(id)}`;
}

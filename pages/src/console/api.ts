// The operations of the REST API that the console uses: the same ones that scripts use.

export const STATES = ["pending", "delivered", "confirmed", "refused", "conflict"] as const;

export type State = (typeof STATES)[number];

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
  approval_code?: string;
  status?: string;
  title?: string;
  updated_at?: string;
  tasks?: { task_id: string; user_id?: string; open_id?: string; status: string; updated_at?: string }[];
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

  private async json<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const answer = await this.ask(method, path, body === undefined ? undefined : JSON.stringify(body), type);
    return (await answer.json()) as T;
  }

  caller = () => this.json<Caller>("GET", "/v1/caller");

  summary = () => this.json<Summary>("GET", "/v1/deliveries/summary");

  deliveries(filter: Partial<Filter>, cursor?: string, limit = 50): Promise<Page<Delivery>> {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries(filter)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== "") query.append(name, one);
    }
    if (cursor !== undefined) query.set("cursor", cursor);
    return this.json("GET", `/v1/deliveries?${query.toString()}`);
  }

  history(id: string, cursor?: string): Promise<Page<HistoryItem>> {
    const query = new URLSearchParams({ limit: "50" });
    if (cursor !== undefined) query.set("cursor", cursor);
    return this.json("GET", `${instance(id)}/history?${query.toString()}`);
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

  retry = (filter: Record<string, unknown>) => this.json<{ retried: number }>("POST", "/v1/deliveries/retry", filter);

  check = (id: string) => this.json<Delivery>("POST", `${instance(id)}/delivery/check`);

  async forget(id: string): Promise<void> {
    await this.ask("DELETE", `${instance(id)}/document`);
  }

  imports(cursor?: string): Promise<Page<Import>> {
    return this.json("GET", `/v1/imports?limit=20${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
  }

  updateImport = (id: string, state: Import["state"]) => this.json<Import>("PATCH", `/v1/imports/${encodeURIComponent(id)}`, { state });

  explanation = (code: string) => this.json<Explanation>("GET", `/v1/problems/${encodeURIComponent(code)}`);
}

function instance(id: string): string {
  return `/v1/instances/${encodeURIComponent(id)}`;
}

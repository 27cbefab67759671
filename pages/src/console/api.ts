// The operations of the REST API that the console uses: the same ones that scripts use.
import type { Caller, Delivery, EventFilter, Explanation, Filter, HistoryItem, Import, InFeishu, OutgoingEvent, Page, Summary, Visibility } from "./model";

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

/** Whether a filter leaves anything out. */
export const isFiltered = (filter: object) => Object.keys(toBody(filter)).length > 0;

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

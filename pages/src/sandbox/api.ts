// What the sandbox answers; docs/sandbox.md shows the same with curl.

export interface Person {
  id: string;
  name?: string;
  todo: number;
  done: number;
  initiated: number;
  cc: number;
  messages: number;
}

export type List = "todo" | "done" | "initiated" | "cc";

export interface Action {
  action_type: string;
  label: string;
  is_need_reason: boolean;
  is_reason_required: boolean;
  is_need_attachment: boolean;
}

export interface Item {
  instance_id: string;
  approval_code: string;
  approval_name: string;
  source?: string;
  group_name?: string;
  title: string;
  instance_status: string;
  status: string;
  form: { name?: string; value?: string }[];
  initiator: { user_id?: string; open_id?: string; name?: string };
  department?: string;
  links: { pc_link?: string; mobile_link?: string };
  created_at: string;
  ended_at?: string;
  updated_at: string;
  task?: { task_id: string; title?: string; node_name?: string; actions: Action[]; quick_approval?: boolean };
  cc?: { cc_id: string; title?: string };
}

/** A message of the approval bot. */
export interface Message {
  message_id: string;
  template_id: string;
  title: string;
  lines: string[];
  /** What has become of it, in Feishu's word and in the message's own; absent until it is changed. */
  status?: string;
  status_text?: string;
  buttons: Action[];
  links: { label?: string; pc_link?: string; mobile_link?: string };
  sent_at: string;
  updated_at?: string;
}

export type Inbox = Record<List, Item[]> & { messages: Message[] };

interface Text {
  key: string;
  value: string;
}

export interface Held {
  instance_id: string;
  app_id: string;
  pushed_at: string;
  hidden: boolean;
  hidden_ids: string[];
  unresolved: string[];
  stored: {
    approval_code: string;
    status: string;
    title?: string;
    user_name?: string;
    department_name?: string;
    form?: { name?: string; value?: string }[];
    update_time: string;
    end_time: string;
    update_mode?: string;
    task_list?: {
      task_id: string;
      user_id?: string;
      open_id?: string;
      title?: string;
      node_name?: string;
      status: string;
      update_time?: string;
      action_configs?: { action_name?: string; action_type: string }[];
    }[];
    cc_list?: { cc_id: string; user_id?: string; open_id?: string; read_status: string; update_time: string }[];
    i18n_resources: { locale: string; is_default: boolean; texts: Text[] }[];
  };
}

/** What a tap leads to: what became of the callback, and the words that the person sees. */
export interface Tapped {
  result: "success" | "refused" | "timeout" | "unreachable";
  shown?: string;
  http_status?: number;
}

export class SandboxError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function ask(path: string, init?: RequestInit): Promise<unknown> {
  const answer = await fetch(path, init);
  const body: unknown = await answer.json();
  if (!answer.ok) throw new SandboxError(answer.status, detail(body) ?? answer.statusText);
  return body;
}

function member(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

function detail(body: unknown): string | undefined {
  const found = member(body, "detail");
  return typeof found === "string" ? found : undefined;
}

/** Lines of each list that are shown; more nobody reads. */
export const SHOWN = 50;

export async function persons(locale: string): Promise<Person[]> {
  const answer = (await ask(`persons?locale=${locale}`)) as { persons: Person[] };
  return answer.persons.sort((one, other) => one.id.localeCompare(other.id));
}

export const inbox = (person: string, locale: string) =>
  ask(`inbox/${encodeURIComponent(person)}?locale=${locale}&limit=${SHOWN}`) as Promise<Inbox>;

export const held = (instance: string) => ask(`instances/${encodeURIComponent(instance)}`) as Promise<Held>;

/** The path of the gateway's console; none where the sandbox runs by itself. */
export const consolePath = async () => ((await ask("links")) as { console?: string }).console;

/** A button of a task in the list, or of a card. */
export type Button = { task_id: string; instance_id: string } | { message_id: string };

export function tap(tapped: { user_id: string; action: string; reason?: string } & Button): Promise<Tapped> {
  const headers = { "content-type": "application/json" };
  return ask("tap", { method: "POST", headers, body: JSON.stringify(tapped) }) as Promise<Tapped>;
}

// What has happened to an instance, the newest first.
import { useLanguage, useTimes } from "../shared/language";
import { usePages } from "./data";
import type { HistoryItem } from "./model";
import { Failure, More } from "./parts";
import { useSession } from "./session";
import { WORDS } from "./words";

const PERIOD_MS = 3_000;

const KINDS: Record<string, string> = {
  confirmed: "good",
  repaired: "good",
  refused: "bad",
  conflict: "bad",
  drift: "bad",
  "card.given_up": "bad",
  delivered: "info",
};

/** What an entry is about; of a card, also what became of it, which its members say. */
function kind({ event, problem, detail }: HistoryItem): string {
  if (event !== "notified") return event;
  if (problem) return "card.given_up";
  return detail?.status === undefined ? "card.sent" : "card.changed";
}

/** What else an entry says: of an action, who did what with which task; of a card, whose it is and for which task. */
function Detail({ detail }: { detail: Record<string, unknown> }) {
  return (
    <p class="small any">
      {Object.entries(detail).map(([name, value]) => (
        <span key={name}><span class="soft">{name}</span> <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>{" "}</span>
      ))}
    </p>
  );
}

export function Timeline({ id, revision, state }: { id: string; revision: number; state: string }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { api } = useSession();
  const { items, more, error } = usePages<HistoryItem>((cursor) => api.history(id, cursor), `${id} ${revision} ${state}`, PERIOD_MS);
  return (
    <>
      <Failure error={error} />
      {items === undefined && error === undefined && <p class="soft">{words.loading}</p>}
      {items?.length === 0 && <p class="soft">{words.noTimeline}</p>}
      <ol class="timeline">
        {items?.map((item, index) => (
          <li key={index}>
            <p>
              <span class={`tag ${KINDS[kind(item)] ?? ""}`}>{words.history[kind(item)] ?? item.event}</span>{" "}
              <time class="soft small" dateTime={item.at}>{times.exact(item.at)}</time>
            </p>
            <p class="small soft any">
              {words.revision} {item.revision} · {words.version} <code>{item.updated_at}</code>
              {item.caller !== undefined && <> · {words.by} <code>{item.caller}</code></>}
              {item.request_id !== undefined && <> · {words.request} <code>{item.request_id}</code></>}
              {item.log_id !== undefined && <> · {words.facts.logId} <code>{item.log_id}</code></>}
            </p>
            {item.detail && <Detail detail={item.detail} />}
            {item.problem && <p class="small any"><code>{item.problem.code}</code> {item.problem.detail}</p>}
          </li>
        ))}
      </ol>
      <More more={more} />
    </>
  );
}

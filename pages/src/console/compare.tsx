// A kept document beside what Feishu has of it: statuses and versions, which is all that Feishu tells.
import { useLanguage, useTimes } from "../shared/language";
import { useData } from "./data";
import type { Delivery, InFeishu, KeptDocument } from "./model";
import { Failure } from "./parts";
import { useSession } from "./session";
import { WORDS } from "./words";

interface Side {
  status: string;
  version: string | undefined;
}

interface Line {
  name: string;
  here: Side | undefined;
  feishu: Side | undefined;
}

const instant = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));

/** Statuses and versions of both sides, the instance first; tasks that either side lacks are there, too. */
function lines(delivery: Delivery, document: KeptDocument, feishu: InFeishu, words: { instance: string; task: string }): Line[] {
  const tasks = new Map<string, Line>();
  for (const task of document.tasks ?? []) {
    tasks.set(task.task_id, {
      name: `${words.task} ${task.task_id}`,
      here: { status: task.status, version: task.updated_at ?? delivery.updated_at },
      feishu: undefined,
    });
  }
  for (const task of feishu.tasks) {
    const known = tasks.get(task.task_id) ?? { name: `${words.task} ${task.task_id}`, here: undefined };
    tasks.set(task.task_id, { ...known, feishu: { status: task.status_raw ?? task.status, version: task.updated_at } });
  }
  const own = {
    name: words.instance,
    here: { status: document.status ?? "", version: delivery.updated_at },
    feishu: { status: feishu.instance_status_raw ?? feishu.instance_status, version: feishu.updated_at },
  };
  return [own, ...tasks.values()];
}

const isEqual = ({ here, feishu }: Line) =>
  here?.status === feishu?.status && instant(here?.version) === instant(feishu?.version);

export function Compare({ delivery, document }: { delivery: Delivery; document: KeptDocument }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { api } = useSession();
  const { instance_id, state, revision } = delivery;
  const { data, error, reload } = useData(() => api.inFeishu(instance_id), [api, instance_id, state, revision]);
  if (error) return <Failure error={error} />;
  if (!data) return <p class="soft">{words.loading}</p>;
  const compared = data.found ? lines(delivery, document, data.found, words) : [];
  const side = (one: Side | undefined, missing: string) =>
    one ? (
      <>
        <span>{one.status}</span>
        {one.version !== undefined && <span class="soft small"><br /><time dateTime={one.version}>{times.exact(one.version)}.{one.version.slice(20, 23)}</time></span>}
      </>
    ) : (
      <span class="soft">{missing}</span>
    );
  return (
    <>
      <p class="soft">{words.compareHelp}</p>
      {!data.found && <p class="note bad">{words.notInFeishu}</p>}
      {data.found && (
        <>
          <p class={compared.every(isEqual) ? "note good" : "note warn"} role="status">{compared.every(isEqual) ? words.inSync : words.differs}</p>
          <div class="scroll" tabIndex={0} role="region" aria-label={words.compare}>
            <table>
              <thead>
                <tr><th scope="col">{words.field}</th><th scope="col">{words.here}</th><th scope="col">{words.feishu}</th></tr>
              </thead>
              <tbody>
                {compared.map((line) => (
                  <tr key={line.name} class={isEqual(line) ? "" : "differs"}>
                    <td class="any">{isEqual(line) ? "" : "≠ "}{line.name}</td>
                    <td>{side(line.here, words.onlyFeishu)}</td>
                    <td>{side(line.feishu, words.onlyHere)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <p><button type="button" onClick={() => void reload()}>{words.refresh}</button></p>
    </>
  );
}

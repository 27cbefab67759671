// Why somebody does or does not see an instance in Feishu.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import type { Api } from "./api";
import { useData } from "./data";
import type { KeptDocument, Visibility } from "./model";
import { Failure } from "./parts";
import { toInstance, toVisibility } from "./route";
import { useSession } from "./session";
import { translated, WORDS } from "./words";

const SIGHTS: Record<string, string> = { yes: "good", no: "bad" };
const EFFECTS: Record<string, string> = { shows: "good", hides: "bad" };

/** Everybody whom a document names, and as what; each once. */
function persons(document: KeptDocument): { id: string; role: string }[] {
  const all = [
    ...(document.tasks ?? []).map((task) => ({ id: task.user_id ?? task.open_id, role: "task" })),
    { id: document.applicant_user_id ?? document.applicant_open_id, role: "applicant" },
    ...(document.cc ?? []).map((cc) => ({ id: cc.user_id ?? cc.open_id, role: "cc" })),
  ];
  const named = new Map<string, string>();
  for (const { id, role } of all) if (id !== undefined && !named.has(id)) named.set(id, role);
  return [...named].map(([id, role]) => ({ id, role })).slice(0, 12);
}

function Answer({ answer }: { answer: Visibility }) {
  const language = useLanguage();
  const words = WORDS[language];
  return (
    <>
      <p class={`note ${SIGHTS[answer.visible] ?? "warn"}`}>
        <strong>{words.visible[answer.visible] ?? answer.visible}</strong>
        {answer.lists.length > 0 && ` · ${answer.lists.map((list) => words.lists[list] ?? list).join(" · ")}`}
      </p>
      <ul class="reasons">
        {answer.reasons.map((reason, index) => (
          <li key={index}>
            <p>
              <span class={`tag ${EFFECTS[reason.effect] ?? "wait"}`}>{words.effects[reason.effect] ?? reason.effect}</span>{" "}
              {reason.list !== undefined && <><span class="tag">{words.lists[reason.list] ?? reason.list}</span>{" "}</>}
              <code class="soft any">{reason.code} {reason.task_id ?? reason.cc_id} {reason.pointer}</code>
            </p>
            <p class="any">{translated(reason, "meaning", language)}</p>
            <p class="any"><strong>{words.whatToDo}:</strong> {translated(reason, "what_to_do", language)}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A field with what belongs into it. */
function Field({ label, help, name, value, list, change }: {
  label: string;
  help: string;
  name: string;
  value: string;
  list?: string;
  change: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        required
        value={value}
        list={list}
        aria-describedby={`${id}-help`}
        autoComplete="off"
        spellcheck={false}
        onInput={(event) => { change(event.currentTarget.value); }}
      />
      <span class="soft small" id={`${id}-help`}>{help}</span>
    </div>
  );
}

/** The answer for somebody, asked again whenever `turn` counts on. */
function Explained({ id, person, turn }: { id: string; person: string; turn: number }) {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { data, error } = useData(() => api.visibility(id, person), [api, id, person, turn]);
  return (
    <>
      <Failure error={error} />
      <div role="status">{data ? <Answer answer={data} /> : error === undefined && <p class="soft">{words.loading}</p>}</div>
    </>
  );
}

/** Asks for a person, and shows the answer where it is known who is asked about, and for which instance. */
function Question(props: {
  id: string;
  person: string;
  document: KeptDocument | undefined;
  ask: (person: string) => void;
  children?: ComponentChildren;
}) {
  const { id, person, document, ask, children } = props;
  const words = WORDS[useLanguage()];
  const [wanted, setWanted] = useState(person);
  const [turn, setTurn] = useState(0);
  useEffect(() => { setWanted(person); }, [person]);
  const named = document === undefined ? [] : persons(document);
  const send = (one: string) => {
    setWanted(one);
    setTurn(turn + 1);
    ask(one);
  };
  return (
    <>
      <form
        class="question"
        onSubmit={(event) => {
          event.preventDefault();
          send(wanted.trim());
        }}
      >
        {children}
        <Field label={words.person} help={words.personHelp} name="person" value={wanted} change={setWanted} />
        <button type="submit" class="primary">{words.explain}</button>
      </form>
      {named.length > 0 && (
        <p class="row">
          <span class="soft">{words.named}:</span>
          {named.map((one) => (
            <button key={one.id} type="button" aria-pressed={one.id === person} onClick={() => { send(one.id); }}>
              <span class="any">{one.id}</span> <span class="soft small">{words.roles[one.role]}</span>
            </button>
          ))}
        </p>
      )}
      {id !== "" && person !== "" && <Explained id={id} person={person} turn={turn} />}
    </>
  );
}

/** The view of an instance. */
export function Visible({ id, person, document }: { id: string; person: string; document: KeptDocument | undefined }) {
  const words = WORDS[useLanguage()];
  const ask = (person: string) => { location.replace(toInstance(id, { view: "visibility", person })); };
  return (
    <>
      <p class="soft">{words.visibilityHelp}</p>
      <Question id={id} person={person} document={document} ask={ask} />
    </>
  );
}

/** The kept document of an instance, if there is one. */
async function documentOf(api: Api, id: string): Promise<KeptDocument | undefined> {
  const { items } = id === "" ? { items: [] } : await api.deliveries({ instance_id: id }, undefined, 1);
  return items.length === 0 ? undefined : (JSON.parse(await api.document(id)) as KeptDocument);
}

/** The page for whoever has been told that something is missing. */
export function VisibilityPage({ instance, person }: { instance: string; person: string }) {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const [wanted, setWanted] = useState(instance);
  useEffect(() => { setWanted(instance); }, [instance]);
  const recent = useData(() => api.deliveries({}), [api]);
  const kept = useData(() => documentOf(api, instance), [api, instance]);
  return (
    <>
      <h2>{words.visibility}</h2>
      <p class="soft">{words.visibilityHelp}</p>
      <section class="panel">
        <Question id={instance} person={person} document={kept.data} ask={(person) => { location.hash = toVisibility({ instance: wanted.trim(), person }); }}>
          <Field label={words.approval} help={words.approvalHelp} name="instance" value={wanted} list="recent" change={setWanted} />
          <datalist id="recent">{recent.data?.items.map(({ instance_id }) => <option key={instance_id} value={instance_id} />)}</datalist>
        </Question>
        {instance === "" && wanted === "" && recent.data && recent.data.items.length > 0 && (
          <p class="row">
            <span class="soft">{words.recent}:</span>
            {recent.data.items.slice(0, 6).map(({ instance_id }) => (
              <button key={instance_id} type="button" onClick={() => { location.hash = toVisibility({ instance: instance_id, person }); }}>
                <span class="any">{instance_id}</span>
              </button>
            ))}
          </p>
        )}
        {kept.data && <p><a href={toInstance(instance)}>{words.toInstance}</a></p>}
      </section>
    </>
  );
}

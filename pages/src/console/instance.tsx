// One instance: how its delivery stands, what happened, what is kept, and what can be done.
import { useState } from "preact/hooks";
import { CopyBlock } from "../shared/copy";
import { useLanguage } from "../shared/language";
import { Tabs } from "../shared/tabs";
import { Compare } from "./compare";
import { useData, useWork } from "./data";
import { Facts } from "./facts";
import type { Delivery, KeptDocument } from "./model";
import { Action, Confirm, Failure, ProblemNote, StateTag } from "./parts";
import { toEvents, toInstance, toVisibility, VIEWS } from "./route";
import type { Look } from "./route";
import { useSession } from "./session";
import { Timeline } from "./timeline";
import { Visible } from "./visibility";
import { WORDS } from "./words";

const PERIOD_MS = 3_000;

/** Laid out for reading; the kept bytes themselves are what is previewed. */
function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function Payload({ id, document }: { id: string; document: string }) {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { data, error } = useData(() => api.preview(id, document), [api, id, document]);
  return (
    <>
      <p class="soft">{words.payloadHelp}</p>
      <Failure error={error} />
      {data !== undefined && <CopyBlock text={pretty(data)} label={words.payload} />}
    </>
  );
}

function Views({ delivery, look: { view, person } }: { delivery: Delivery; look: Look }) {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { instance_id: id, revision, state } = delivery;
  const kept = useData(() => api.document(id), [api, id, revision]);
  const document = kept.data;
  const parsed = document === undefined ? undefined : (JSON.parse(document) as KeptDocument);
  const missing = kept.error?.status === 404 ? <p class="soft">{words.noDocument}</p> : <Failure error={kept.error} />;
  const tabs = VIEWS.map((view) => ({ id: view, label: words[view] }));
  return (
    <section class="panel views">
      <Tabs label={id} tabs={tabs} chosen={view} choose={(view) => { location.replace(toInstance(id, { view, person })); }}>
        <div class="view">
          {view === "timeline" && <Timeline id={id} revision={revision} state={state} />}
          {view === "document" && (document === undefined ? missing : <CopyBlock text={pretty(document)} label={words.document} />)}
          {view === "payload" && (document === undefined ? missing : <Payload id={id} document={document} />)}
          {view === "compare" && (parsed === undefined ? missing : <Compare delivery={delivery} document={parsed} />)}
          {view === "visibility" && <Visible id={id} person={person} document={parsed} />}
        </div>
      </Tabs>
    </section>
  );
}

/** Why each button is of no use now, where one is not. */
function useReasons(delivery: Delivery, isBusy: boolean) {
  const words = WORDS[useLanguage()];
  const { mayOperate } = useSession();
  const { state, delivered_revision } = delivery;
  const always = mayOperate ? (isBusy ? words.busy : undefined) : words.needsOperate;
  const isTaken = state === "delivered" || state === "confirmed";
  return {
    retry: always ?? (isTaken ? words.nothingToRetry : undefined),
    check: always ?? (delivered_revision === undefined || state === "pending" ? words.nothingToCheck : undefined),
    forget: always ?? (state === "pending" ? words.notWhilePending : undefined),
  };
}

function Buttons(props: { delivery: Delivery; isBusy: boolean; retry: () => void; check: () => void; forget: () => void }) {
  const { delivery, isBusy, retry, check, forget } = props;
  const words = WORDS[useLanguage()];
  const { mayOperate } = useSession();
  const whyNot = useReasons(delivery, isBusy);
  return (
    <p class="row">
      <Action whyNot={whyNot.retry} kind="primary" onClick={retry}>{words.retry}</Action>
      <Action whyNot={whyNot.check} onClick={check}>{words.check}</Action>
      <Action whyNot={whyNot.forget} kind="danger" onClick={forget}>{words.forget}</Action>
      {!mayOperate && <span class="soft small" aria-hidden="true">{words.needsOperate}</span>}
    </p>
  );
}

/** What is doubtful about the document although it was taken. */
function Warnings({ warnings }: { warnings: NonNullable<Delivery["warnings"]> }) {
  const words = WORDS[useLanguage()];
  return (
    <section class="note warn problem" aria-label={words.warnings}>
      <p><strong>{words.warnings}</strong></p>
      <ul>
        {warnings.map((warning, index) => (
          <li key={index} class="any"><code>{warning.pointer === "" ? "/" : warning.pointer}</code> {warning.detail} <code class="soft">{warning.code}</code></li>
        ))}
      </ul>
    </section>
  );
}

export function Instance({ id, look }: { id: string; look: Look }) {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { data, error, reload } = useData(() => api.deliveries({ instance_id: id }, undefined, 1), [api, id], PERIOD_MS);
  const { failed, done, isBusy, run } = useWork(id, reload);
  const [asked, setAsked] = useState<"retry" | "forget">();
  const delivery = data?.items[0];
  // What was said before says nothing of what is done now.
  const said = isBusy || failed ? undefined : done;

  const act = (work: () => Promise<string>) => {
    setAsked(undefined);
    return run(work);
  };
  const retry = () => act(async () => words.retried((await api.retry({ instance_id: id, state: ["pending", "refused", "conflict"] })).retried));
  const check = () => act(async () => words.checked(words.states[(await api.check(id)).state]));
  const forget = () =>
    act(async () => {
      await api.forget(id);
      return words.forgotten;
    });

  return (
    <>
      <div class="heading">
        <h2 class="any">{id}</h2>
        {delivery && <StateTag state={delivery.state} />}
      </div>
      <Failure error={failed ?? error} />
      <p role="status" class={said === undefined ? "" : "note good"}>{said}</p>
      {data && !delivery && (
        <>
          <p class="soft">{words.unknownInstance}</p>
          <p><a href={toVisibility({ instance: id })}>{words.unknownVisible}</a></p>
        </>
      )}
      {delivery && (
        <>
          <Buttons delivery={delivery} isBusy={isBusy} retry={() => { setAsked("retry"); }} check={() => void check()} forget={() => { setAsked("forget"); }} />
          {delivery.last_problem && (
            <section aria-label={words.lastProblem}>
              <ProblemNote problem={delivery.last_problem} isSerious={delivery.state === "refused" || delivery.state === "conflict"} />
            </section>
          )}
          {delivery.warnings && delivery.warnings.length > 0 && <Warnings warnings={delivery.warnings} />}
          <Facts delivery={delivery} />
          <p class="small"><a href={toEvents({ instance_id: id })}>{words.eventsOfInstance}</a></p>
          <Views delivery={delivery} look={look} />
        </>
      )}
      {asked === "retry" && (
        <Confirm question={words.retryOne(id)} action={words.retry} done={(isConfirmed) => { if (isConfirmed) void retry(); else setAsked(undefined); }} />
      )}
      {asked === "forget" && (
        <Confirm question={words.forgetOne(id)} help={words.forgetHelp} action={words.forget} isDanger done={(isConfirmed) => { if (isConfirmed) void forget(); else setAsked(undefined); }} />
      )}
    </>
  );
}

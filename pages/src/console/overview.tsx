// How all deliveries stand, and what needs somebody.
import { useLanguage, useTimes } from "../shared/language";
import { useData } from "./data";
import { STATES } from "./model";
import type { Summary } from "./model";
import { Failure, ProblemName, ProblemNote, StateTag, useCount, useSpan } from "./parts";
import { Plot } from "./plot";
import { toDeliveries, toEvents, toInstance } from "./route";
import { useSession } from "./session";
import { WORDS } from "./words";

const PERIOD_MS = 5_000;

function App({ app }: { app: Summary["app"] }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { caller } = useSession();
  if (app.state !== "parked") {
    return <p role="status"><span class="tag good">● {words.open}</span></p>;
  }
  return (
    <section role="status" aria-label={words.parked} class="parked">
      <h2>
        <span class="tag bad">■ {words.parked}</span>
        {app.since !== undefined && <span class="soft small"> {words.since} {times.exact(app.since)}</span>}
      </h2>
      <ProblemNote problem={app.problem ?? { code: app.reason ?? "" }} />
      <p class="soft small">{words.doctor} <code>approval-gateway doctor --app {caller.app}</code></p>
    </section>
  );
}

function Tiles({ summary }: { summary: Summary }) {
  const words = WORDS[useLanguage()];
  const count = useCount();
  return (
    <ul class="tiles">
      {STATES.map((state) => (
        <li key={state}>
          <a class={`tile ${state}${summary.states[state] > 0 ? "" : " zero"}`} href={toDeliveries({ state: [state] })}>
            <span class="number">{count(summary.states[state])}</span>
            <span class="name">{words.states[state]}</span>
            <span class="soft small">{words.meanings[state]}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Figures({ summary }: { summary: Summary }) {
  const words = WORDS[useLanguage()];
  const span = useSpan();
  const count = useCount();
  const { oldest_pending_s, expected_s, rate_per_minute, last_hour } = summary;
  const drifts = last_hour.reduce((sum, minute) => sum + minute.drifts, 0);
  // The last whole minute: the present one has only begun.
  const present = Math.floor(Date.now() / 60_000) * 60_000;
  const recent = last_hour.find((minute) => Date.parse(minute.from) === present - 60_000)?.pushes ?? 0;
  return (
    <dl class="figures">
      <div>
        <dt>{words.oldest}</dt>
        <dd>{oldest_pending_s === undefined ? words.nothingWaits : span(oldest_pending_s)}</dd>
        {expected_s !== undefined && expected_s > 0 && <dd class="soft small">{words.expected} {span(expected_s)}</dd>}
      </div>
      <div>
        <dt>{words.lastMinute}</dt>
        <dd>{count(recent)}</dd>
        <dd class="soft small">{rate_per_minute === undefined ? words.noLimit : words.ofLimit(rate_per_minute)}</dd>
      </div>
      <div>
        <dt>{words.drift}</dt>
        <dd>{count(drifts)}</dd>
        <dd class="soft small">{words.driftHelp}</dd>
      </div>
    </dl>
  );
}

function Attention() {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { api } = useSession();
  const { data } = useData(() => api.deliveries({ state: ["refused", "conflict"] }, undefined, 5), [api], PERIOD_MS);
  const dead = useData(() => api.events({ state: ["dead"] }, undefined, 1), [api], PERIOD_MS);
  return (
    <section>
      <h2>{words.attention}</h2>
      {dead.data !== undefined && dead.data.items.length > 0 && (
        <p class="note bad">{words.deadEvents} <a href={toEvents({ state: ["dead"] })}>{words.toDeadEvents}</a></p>
      )}
      {data?.items.length === 0 && <p class="soft">{words.noAttention}</p>}
      {data && data.items.length > 0 && (
        <>
          <ul class="attention">
            {data.items.map((delivery) => (
              <li key={delivery.instance_id}>
                <a class="any" href={toInstance(delivery.instance_id)}>{delivery.instance_id}</a> <StateTag state={delivery.state} />
                <p class="soft small any">{times.short(delivery.accepted_at)}{delivery.last_problem && <> · <ProblemName problem={delivery.last_problem} /></>}</p>
              </li>
            ))}
          </ul>
          <p><a href={toDeliveries({ state: ["refused", "conflict"] })}>{words.all}</a></p>
        </>
      )}
    </section>
  );
}

export function Overview() {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { data, error } = useData(() => api.summary(), [api], PERIOD_MS);
  return (
    <>
      <Failure error={error} />
      {data && (
        <>
          <h2 class="unseen">{words.overview}</h2>
          <App app={data.app} />
          <Tiles summary={data} />
          <Figures summary={data} />
          <section class="panel">
            <h2>{words.lastHour}</h2>
            <Plot busy={data.last_hour} limit={data.rate_per_minute} />
          </section>
          <Attention />
        </>
      )}
    </>
  );
}

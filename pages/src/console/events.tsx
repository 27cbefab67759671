// What your system was told by webhooks, and sending again what it did not take.
import { useEffect, useState } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import { usePages, useWork } from "./data";
import { EVENT_STATES, EVENT_TYPES } from "./model";
import type { EventFilter, EventState, OutgoingEvent } from "./model";
import { Action, Choices, Confirm, Failure, found, More } from "./parts";
import { NO_EVENT_FILTER, toEvents, toInstance } from "./route";
import { useSession } from "./session";
import { WORDS } from "./words";

const KINDS: Record<EventState, string> = { pending: "wait", delivered: "good", dead: "bad" };

function FilterForm({ filter }: { filter: EventFilter }) {
  const words = WORDS[useLanguage()];
  const [wanted, setWanted] = useState(filter);
  useEffect(() => { setWanted(filter); }, [JSON.stringify(filter)]);
  return (
    <form
      class="panel filter"
      role="search"
      aria-label={words.filter}
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = toEvents(wanted);
      }}
    >
      <Choices legend={words.state} all={EVENT_STATES} chosen={wanted.state} name={(one) => words.eventStates[one]} choose={(state) => { setWanted({ ...wanted, state }); }} />
      <Choices legend={words.eventType} all={EVENT_TYPES} chosen={wanted.type} name={(one) => words.eventTypes[one] ?? one} choose={(type) => { setWanted({ ...wanted, type }); }} />
      <label>
        {words.id}
        <input value={wanted.instance_id} autoComplete="off" spellcheck={false} onInput={(event) => { setWanted({ ...wanted, instance_id: event.currentTarget.value.trim() }); }} />
      </label>
      <p class="row">
        <button type="submit" class="primary">{words.apply}</button>
        <button type="button" onClick={() => { location.hash = toEvents({}); setWanted(NO_EVENT_FILTER); }}>{words.reset}</button>
      </p>
    </form>
  );
}

function Row({ event }: { event: OutgoingEvent }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { instance_id, next_attempt_at, ended_at, last_error } = event;
  const next = next_attempt_at === undefined ? words.waitsBehind : `${words.nextAttempt} ${times.exact(next_attempt_at)}`;
  return (
    <tr>
      <td data-label={words.eventType} title={event.event_id}>
        <div>
          {words.eventTypes[event.type] ?? event.type}<br />
          <code class="soft small">{event.type}</code>
        </div>
      </td>
      <td class="any" data-label={words.about}>
        <div>
          {instance_id === undefined ? <span class="soft">{words.theApp}</span> : <a href={toInstance(instance_id)}>{instance_id}</a>}
          {event.problem && <><br /><code class="soft small">{event.problem.code}</code></>}
        </div>
      </td>
      <td data-label={words.state}><span class={`tag ${KINDS[event.state]}`}>{words.eventStates[event.state]}</span></td>
      <td data-label={words.happened}><time dateTime={event.timestamp}>{times.exact(event.timestamp)}</time></td>
      <td data-label={words.attempts}>{event.attempts}</td>
      <td class="any" data-label={words.lastError}>
        <div>
          {last_error !== undefined && <>{last_error}<br /></>}
          <span class="soft small">{event.state === "pending" ? next : ended_at !== undefined && times.exact(ended_at)}</span>
        </div>
      </td>
    </tr>
  );
}

export function Events({ filter }: { filter: EventFilter }) {
  const words = WORDS[useLanguage()];
  const { api, mayOperate } = useSession();
  const about = JSON.stringify(filter);
  const { items, more, error, reload } = usePages((cursor) => api.events(filter, cursor), about, 5_000);
  const { failed, done, run } = useWork(about, reload);
  const [isAsked, setIsAsked] = useState(false);

  const sendAgain = () => {
    setIsAsked(false);
    // What was given up is meant, unless somebody has chosen otherwise.
    const meant: EventFilter = filter.state.length > 0 ? filter : { ...filter, state: ["dead"] };
    return run(async () => words.sentAgain((await api.retryEvents(meant)).retried));
  };
  const says = { loading: words.loading, found: words.eventsFound, none: words.noEvents, noneYet: words.noEventsYet };

  return (
    <>
      <h2>{words.events}</h2>
      <p class="soft">{words.eventsHelp}</p>
      <FilterForm filter={filter} />
      <Failure error={failed ?? error} />
      <div class="results">
        <p role="status">{done ?? found(items, more !== undefined, filter, says)}</p>
        <Action whyNot={mayOperate ? undefined : words.needsOperate} onClick={() => { setIsAsked(true); }}>{words.sendAgain}</Action>
      </div>
      {items !== undefined && items.length > 0 && (
        <div class="panel">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{words.eventType}</th>
                <th scope="col">{words.about}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.happened}</th>
                <th scope="col">{words.attempts}</th>
                <th scope="col">{words.lastError}</th>
              </tr>
            </thead>
            <tbody>{items.map((event) => <Row key={event.event_id} event={event} />)}</tbody>
          </table>
        </div>
      )}
      <More more={more} />
      {isAsked && (
        <Confirm question={words.sendAgainMany} help={words.sendAgainHelp} action={words.sendAgain} done={(isConfirmed) => { if (isConfirmed) void sendAgain(); else setIsAsked(false); }} />
      )}
    </>
  );
}

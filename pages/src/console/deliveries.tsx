// The list of deliveries, with the filters of the API.
import { useEffect, useState } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import { isFiltered } from "./api";
import { usePages, useWork } from "./data";
import { STATES } from "./model";
import type { Delivery, Filter } from "./model";
import { Action, Choices, Confirm, Failure, found, More, StateTag } from "./parts";
import { NO_FILTER, toDeliveries, toInstance } from "./route";
import { useSession } from "./session";
import { WORDS } from "./words";

/** What a field for local times holds, as the API wants it. */
const toTime = (local: string) => (local === "" ? "" : new Date(local).toISOString());

/** The reverse: local time, to the second. */
function toLocal(time: string): string {
  if (time === "" || Number.isNaN(Date.parse(time))) return "";
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function FilterForm({ filter }: { filter: Filter }) {
  const words = WORDS[useLanguage()];
  const [wanted, setWanted] = useState(filter);
  useEffect(() => { setWanted(filter); }, [JSON.stringify(filter)]);
  const { approval_code, caller, problem, accepted_from, accepted_to } = filter;
  const isNarrowed = [approval_code, caller, problem, accepted_from, accepted_to].some((value) => value !== "");
  const text = (name: "instance_id" | "approval_code" | "caller" | "problem", label: string) => (
    <label>
      {label}
      <input value={wanted[name]} autoComplete="off" spellcheck={false} onInput={(event) => { setWanted({ ...wanted, [name]: event.currentTarget.value.trim() }); }} />
    </label>
  );
  const time = (name: "accepted_from" | "accepted_to", label: string) => (
    <label>
      {label}
      <input type="datetime-local" step="1" value={toLocal(wanted[name])} onInput={(event) => { setWanted({ ...wanted, [name]: toTime(event.currentTarget.value) }); }} />
    </label>
  );
  return (
    <form
      class="panel filter"
      role="search"
      aria-label={words.filter}
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = toDeliveries(wanted);
      }}
    >
      <Choices legend={words.state} all={STATES} chosen={wanted.state} name={(one) => words.states[one]} choose={(state) => { setWanted({ ...wanted, state }); }} />
      {text("instance_id", words.id)}
      <details open={isNarrowed}>
        <summary>{words.moreFilters}</summary>
        <div class="fields">
          {text("approval_code", words.code)}
          {text("caller", words.caller)}
          {text("problem", words.problem)}
          {time("accepted_from", words.from)}
          {time("accepted_to", words.to)}
        </div>
      </details>
      <p class="row">
        <button type="submit" class="primary">{words.apply}</button>
        <button type="button" onClick={() => { location.hash = toDeliveries({}); setWanted(NO_FILTER); }}>{words.reset}</button>
      </p>
    </form>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  return (
    <tr>
      <td class="any" data-label={words.id}><a href={toInstance(delivery.instance_id)}>{delivery.instance_id}</a></td>
      <td data-label={words.state}><StateTag state={delivery.state} /></td>
      <td data-label={words.revision}>{delivery.revision}</td>
      <td data-label={words.accepted}><time dateTime={delivery.accepted_at}>{times.short(delivery.accepted_at)}</time></td>
      <td class="any" data-label={words.caller}>{delivery.caller ?? <span class="soft">{words.anonymous}</span>}</td>
      <td class="any" data-label={words.problem}>{delivery.last_problem && <span title={delivery.last_problem.detail}>{delivery.last_problem.code}</span>}</td>
    </tr>
  );
}

/** The filter of a retry: an empty one would be refused. */
const selection = (filter: Filter): Partial<Filter> => (isFiltered(filter) ? filter : { state: ["refused", "conflict"] });

export function Deliveries({ filter }: { filter: Filter }) {
  const words = WORDS[useLanguage()];
  const { api, mayOperate } = useSession();
  const about = JSON.stringify(filter);
  const { items, more, error, reload } = usePages((cursor) => api.deliveries(filter, cursor), about, 10_000);
  const { failed, done, run } = useWork(about, reload);
  const [isAsked, setIsAsked] = useState(false);

  const retry = () => {
    setIsAsked(false);
    return run(async () => words.retried((await api.retry(selection(filter))).retried));
  };

  return (
    <>
      <h2>{words.deliveries}</h2>
      <FilterForm filter={filter} />
      <Failure error={failed ?? error} />
      <div class="results">
        <p role="status">{done ?? found(items, more !== undefined, filter, words)}</p>
        <Action whyNot={mayOperate ? undefined : words.needsOperate} onClick={() => { setIsAsked(true); }}>{words.retryAll}</Action>
      </div>
      {items !== undefined && items.length > 0 && (
        <div class="panel">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{words.id}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.revision}</th>
                <th scope="col">{words.accepted}</th>
                <th scope="col">{words.caller}</th>
                <th scope="col">{words.problem}</th>
              </tr>
            </thead>
            <tbody>{items.map((delivery) => <Row key={delivery.instance_id} delivery={delivery} />)}</tbody>
          </table>
        </div>
      )}
      <More more={more} />
      {isAsked && (
        <Confirm question={words.retryMany} action={words.retry} done={(isConfirmed) => { if (isConfirmed) void retry(); else setIsAsked(false); }} />
      )}
    </>
  );
}

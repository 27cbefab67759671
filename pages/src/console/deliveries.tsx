// The list of deliveries, with the filters of the API.
import { useEffect, useState } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import { STATES, ApiError } from "./api";
import type { Delivery, Filter, Page, State } from "./api";
import { useData } from "./data";
import { Confirm, Failure, ScopedButton, StateTag } from "./parts";
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
  const state = (one: State) => (
    <label key={one} class="choice">
      <input
        type="checkbox"
        checked={wanted.state.includes(one)}
        onChange={(event) => {
          const chosen = event.currentTarget.checked ? [...wanted.state, one] : wanted.state.filter((other) => other !== one);
          setWanted({ ...wanted, state: chosen });
        }}
      />
      {words.states[one]}
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
      <fieldset>
        <legend>{words.state}</legend>
        {STATES.map(state)}
      </fieldset>
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
function selection(filter: Filter): Record<string, unknown> {
  const { state, ...rest } = filter;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ""));
  const named = state.length > 0 ? { state } : Object.keys(given).length > 0 ? {} : { state: ["refused", "conflict"] };
  return { ...given, ...named };
}

export function Deliveries({ filter }: { filter: Filter }) {
  const words = WORDS[useLanguage()];
  const { api, mayOperate } = useSession();
  const about = JSON.stringify(filter);
  const first = useData(() => api.deliveries(filter), [api, about], 10_000);
  const [further, setFurther] = useState<Page<Delivery>>();
  const [error, setError] = useState<ApiError>();
  const [isAsked, setIsAsked] = useState(false);
  const [done, setDone] = useState("");
  useEffect(() => {
    setFurther(undefined);
    setDone("");
  }, [about]);
  const items = [...(first.data?.items ?? []), ...(further?.items ?? [])];
  const cursor = further ? further.next_cursor : first.data?.next_cursor;

  const more = async () => {
    try {
      const next = await api.deliveries(filter, cursor);
      setFurther((known) => ({ ...next, items: [...(known?.items ?? []), ...next.items] }));
    } catch (failure) {
      if (failure instanceof ApiError) setError(failure);
    }
  };
  const retry = async () => {
    setIsAsked(false);
    setError(undefined);
    try {
      const { retried } = await api.retry(selection(filter));
      setDone(words.retried(retried));
      await first.reload();
    } catch (failure) {
      if (failure instanceof ApiError) setError(failure);
    }
  };
  const seen = new Set<string>();
  const rows = items.filter(({ instance_id }) => !seen.has(instance_id) && seen.add(instance_id));

  return (
    <>
      <h2>{words.deliveries}</h2>
      <FilterForm filter={filter} />
      <Failure error={error ?? first.error} />
      <div class="results">
        <p role="status">{done || (first.data ? (rows.length === 0 ? words.none : words.found(rows.length, cursor !== undefined)) : words.loading)}</p>
        <ScopedButton may={mayOperate} why={words.needsOperate} onClick={() => { setIsAsked(true); }}>{words.retryAll}</ScopedButton>
      </div>
      {rows.length > 0 && (
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
            <tbody>{rows.map((delivery) => <Row key={delivery.instance_id} delivery={delivery} />)}</tbody>
          </table>
        </div>
      )}
      {cursor !== undefined && <p class="center"><button type="button" onClick={() => void more()}>{words.more}</button></p>}
      {isAsked && (
        <Confirm question={words.retryMany} action={words.retry} done={(isConfirmed) => { if (isConfirmed) void retry(); else setIsAsked(false); }} />
      )}
    </>
  );
}

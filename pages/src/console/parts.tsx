// Small things that several views show.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { toTag, useLanguage } from "../shared/language";
import { isFiltered } from "./api";
import type { ApiError } from "./api";
import type { DeliveryProblem, Explanation, State } from "./model";
import { useSession } from "./session";
import { saying, translated, WORDS } from "./words";

const KINDS: Record<State, string> = { pending: "wait", delivered: "info", confirmed: "good", refused: "bad", conflict: "bad" };

export function StateTag({ state }: { state: State }) {
  const words = WORDS[useLanguage()];
  return <span class={`tag ${KINDS[state]}`}>{words.states[state]}</span>;
}

/** A count as people write it. */
export function useCount(): (count: number) => string {
  const language = useLanguage();
  return (count) => new Intl.NumberFormat(toTag(language)).format(count);
}

/** A time span as people say it. */
export function useSpan(): (seconds: number) => string {
  const language = useLanguage();
  const units: [number, string][] = [[86_400, "day"], [3_600, "hour"], [60, "minute"]];
  return (seconds) => {
    const [size, unit] = units.find(([size]) => seconds >= size * 1.5) ?? [1, "second"];
    const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 } as const;
    return new Intl.NumberFormat(toTag(language), style).format(seconds / size);
  };
}

export function Failure({ error }: { error: ApiError | undefined }) {
  const language = useLanguage();
  const words = WORDS[language];
  // Where nobody has answered, nobody explains.
  const explanation = useExplanation(error?.status === undefined ? undefined : error.code);
  if (!error) return null;
  const isOff = error.code === "ledger_off";
  return (
    <div class="note bad" role="alert">
      {explanation && !isOff && <p><strong>{translated(explanation, "title", language)}</strong></p>}
      <p class="any">{isOff ? words.failed.ledgerOff : saying(error, language)}</p>
      {error.errors.map((one, index) => (
        <p key={index} class="small any"><code>{one.pointer}</code> {one.detail}{one.hint !== undefined && ` (${one.hint})`}</p>
      ))}
    </div>
  );
}

const explanations = new Map<string, Promise<Explanation>>();

/** What the gateway's catalogue says about a code; it has none for those of repairs. */
export function useExplanation(code: string | undefined): Explanation | undefined {
  const { api } = useSession();
  const [found, setFound] = useState<Explanation>();
  useEffect(() => {
    setFound(undefined);
    if (code === undefined || ["drift", "does_not_stick", "conflict"].includes(code)) return;
    let isCurrent = true;
    const asked = explanations.get(code) ?? api.explanation(code);
    explanations.set(code, asked);
    asked.then(
      (explanation) => {
        if (isCurrent) setFound(explanation);
      },
      // Whoever looks next asks again.
      () => { explanations.delete(code); },
    );
    return () => {
      isCurrent = false;
    };
  }, [api, code]);
  return found;
}

/** A problem in one line. */
export function ProblemName({ problem }: { problem: DeliveryProblem }) {
  const language = useLanguage();
  const explanation = useExplanation(problem.code);
  return <>{explanation ? translated(explanation, "title", language) : (problem.detail ?? problem.code)}</>;
}

/** A problem with what it means and what to do. */
export function ProblemNote({ problem, isSerious = true }: { problem: DeliveryProblem; isSerious?: boolean }) {
  const language = useLanguage();
  const words = WORDS[language];
  const explanation = useExplanation(problem.code);
  const { upstream } = problem;
  return (
    <div class={isSerious ? "note bad problem" : "note warn problem"}>
      <p><strong>{explanation ? translated(explanation, "title", language) : problem.code}</strong> <code>{problem.code}</code></p>
      {problem.detail !== undefined && <p class="any">{problem.detail}</p>}
      {(problem.errors ?? []).length > 0 && (
        <ul>
          {problem.errors?.map((error, index) => (
            <li key={index} class="any"><code>{error.pointer === "" ? "/" : error.pointer}</code> {error.detail}{error.hint !== undefined && <span class="soft"> {error.hint}</span>}</li>
          ))}
        </ul>
      )}
      {upstream?.code !== undefined && (
        <p class="small any">{words.feishuSays}: <code>{upstream.code}</code> {upstream.message} {upstream.log_id !== undefined && <code>{upstream.log_id}</code>}</p>
      )}
      {explanation && <p><strong>{words.whatToDo}:</strong> {translated(explanation, "what_to_do", language)}</p>}
    </div>
  );
}

/** A button that cannot be pressed while `whyNot` says why. The keyboard reaches it all the same, so that everybody can learn it. */
export function Action(props: { whyNot: string | undefined; kind?: string; onClick: () => void; children: ComponentChildren }) {
  const { whyNot, kind, onClick, children } = props;
  const id = useId();
  const isOff = whyNot !== undefined;
  return (
    <>
      <button
        type="button"
        class={kind ?? ""}
        aria-disabled={isOff}
        aria-describedby={isOff ? id : undefined}
        title={whyNot}
        onClick={() => {
          if (!isOff) onClick();
        }}
      >
        {children}
      </button>
      {isOff && <span class="unseen" id={id}>{whyNot}</span>}
    </>
  );
}

/** What a list says of itself: that it is awaited, how much of it is known, or why nothing is in it. */
export function found(
  items: unknown[] | undefined,
  isMore: boolean,
  filter: object,
  says: { loading: string; found: (count: number, isMore: boolean) => string; none: string; noneYet: string },
): string {
  if (items === undefined) return says.loading;
  if (items.length > 0) return says.found(items.length, isMore);
  return isFiltered(filter) ? says.none : says.noneYet;
}

/** The end of a list that goes on. */
export function More({ more }: { more: (() => void) | undefined }) {
  const words = WORDS[useLanguage()];
  return more ? <p class="center"><button type="button" onClick={more}>{words.more}</button></p> : null;
}

/** Choices of which several may be taken. */
export function Choices<T extends string>(props: { legend: string; all: readonly T[]; chosen: T[]; name: (one: T) => string; choose: (chosen: T[]) => void }) {
  const { legend, all, chosen, name, choose } = props;
  return (
    <fieldset>
      <legend>{legend}</legend>
      {all.map((one) => (
        <label key={one} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(one)}
            onChange={(event) => { choose(event.currentTarget.checked ? [...chosen, one] : chosen.filter((other) => other !== one)); }}
          />
          {name(one)}
        </label>
      ))}
    </fieldset>
  );
}

/** Asks before something is done. The browser keeps the focus inside, and gives it back. */
export function Confirm(props: { question: string; help?: string; action: string; isDanger?: boolean; done: (isConfirmed: boolean) => void }) {
  const { question, help, action, isDanger, done } = props;
  const words = WORDS[useLanguage()];
  const dialog = useRef<HTMLDialogElement>(null);
  const isConfirmed = useRef(false);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={() => { done(isConfirmed.current); }}>
      <h2 id={id} class="any">{question}</h2>
      {help !== undefined && <p>{help}</p>}
      <p class="row end">
        <button type="button" onClick={() => dialog.current?.close()}>{words.back}</button>
        <button
          type="button"
          class={isDanger === true ? "danger solid" : "primary"}
          onClick={() => {
            isConfirmed.current = true;
            dialog.current?.close();
          }}
        >
          {action}
        </button>
      </p>
    </dialog>
  );
}

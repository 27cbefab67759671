// Imports with their progress.
import { useState } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import { usePages, useWork } from "./data";
import type { Import } from "./model";
import { Action, Confirm, Failure, More } from "./parts";
import { useSession } from "./session";
import { WORDS } from "./words";

const NUMBERS = ["delivered", "pending", "refused", "superseded", "canceled", "unchanged", "invalid"] as const;

function One({ shown, change }: { shown: Import; change: (id: string, state: Import["state"]) => void }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const { mayWrite } = useSession();
  const settled = shown.accepted - shown.pending;
  const percent = shown.accepted === 0 ? 100 : Math.floor((settled / shown.accepted) * 100);
  const kind = { running: shown.pending === 0 ? "good" : "info", paused: "wait", canceled: "" }[shown.state];
  const isOver = shown.pending === 0 && shown.read_at !== undefined;
  const whyNot = mayWrite ? undefined : words.needsWrite;
  return (
    <li class="panel import">
      <div class="heading">
        <h3 class="any">{shown.import_id}</h3>
        <span class={`tag ${kind}`}>{isOver && shown.state === "running" ? words.importDone : words.importStates[shown.state]}</span>
        <span class="soft small">{times.short(shown.created_at)} · {words.importLines(shown.lines)}{shown.read_at === undefined && shown.state === "running" && ` · ${words.reading}`}{shown.caller !== undefined && ` · ${shown.caller}`}</span>
      </div>
      <progress max={Math.max(shown.accepted, 1)} value={shown.accepted === 0 ? 1 : settled} aria-label={`${words.imports} ${shown.import_id}`} />
      <p class="small">
        {words.progress(percent)}
        {shown.expected_end !== undefined && <span class="soft"> · {words.expectedEnd} {times.short(shown.expected_end)}</span>}
        {shown.rate_per_minute !== undefined && !isOver && <span class="soft"> · {words.atMost(shown.rate_per_minute)}</span>}
      </p>
      <p class="numbers small">
        {NUMBERS.filter((name) => shown[name] > 0).map((name) => (
          <span key={name} class={name === "refused" || name === "invalid" ? "tag bad" : name === "delivered" ? "tag good" : "tag"}>{words.importNumbers[name]} {shown[name]}</span>
        ))}
      </p>
      {shown.state !== "canceled" && !isOver && (
        <p class="row">
          {shown.state === "running" ? (
            <Action whyNot={whyNot} onClick={() => { change(shown.import_id, "paused"); }}>{words.pause}</Action>
          ) : (
            <Action whyNot={whyNot} kind="primary" onClick={() => { change(shown.import_id, "running"); }}>{words.resume}</Action>
          )}
          <Action whyNot={whyNot} kind="danger" onClick={() => { change(shown.import_id, "canceled"); }}>{words.cancel}</Action>
        </p>
      )}
    </li>
  );
}

export function Imports() {
  const words = WORDS[useLanguage()];
  const { api } = useSession();
  const { items, more, error, reload } = usePages(api.imports, "imports", 2_000);
  const { failed, run } = useWork("imports", reload);
  const [canceled, setCanceled] = useState<string>();
  const change = (id: string, state: Import["state"]) => {
    setCanceled(undefined);
    return run(async () => {
      await api.updateImport(id, state);
      // The list itself shows what came of it.
      return undefined;
    });
  };
  return (
    <>
      <h2>{words.imports}</h2>
      <Failure error={failed ?? error} />
      {items?.length === 0 && (
        <div class="empty"><p>{words.noImports}</p><p class="soft">{words.noImportsHelp}</p></div>
      )}
      <ul class="imports">
        {items?.map((shown) => (
          <One key={shown.import_id} shown={shown} change={(id, state) => {
            if (state === "canceled") setCanceled(id);
            else void change(id, state);
          }} />
        ))}
      </ul>
      <More more={more} />
      {canceled !== undefined && (
        <Confirm question={words.cancelImport(canceled)} help={words.cancelHelp} action={words.cancel} isDanger done={(isConfirmed) => {
          if (isConfirmed) void change(canceled, "canceled");
          else setCanceled(undefined);
        }} />
      )}
    </>
  );
}

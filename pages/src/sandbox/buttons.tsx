// The buttons of a task or of a card. They tap for real: the sandbox sends the callback, as Feishu would.
import { useRef, useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import { SandboxError, tap } from "./api";
import type { Action, Button } from "./api";
import { find } from "./locales";
import { WORDS } from "./words";

/** What Feishu itself calls the two actions that it knows. */
function label(action: Action, locale: string): string {
  if (action.label !== action.action_type) return action.label;
  if (action.action_type === "APPROVE") return find(locale).approve;
  if (action.action_type === "REJECT") return find(locale).reject;
  return action.label;
}

export function Buttons(props: {
  actions: Action[];
  /** Who taps. */
  person: string;
  button: Button;
  locale: string;
  say: (ok: boolean, text: string) => void;
}) {
  const { actions, person, button, locale, say } = props;
  const language = useLanguage();
  const words = WORDS[language];
  const [asked, setAsked] = useState<Action>();
  const [reason, setReason] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  // The button that gets the focus back when the question is closed.
  const left = useRef<string>();
  if (actions.length === 0) return null;

  const send = async (action: Action) => {
    setIsBusy(true);
    try {
      const given = reason.trim();
      const tapped = { user_id: person, action: action.action_type, ...button, ...(given === "" ? {} : { reason: given }) };
      const { result, shown, http_status } = await tap(tapped);
      if (result === "success") say(true, words.tapped(label(action, locale)));
      else say(false, `${words.sees}: ${shown ?? words.tapRefused} (${words.results[result]}${http_status === undefined ? "" : `, HTTP ${http_status}`})`);
    } catch (error) {
      say(false, `${words.tapRefused}: ${error instanceof SandboxError ? error.message : words.failed}`);
    }
    setIsBusy(false);
    close();
    setReason("");
  };
  const close = () => {
    left.current = asked?.action_type;
    setAsked(undefined);
  };

  if (asked) {
    return (
      <form
        class="reason"
        onSubmit={(event) => {
          event.preventDefault();
          void send(asked);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      >
        {asked.is_need_reason && (
          <label>
            <span lang={language}>{words.reason} <span class="soft small">{asked.is_reason_required ? words.required : words.optional}</span></span>
            <textarea
              value={reason}
              required={asked.is_reason_required}
              ref={(field) => {
                if (field && document.activeElement?.tagName !== "TEXTAREA") field.focus();
              }}
              onInput={(event) => { setReason(event.currentTarget.value); }}
            />
          </label>
        )}
        {asked.is_need_attachment && <p class="soft small" lang={language}>{words.attachment}</p>}
        <span class="row">
          <button type="submit" class="primary" disabled={isBusy}>{isBusy ? words.tapping : label(asked, locale)}</button>
          <button type="button" onClick={close}>{words.cancel}</button>
        </span>
      </form>
    );
  }
  return (
    <div class="row actions">
      {actions.map((action, index) => (
        <button
          key={action.action_type}
          type="button"
          class={index === 0 ? "primary" : ""}
          aria-disabled={isBusy}
          ref={(button) => {
            if (button && left.current === action.action_type) {
              left.current = undefined;
              button.focus();
            }
          }}
          onClick={() => {
            if (isBusy) return;
            if (action.is_need_reason || action.is_need_attachment) setAsked(action);
            else void send(action);
          }}
        >
          {label(action, locale)}
        </button>
      ))}
    </div>
  );
}

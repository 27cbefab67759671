// How the delivery of an instance stands, in figures and times.
import { useLanguage, useTimes } from "../shared/language";
import type { Delivery } from "./model";
import { WORDS } from "./words";

export function Facts({ delivery }: { delivery: Delivery }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const time = (label: string, at: string | undefined) =>
    at === undefined ? null : <div><dt>{label}</dt><dd><time dateTime={at}>{times.exact(at)}</time></dd></div>;
  return (
    <dl class="facts">
      <div><dt>{words.facts.definition}</dt><dd class="any"><code>{delivery.approval_code}</code></dd></div>
      <div>
        <dt>{words.revision}</dt>
        <dd>
          {delivery.revision}
          {delivery.delivered_revision !== undefined && delivery.delivered_revision !== delivery.revision && (
            <span class="soft"> ({words.facts.deliveredRevision}: {delivery.delivered_revision})</span>
          )}
        </dd>
      </div>
      <div><dt>{words.facts.version}</dt><dd class="any"><code>{delivery.updated_at}</code></dd></div>
      {time(words.accepted, delivery.accepted_at)}
      {time(words.facts.delivered, delivery.delivered_at)}
      {time(words.facts.confirmed, delivery.confirmed_at)}
      {time(words.facts.next, delivery.next_attempt_at)}
      <div><dt>{words.attempts}</dt><dd>{delivery.attempts}</dd></div>
      <div><dt>{words.caller}</dt><dd class="any">{delivery.caller ?? words.anonymous}</dd></div>
      {delivery.log_id !== undefined && <div><dt>{words.facts.logId}</dt><dd class="any"><code>{delivery.log_id}</code></dd></div>}
    </dl>
  );
}

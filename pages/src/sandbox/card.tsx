// One line of a list, as Feishu shows it.
import { useId } from "preact/hooks";
import { toTag, useLanguage, useTimes } from "../shared/language";
import type { Item } from "./api";
import { Buttons } from "./buttons";
import { Links } from "./links";
import { Avatar } from "./persons";
import { WORDS } from "./words";

const KINDS: Record<string, string> = {
  PENDING: "wait",
  UNREAD: "wait",
  APPROVED: "good",
  REJECTED: "bad",
  TRANSFERRED: "info",
  FORWARDED: "info",
  ADD: "info",
  ROLLBACK: "wait",
};

export function Status({ status }: { status: string }) {
  const words = WORDS[useLanguage()];
  return <span class={`tag ${KINDS[status] ?? ""}`}>{words.statuses[status] ?? status}</span>;
}

export function Card(props: {
  item: Item;
  person: string;
  locale: string;
  isNew: boolean;
  isOpen: boolean;
  open: () => void;
  say: (ok: boolean, text: string) => void;
}) {
  const { item, person, locale, isNew, isOpen, open, say } = props;
  const language = useLanguage();
  const words = WORDS[language];
  const times = useTimes();
  const id = useId();
  const { initiator, task, links } = item;
  const initiatorId = initiator.user_id ?? initiator.open_id ?? "";
  const title = (item.cc?.title ?? "") || (task?.title ?? "") || item.title;
  return (
    <li>
      <article class={`card${isNew ? " fresh" : ""}${isOpen ? " open" : ""}`} aria-labelledby={id}>
        <header>
          <h3 id={id} class="any">{title}</h3>
          <Status status={item.status} />
        </header>
        <p class="soft small any">
          {[item.approval_name, item.source, item.group_name].filter(Boolean).join(" · ")}
        </p>
        {item.form.length > 0 && (
          <dl class="form">
            {item.form.map((row, index) => (
              <div key={index}>
                <dt class="any">{row.name}</dt>
                <dd class="any">{row.value}</dd>
              </div>
            ))}
          </dl>
        )}
        <p class="people small">
          {initiatorId !== "" && <Avatar id={initiatorId} name={initiator.name} />}
          <span class="any">
            <span class="unseen" lang={language}>{words.applicant}: </span>
            {initiator.name ?? initiatorId}
          </span>
          {item.department !== undefined && (
            <span class="soft any">
              <span class="unseen" lang={language}>{words.department}: </span>
              {item.department === "(company name)" ? words.company : item.department}
            </span>
          )}
          {(task?.node_name ?? "") !== "" && (
            <span class="soft any">
              <span class="unseen" lang={language}>{words.node}: </span>
              {task?.node_name}
            </span>
          )}
          <time class="soft" lang={language} dateTime={item.created_at}>{times.short(item.created_at)}</time>
        </p>
        {task && item.status === "PENDING" && task.actions.length > 0 && (
          task.quick_approval === true ? (
            <Buttons
              actions={task.actions}
              person={person}
              button={{ task_id: task.task_id, instance_id: item.instance_id }}
              locale={locale}
              say={say}
            />
          ) : (
            <p class="soft small" lang={language}>{words.noButtons}</p>
          )
        )}
        <footer lang={toTag(language)}>
          <Links links={links} />
          <button type="button" class="link" aria-expanded={isOpen} aria-describedby={id} data-held={item.instance_id} onClick={open}>
            {words.inside}
          </button>
        </footer>
      </article>
    </li>
  );
}

// One line of a list, as Feishu shows it.
import { useId } from "preact/hooks";
import { useLanguage, useTimes } from "../shared/language";
import type { Item } from "./api";
import { Buttons } from "./buttons";
import { Avatar } from "./persons";
import { WORDS } from "./words";

const KINDS: Record<string, string> = {
  PENDING: "wait",
  UNREAD: "wait",
  APPROVED: "good",
  REJECTED: "bad",
  TRANSFERRED: "info",
};

export function Status({ status }: { status: string }) {
  const words = WORDS[useLanguage()];
  return <span class={`tag ${KINDS[status] ?? ""}`}>{words.statuses[status] ?? status}</span>;
}

/** Only what leads to a web page or an app is a link; the sandbox takes anything. */
function address(link: string | undefined): string | undefined {
  return link !== undefined && !/^\s*(javascript|data|vbscript):/i.test(link) ? link : undefined;
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
  const pc = address(links.pc_link);
  const mobile = address(links.mobile_link);
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
        {task && item.status === "PENDING" && <Buttons instance={item.instance_id} task={task} person={person} locale={locale} say={say} />}
        <footer lang={language === "zh" ? "zh-CN" : "en"}>
          {pc !== undefined && <a href={pc} target="_blank" rel="noreferrer">{words.open}</a>}
          {mobile !== undefined && mobile !== pc && (
            <a href={mobile} target="_blank" rel="noreferrer">{words.openMobile}</a>
          )}
          <button type="button" class="link" aria-expanded={isOpen} aria-describedby={id} data-held={item.instance_id} onClick={open}>
            {words.inside}
          </button>
        </footer>
      </article>
    </li>
  );
}

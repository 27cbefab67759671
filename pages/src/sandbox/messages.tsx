// What the approval bot has sent to a person. Cards have buttons, and change when somebody has acted.
import { useId } from "preact/hooks";
import { toTag, useLanguage, useTimes } from "../shared/language";
import type { Message } from "./api";
import { Buttons } from "./buttons";
import { Status } from "./card";
import { Links } from "./links";
import { WORDS } from "./words";

interface Reader {
  person: string;
  locale: string;
  say: (ok: boolean, text: string) => void;
}

function Card({ message, person, locale, say }: Reader & { message: Message }) {
  const language = useLanguage();
  const words = WORDS[language];
  const times = useTimes();
  const id = useId();
  const { message_id, template_id, title, lines, status, status_text, buttons, links, sent_at, updated_at } = message;
  const what = words.templates[template_id];
  return (
    <article class="card" aria-labelledby={id}>
      <header>
        <h3 id={id} class="any">{title}</h3>
        {status !== undefined && (status === "CUSTOM" ? <span class="tag info">{status_text}</span> : <Status status={status} />)}
      </header>
      {what !== undefined && <p class="soft small" lang={language}>{what}</p>}
      {lines.map((line, index) => <p key={index} class="any lines">{line}</p>)}
      <Buttons actions={buttons} person={person} button={{ message_id }} locale={locale} say={say} />
      <footer lang={toTag(language)}>
        <Links links={links} label={links.label} />
        <time class="soft small" dateTime={updated_at ?? sent_at}>
          {updated_at === undefined ? times.short(sent_at) : words.changed(times.short(updated_at))}
        </time>
      </footer>
    </article>
  );
}

export function Messages({ messages, ...reader }: Reader & { messages: Message[] }) {
  const words = WORDS[useLanguage()];
  if (messages.length === 0) return <p class="empty soft">{words.noMessages}</p>;
  return (
    <ul class="cards" lang={reader.locale}>
      {messages.map((message) => (
        <li key={message.message_id}>
          <Card message={message} {...reader} />
        </li>
      ))}
    </ul>
  );
}

// What the approval bot has sent to a person.
import { useLanguage, useTimes } from "../shared/language";
import type { Message } from "./api";
import { WORDS } from "./words";

export function Messages({ messages }: { messages: Message[] }) {
  const words = WORDS[useLanguage()];
  const times = useTimes();
  if (messages.length === 0) return <p class="empty soft">{words.noMessages}</p>;
  return (
    <ul class="cards">
      {messages.map(({ message_id, title, lines, status_text, sent_at }) => (
        <li key={message_id}>
          <article class="card">
            <header>
              <h3 class="any">{title}</h3>
              {status_text !== undefined && <span class="tag info">{status_text}</span>}
            </header>
            {lines?.map((line, index) => <p key={index} class="any">{line}</p>)}
            {sent_at !== undefined && <time class="soft small" dateTime={sent_at}>{times.short(sent_at)}</time>}
          </article>
        </li>
      ))}
    </ul>
  );
}

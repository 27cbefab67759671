// Who there is: one of them is looked at.
import { useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import type { Person } from "./api";
import { WORDS } from "./words";

/** A colour for each person, the same in every run. */
const COLOURS = 6;

function colour(id: string): number {
  return Array.from(id).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9_973, 7) % COLOURS;
}

export function Avatar({ id, name }: { id: string; name?: string | undefined }) {
  const letter = Array.from(name ?? id.replace(/^ou_/, ""))[0] ?? "?";
  return <span class={`avatar colour-${colour(id)}`} aria-hidden="true">{letter.toUpperCase()}</span>;
}

export function Persons(props: { persons: Person[]; chosen: string | undefined; choose: (id: string) => void }) {
  const { persons, chosen, choose } = props;
  const words = WORDS[useLanguage()];
  const [other, setOther] = useState("");
  return (
    <nav class="persons" aria-label={words.persons}>
      <h2 class="small soft">{words.persons}</h2>
      <ul>
        {persons.map(({ id, name, todo }) => (
          <li key={id}>
            <button type="button" aria-current={id === chosen ? "true" : undefined} onClick={() => { choose(id); }}>
              <Avatar id={id} name={name} />
              <span class="who" title={id}>
                <span>{name ?? id}</span>
                {name !== undefined && <span class="soft small">{id}</span>}
              </span>
              {todo > 0 && <span class="count todo">{todo}<span class="unseen"> {words.lists.todo}</span></span>}
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (other.trim() !== "") choose(other.trim());
        }}
      >
        <label class="small soft" for="other">{words.another}</label>
        <span class="row">
          <input id="other" value={other} placeholder={words.anotherPlaceholder} autoComplete="off" spellcheck={false} onInput={(event) => { setOther(event.currentTarget.value); }} />
          <button type="submit">{words.show}</button>
        </span>
      </form>
    </nav>
  );
}

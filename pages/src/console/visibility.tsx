// Why somebody does or does not see an instance in Feishu.
import { useState } from "preact/hooks";
import { useLanguage } from "../shared/language";
import { ApiError } from "./api";
import type { KeptDocument, Visibility } from "./api";
import { Failure } from "./parts";
import { useSession } from "./session";
import { WORDS } from "./words";

export function Visible({ id, document }: { id: string; document: KeptDocument | undefined }) {
  const language = useLanguage();
  const words = WORDS[language];
  const { api } = useSession();
  const [person, setPerson] = useState("");
  const [answer, setAnswer] = useState<Visibility>();
  const [error, setError] = useState<ApiError>();
  const explain = async (asked: string) => {
    setError(undefined);
    setAnswer(undefined);
    try {
      setAnswer(await api.visibility(id, asked));
    } catch (failure) {
      if (failure instanceof ApiError) setError(failure);
    }
  };
  const persons = [...new Set((document?.tasks ?? []).flatMap((task) => task.user_id ?? task.open_id ?? []))].slice(0, 6);
  return (
    <>
      <p class="soft">{words.visibilityHelp}</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (person.trim() !== "") void explain(person.trim());
        }}
      >
        <label for="person">{words.person}</label>
        <input id="person" value={person} list="persons" placeholder={words.personPlaceholder} autoComplete="off" spellcheck={false} onInput={(event) => { setPerson(event.currentTarget.value); }} />
        <datalist id="persons">{persons.map((one) => <option key={one} value={one} />)}</datalist>
        <button type="submit" class="primary">{words.explain}</button>
      </form>
      <Failure error={error} />
      <div role="status">
        {answer && (
          <>
            <p class={`note ${answer.visible === "yes" ? "good" : answer.visible === "no" ? "bad" : "warn"}`}>
              <strong>{words.visible[answer.visible] ?? answer.visible}</strong>
              {answer.lists.length > 0 && ` · ${answer.lists.map((list) => words.lists[list] ?? list).join(" · ")}`}
            </p>
            <ul class="reasons">
              {answer.reasons.map((reason, index) => (
                <li key={index}>
                  <p>
                    <span class={`tag ${reason.effect === "shows" ? "good" : reason.effect === "hides" ? "bad" : "wait"}`}>{words.effects[reason.effect] ?? reason.effect}</span>{" "}
                    <code>{reason.code}</code> {reason.list !== undefined && <span class="tag">{words.lists[reason.list] ?? reason.list}</span>}{" "}
                    {reason.pointer !== undefined && <code class="soft any">{reason.pointer}</code>}
                  </p>
                  <p>{language === "zh" ? reason.meaning_zh : reason.meaning}</p>
                  <p><strong>{words.whatToDo}:</strong> {language === "zh" ? reason.what_to_do_zh : reason.what_to_do}</p>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </>
  );
}

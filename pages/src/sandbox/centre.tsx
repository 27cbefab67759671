// The whole page: persons, the lists of one of them, and what Feishu holds.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { LanguageSwitch, useLanguage } from "../shared/language";
import { Tabs } from "../shared/tabs";
import { consolePath, inbox, persons, SHOWN, SandboxError } from "./api";
import type { Inbox, Item, Person } from "./api";
import { Card } from "./card";
import { HeldPanel } from "./held";
import { toVisibility } from "./link";
import { useChanges } from "./live";
import { LOCALES } from "./locales";
import { Messages } from "./messages";
import { Nothing } from "./nothing";
import { Persons } from "./persons";
import { TABS, usePlace } from "./place";
import { WORDS } from "./words";

interface Shown {
  person: string;
  locale: string;
  inbox: Inbox;
}

/** Says aloud what is new in a list of to-dos. */
const idsOf = (items: Item[]) => new Set(items.map((item) => item.task?.task_id ?? item.instance_id));

export function Centre() {
  const words = WORDS[useLanguage()];
  const [place, go] = usePlace();
  const [everybody, setEverybody] = useState<Person[]>();
  const [shown, setShown] = useState<Shown>();
  const [failure, setFailure] = useState<string>();
  const [said, setSaid] = useState<{ ok: boolean; text: string }>();
  const [news, setNews] = useState<{ ids: Set<string>; text: string }>({ ids: new Set(), text: "" });
  // Counts the changes, for the panel, which reads for itself.
  const [changes, setChanges] = useState(0);
  const before = useRef<Shown>();
  const looks = useRef(0);
  const [console, setConsole] = useState<string>();
  const { person, locale, tab } = place;

  useEffect(() => {
    // Without it nothing is linked.
    consolePath().then(setConsole, () => undefined);
  }, []);

  const look = useCallback(async () => {
    const look = ++looks.current;
    try {
      const found = await persons(locale);
      const chosen = person ?? found.find((one) => one.todo > 0)?.id ?? found[0]?.id;
      const lists = chosen === undefined ? undefined : await inbox(chosen, locale);
      // Somebody else was chosen in the meantime.
      if (look !== looks.current) return;
      setEverybody(found);
      setFailure(undefined);
      setChanges((count) => count + 1);
      if (chosen !== undefined && lists) setShown({ person: chosen, locale, inbox: lists });
    } catch (error) {
      if (look !== looks.current) return;
      setFailure(error instanceof SandboxError ? error.message : "");
    }
  }, [person, locale]);

  const connection = useChanges(look);
  useEffect(() => void look(), [look]);

  useEffect(() => {
    const last = before.current;
    before.current = shown;
    const isSame = last?.person === shown?.person && last?.locale === shown?.locale;
    if (!shown || !last || !isSame) {
      setNews({ ids: new Set(), text: "" });
      return;
    }
    const known = idsOf(last.inbox.todo);
    const fresh = shown.inbox.todo.filter((item) => !known.has(item.task?.task_id ?? item.instance_id));
    const read = new Set(last.inbox.messages.map((message) => message.message_id));
    const unread = shown.inbox.messages.filter((message) => !read.has(message.message_id));
    if (fresh.length > 0 || unread.length > 0) {
      const tasks = fresh.map((item) => words.arrived(item.title));
      const messages = unread.map((message) => words.sent(message.title));
      setNews({ ids: idsOf(fresh), text: [...tasks, ...messages].join(" ") });
    }
  }, [shown, words]);

  useEffect(() => {
    document.title = `${words.title} · sandbox`;
  }, [words]);

  const current = shown && everybody?.find((one) => one.id === shown.person);
  const who = current?.name ?? shown?.person ?? "";
  const labels = { ...words.lists, messages: words.messages };
  const tabs = TABS.map((tab) => ({ id: tab, label: labels[tab], count: current?.[tab] ?? shown?.inbox[tab].length ?? 0 }));
  const say = (ok: boolean, text: string) => { setSaid({ ok, text }); };

  return (
    <div class={place.instance === undefined ? "centre" : "centre with-panel"}>
      <a class="skip" href="#lists" onClick={(event) => {
        event.preventDefault();
        document.getElementById("lists")?.focus();
      }}>{words.skip}</a>
      <header class="bar">
        <img src="icon.svg" alt="" />
        <h1>{words.title}</h1>
        <span class="tag info">sandbox</span>
        <span class="space" />
        <span class={`connection ${connection}`} role="status">
          {connection === "live" ? words.live : connection === "lost" ? words.lost : ""}
        </span>
        <LanguageSwitch />
      </header>
      {everybody && everybody.length > 0 && (
        <Persons persons={everybody} chosen={shown?.person} choose={(id) => { go({ person: id, instance: undefined }); }} />
      )}
      <main id="lists" tabIndex={-1} aria-label={words.title}>
        {failure !== undefined && <p class="note bad" role="alert">{words.failed}{failure && `: ${failure}`}</p>}
        {said && (
          <p class={said.ok ? "note good said" : "note bad said"}>
            <span>{said.text}</span>
            <button type="button" class="quiet" aria-label={words.panel.close} onClick={() => { setSaid(undefined); }}>✕</button>
          </p>
        )}
        <p class="unseen" role="status">{said?.text ?? news.text}</p>
        {everybody?.length === 0 && person === undefined && <Nothing />}
        {shown && (everybody?.length !== 0 || person !== undefined) && (
          <>
            <div class="whose">
              <h2>{words.listsOf(who)}</h2>
              <label>
                <span class="soft small">{words.readsIn}</span>
                <select value={locale} onChange={(event) => { go({ locale: event.currentTarget.value }); }}>
                  {LOCALES.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
                </select>
              </label>
            </div>
            <Tabs label={words.listsOf(who)} tabs={tabs} chosen={tab} choose={(chosen) => { go({ tab: chosen }); }}>
              {tab === "messages" ? (
                <Messages messages={shown.inbox.messages} person={shown.person} locale={shown.locale} say={say} />
              ) : (
                <>
                  {shown.inbox[tab].length === 0 && <p class="empty soft">{words.emptyList[tab]}</p>}
                  <ul class="cards" lang={shown.locale}>
                    {shown.inbox[tab].map((item) => {
                      const id = item.task?.task_id ?? item.cc?.cc_id ?? "";
                      return (
                        <Card
                          key={`${item.instance_id} ${id}`}
                          item={item}
                          person={shown.person}
                          locale={shown.locale}
                          isNew={news.ids.has(id)}
                          isOpen={place.instance === item.instance_id}
                          open={() => { go({ instance: place.instance === item.instance_id ? undefined : item.instance_id }); }}
                          say={say}
                        />
                      );
                    })}
                  </ul>
                </>
              )}
              {(current?.[tab] ?? 0) > SHOWN && <p class="soft small">{words.more(SHOWN, current?.[tab] ?? 0)}</p>}
            </Tabs>
            {console !== undefined && tab !== "messages" && (
              <p class="missing small">
                {words.missing(who)} <a href={toVisibility(console, { person: shown.person })}>{words.findOut}</a>
              </p>
            )}
          </>
        )}
      </main>
      {place.instance !== undefined && (
        <HeldPanel instance={place.instance} locale={locale} changes={changes} console={console} close={() => { go({ instance: undefined }); }} />
      )}
    </div>
  );
}

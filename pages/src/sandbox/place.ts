// What is looked at, kept in the address so that it can be shared and survives a reload.
import { useEffect, useState } from "preact/hooks";
import type { List } from "./api";
import { LOCALES, ofBrowser } from "./locales";

export type Tab = List | "messages";

export const TABS: Tab[] = ["todo", "done", "initiated", "cc", "messages"];

export interface Place {
  person: string | undefined;
  locale: string;
  tab: Tab;
  instance: string | undefined;
}

function read(): Place {
  const parts = new URLSearchParams(location.hash.slice(1));
  const locale = parts.get("locale") ?? "";
  return {
    person: parts.get("person") ?? undefined,
    locale: LOCALES.some((known) => known.id === locale) ? locale : ofBrowser(),
    tab: TABS.find((tab) => tab === parts.get("list")) ?? "todo",
    instance: parts.get("instance") ?? undefined,
  };
}

export function usePlace(): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const follow = () => { setPlace(read()); };
    addEventListener("hashchange", follow);
    return () => { removeEventListener("hashchange", follow); };
  }, []);
  const go = (change: Partial<Place>) => {
    const { person, locale, tab, instance } = { ...place, ...change };
    const parts = new URLSearchParams({ locale, list: tab });
    if (person !== undefined) parts.set("person", person);
    if (instance !== undefined) parts.set("instance", instance);
    history.replaceState(null, "", `#${parts.toString()}`);
    setPlace({ person, locale, tab, instance });
  };
  return [place, go];
}

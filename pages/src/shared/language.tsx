// The language of a page: that of the browser, or the one chosen last.
import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export type Language = "zh" | "en";

/** A language as HTML and `Intl` name it. */
export const toTag = (language: Language) => (language === "zh" ? "zh-CN" : "en");

const KEPT = "approval-gateway.language";

function initial(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

const Context = createContext<{ language: Language; choose: (language: Language) => void }>({
  language: "en",
  choose: () => undefined,
});

export function LanguageProvider({ children }: { children: ComponentChildren }) {
  const [language, setLanguage] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = toTag(language);
  }, [language]);
  const choose = (chosen: Language) => {
    localStorage.setItem(KEPT, chosen);
    setLanguage(chosen);
  };
  return <Context.Provider value={{ language, choose }}>{children}</Context.Provider>;
}

export const useLanguage = () => useContext(Context).language;

/** A button that names the other language in that language. */
export function LanguageSwitch() {
  const { language, choose } = useContext(Context);
  const other = language === "zh" ? "en" : "zh";
  return (
    <button type="button" class="quiet" lang={toTag(other)} onClick={() => { choose(other); }}>
      {other === "zh" ? "中文" : "English"}
    </button>
  );
}

/** A time for people, in the time zone of the browser. */
export function useTimes() {
  const language = useLanguage();
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const short = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "medium",
  });
  return {
    short: (time: string | number) => short.format(new Date(time)),
    exact: (time: string | number) => exact.format(new Date(time)),
  };
}

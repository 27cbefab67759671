// The words of the console, and those of the gateway in the language of the page.
import type { Language } from "../shared/language";
import type { ApiError } from "./api";
import { en } from "./words/en";
import { zh } from "./words/zh";

export const WORDS = { zh, en };

/** A text that the gateway gives in both languages. */
export function translated<Name extends string>(texts: NoInfer<Record<Name | `${Name}_zh`, string>>, name: Name, language: Language): string {
  return texts[language === "zh" ? (`${name}_zh` as const) : name];
}

/** What an error says; one that nobody has answered says nothing itself. */
export const saying = (error: ApiError, language: Language) => error.message || WORDS[language].failed.unreachable;

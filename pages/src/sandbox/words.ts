// The words of the page.
import { en } from "./words/en";
import { zh } from "./words/zh";

export const WORDS = { zh, en };

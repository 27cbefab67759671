// The words of the console.
import { en } from "./words/en";
import { zh } from "./words/zh";

export const WORDS = { zh, en };

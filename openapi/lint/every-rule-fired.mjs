// Fails unless each of our own rules found something in one of the broken files.
// Usage: node every-rule-fired.mjs .spectral.yaml found.json …
import { readFileSync } from "node:fs";

const [ruleset, ...found] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const rules = [...ruleset.matchAll(/^ {2}([a-z0-9-]+):$/gm)].map(([, name]) => name);
const fired = new Set(found.flatMap((text) => JSON.parse(text).map(({ code }) => code)));
const silent = rules.filter((rule) => !fired.has(rule));

if (rules.length === 0 || silent.length > 0) {
  console.error(`rules that do not notice what they forbid: ${silent.join(", ") || "there are no rules"}`);
  process.exit(1);
}
console.log(`each of our ${rules.length} rules notices what it forbids`);

// Fails unless every operation of the OpenAPI file is in a generated file.
// Usage: node every-operation.mjs openapi.json generated.ts …
import { readFileSync } from "node:fs";

const [specification, ...generated] = process.argv.slice(2).map((path) => ({ path, text: readFileSync(path, "utf8") }));
const items = Object.values(JSON.parse(specification.text).paths);
const ids = items.flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
const lost = generated.flatMap(({ path, text }) =>
  ids.filter((id) => !new RegExp(`\\b${id}\\b`).test(text)).map((id) => `${id} is not in ${path}`),
);
if (ids.length === 0 || lost.length > 0) {
  console.error(lost.join("\n") || "there are no operations");
  process.exit(1);
}
console.log(`${ids.length} operations are in each of ${generated.length} clients`);

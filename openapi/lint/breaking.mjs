// Lists what breaks clients that were generated from an older OpenAPI file; fails when there is something.
// Usage: node breaking.mjs old.json new.json [announcement]
import { readFileSync } from "node:fs";
import { breaks } from "./compare.mjs";

const [older, newer] = process.argv.slice(2, 4).map((path) => JSON.parse(readFileSync(path, "utf8")));
const announcement = process.argv[4] ?? "";

/** What must grow for a break to be allowed: the major version, and below 1.0 the minor one. */
function promise(version) {
  const [major, minor] = version.split(".");
  return major === "0" ? `0.${minor}` : major;
}

const found = breaks(older, newer);
for (const line of found) console.log(`- ${line}`);
const newVersion = promise(older.info.version) !== promise(newer.info.version);
if (found.length === 0) {
  console.log("nothing breaks");
} else if (newVersion) {
  console.log(`${found.length} breaks, announced by version ${newer.info.version} after ${older.info.version}`);
} else if (announcement !== "") {
  console.log(`${found.length} breaks, announced by a commit: ${announcement}`);
} else {
  console.error(`${found.length} breaks: take them back, or announce them with a new version (it is ${newer.info.version})`);
  console.error("or, before there is a release, with a line `BREAKING CHANGE: why` in the commit message");
  process.exit(1);
}

// Builds the pages into dist/, which the gateway embeds; with --check it only says whether dist/ is what would be built.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const PAGES = ["sandbox", "console"];
/// All of both pages, compressed; the issue of every kilobyte is the time until the first picture.
const MOST_BYTES = 150_000;

const here = (path) => new URL(path, import.meta.url);
const check = process.argv.includes("--check");
const built = new Map();

for (const page of PAGES) {
  const { outputFiles } = await build({
    absWorkingDir: new URL(".", import.meta.url).pathname,
    entryPoints: { page: `src/${page}/main.tsx` },
    outdir: "out",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
  });
  for (const { path, contents } of outputFiles) {
    built.set(`${page}/${path.slice(path.lastIndexOf("/") + 1)}`, Buffer.from(contents));
  }
  built.set(`${page}/index.html`, readFileSync(here(`src/${page}/index.html`)));
  built.set(`${page}/icon.svg`, readFileSync(here("src/shared/icon.svg")));
}

for (const [name, contents] of built) {
  const file = here(`dist/${name}`);
  if (check) {
    assert.ok(readFileSync(file).equals(contents), `dist/${name} is not what its sources make; run \`just pages\``);
  } else {
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, contents);
  }
}

const bytes = [...built.values()].reduce((sum, contents) => sum + gzipSync(contents, { level: 9 }).length, 0);
assert.ok(bytes < MOST_BYTES, `the pages take ${bytes} bytes compressed, more than ${MOST_BYTES}`);
console.log(`${built.size} files, ${bytes} bytes compressed`);

// The API page in a real browser: it shows every operation with its examples, calls the gateway, and asks nobody else.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node check.mjs [screenshot.png]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { GATEWAY_URL, CHROMIUM } = process.env;
const screenshot = process.argv[2];
const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
const operations = Object.values(document.paths).flatMap((item) => Object.values(item));

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 1300, height: 1800 } });
  const complaints = [];
  const elsewhere = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== GATEWAY_URL) elsewhere.push(request.url());
  });

  await page.goto(`${GATEWAY_URL}/docs`);
  await page.locator(".opblock").first().waitFor();
  const shown = operations.length + Object.keys(document.webhooks ?? {}).length;
  assert.equal(await page.locator(".opblock").count(), shown, "every operation and webhook is shown");

  const put = page.locator("#operations-instances-putInstance");
  await put.locator(".opblock-summary-control").click();
  await put.locator("textarea.body-param__text").waitFor();
  const example = JSON.parse(await put.locator("textarea.body-param__text").inputValue());
  const body = document.paths["/v1/instances/{instance_id}"].put.requestBody.content["application/json"];
  assert.deepEqual(example, body.examples.first_push.value, "the example is ready to be sent");

  await put.locator("button.execute").click();
  const status = put.locator(".live-responses-table .response-col_status").nth(1);
  await status.waitFor();
  assert.match(await status.innerText(), /^200/, "what is tried out reaches this gateway");
  if (screenshot) await put.screenshot({ path: screenshot });

  assert.deepEqual(complaints, [], "the browser has nothing to complain about");
  assert.deepEqual(elsewhere, [], "nobody else is asked");
  console.log(`the page shows ${operations.length} operations and calls the gateway`);
} finally {
  await browser.close();
}

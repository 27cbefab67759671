// The API page in a real browser: it shows every operation with its examples, and calls the gateway.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/docs.mjs [screenshot.png]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open, withBrowser } from "./browser.mjs";

const screenshot = process.argv[2];
const document = JSON.parse(readFileSync(new URL("../../openapi/openapi.json", import.meta.url), "utf8"));
const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
// Swagger UI writes styles into its page.
const policy = ["default-src 'self'", "style-src 'self' 'unsafe-inline'", "frame-ancestors 'none'"];

await withBrowser(async (browser) => {
  const { page, settled } = await open(browser, "/docs", { policy, width: 1300, height: 1800 });
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
  await settled();
  console.log(`the page shows ${operations.length} operations and calls the gateway`);
});

// Events in the console, in a real browser: what a receiver gives up for good is seen, and sent again from there.
// Usage: GATEWAY_URL=http://… EVENTS_PORT=… CHROMIUM=/usr/bin/chromium OPERATOR_KEY=… READER_KEY=… node tests/console-events.mjs
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { accessible, open, tabTo, withBrowser } from "./browser.mjs";
import { trip } from "./documents.mjs";
import { OPERATOR_KEY, READER_KEY, call, logIn } from "./operator.mjs";

/// The ids of the events that came, and what they are answered; 410 ends one at once.
const told = [];
let status = 410;
const receiver = createServer((request, answer) => {
  told.push(request.headers["webhook-id"]);
  request.resume().on("end", () => answer.writeHead(status).end());
});
await new Promise((listening) => receiver.listen(Number(process.env.EVENTS_PORT), "127.0.0.1", listening));

await withBrowser(async (browser) => {
  await call("PUT", "/v1/instances/travel-1", trip({ approval_code: "NO-SUCH-CODE" }));
  const { page, settled } = await open(browser, "/console/");
  await logIn(page, OPERATOR_KEY);

  // Whoever looks at the overview is told, and led there.
  const note = page.getByText("Your system did not take some events.");
  await note.waitFor();
  await note.getByRole("link", { name: "See the events" }).click();
  const row = page.getByRole("row", { name: "travel-1" });
  await row.getByText("Given up").waitFor();
  await row.getByText("HTTP 410").waitFor();
  assert.match(page.url(), /state=dead/);
  await accessible(page, "events that were given up");

  // It is sent again, without a mouse, with its id.
  status = 204;
  await tabTo(page, ".results button");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await tabTo(page, "dialog button.primary");
  await page.keyboard.press("Enter");
  await page.getByText("1 event is sent again.").waitFor();
  await page.locator(".results button:focus").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await row.getByText("Received").waitFor();
  assert.equal(told.at(-1), told[0]);
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("Needs attention").waitFor();
  await note.waitFor({ state: "detached" });

  // Those about one instance, from its page; by type; none.
  await call("PUT", "/v1/instances/travel-2", trip({ approval_code: "NO-SUCH-CODE" }));
  await page.getByRole("link", { name: "travel-2" }).click();
  await page.getByRole("link", { name: "Events about this instance" }).click();
  await page.getByText("1 event", { exact: true }).waitFor();
  await page.getByLabel("Conflict").check();
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No event matches.").waitFor();
  await settled();

  // Whoever may only look sends nothing again.
  const reader = await open(browser, "/console/#/events");
  await logIn(reader.page, READER_KEY);
  await reader.page.getByRole("row", { name: "travel-2" }).waitFor();
  const again = reader.page.getByRole("button", { name: "Send again what matches" });
  assert.equal(await again.getAttribute("title"), "Needs a key with the scope operate");
  await reader.settled();
  console.log("events that were given up are seen, and sent again");
});
receiver.close();

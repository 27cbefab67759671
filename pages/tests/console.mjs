// The console in a real browser: log in, find what is refused, correct it, see it confirmed.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium OPERATOR_KEY=… READER_KEY=… node tests/console.mjs
import assert from "node:assert/strict";
import { accessible, call as callWithout, everyLook, go, open, tabTo, withBrowser } from "./browser.mjs";
import { SEEDED, trip } from "./documents.mjs";
import { OPERATOR_KEY, READER_KEY, call, importLines, logIn } from "./operator.mjs";

/// The browser itself reports a key that is refused.
const refusedKey = [/401/];
const refuse = { api: "external_instances", code: 99992402, msg: "field validation failed", times: 0 };
const hostile = "<img src=x onerror=alert(1)>";

/// Only who has a key comes in.
async function keys(page) {
  await page.getByRole("heading", { name: "Log in to the console" }).waitFor();
  await accessible(page, "the login");
  await page.getByLabel("Key", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("does not know").waitFor();
  await logIn(page, READER_KEY);
  await page.getByText("read only").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in to the console" }).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), [], "the key is gone");
  await logIn(page, OPERATOR_KEY);
}

/// What is refused is seen without a reload, corrected, retried, and confirmed.
async function refusedIsCorrected(page) {
  await page.getByText("Nothing is refused or in conflict.").waitFor();
  const pushed = await call("PUT", "/v1/instances/travel-1", trip({ approval_code: "NO-SUCH-CODE", title: hostile }));
  assert.equal(pushed.status, 422);
  await page.getByRole("link", { name: "travel-1" }).click();
  await page.getByText("Feishu knows no such approval_code").waitFor();
  await page.getByText("What to do:").waitFor();
  await accessible(page, "a refused delivery");

  // It is corrected while Feishu refuses everything, so that it has to be retried.
  await callWithout("POST", "/sandbox/faults", refuse);
  const patched = await call("PATCH", "/v1/instances/travel-1", { approval_code: SEEDED }, { "content-type": "application/merge-patch+json" });
  assert.equal(patched.status, 422);
  await page.getByText("Feishu answered code 99992402").first().waitFor();
  await callWithout("DELETE", "/sandbox/faults");
  await page.getByRole("button", { name: "Retry" }).click();
  const dialog = page.getByRole("dialog", { name: "Retry travel-1?" });
  await accessible(page, "a question");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Retry" }).click();
  await dialog.getByRole("button", { name: "Retry" }).click();
  await page.locator(".heading .tag", { hasText: "Delivered" }).waitFor();
  await page.getByRole("button", { name: "Check now" }).click();
  await page.locator(".heading .tag", { hasText: "Confirmed" }).waitFor();
  const events = await page.locator(".timeline .tag").allInnerTexts();
  assert.deepEqual(events.slice(0, 3), ["Confirmed by the check", "Delivered", "Tried again"]);
}

/// What is kept, what is sent, what Feishu has, and who sees it.
async function views(page) {
  await page.getByRole("tab", { name: "Document" }).click();
  await page.getByText(hostile).first().waitFor();
  await page.getByRole("tab", { name: "Payload" }).click();
  await page.getByText("i18n_resources").waitFor();
  await page.getByRole("tab", { name: "Compare with Feishu" }).click();
  await page.getByText("Statuses and versions are the same.").waitFor();
  await callWithout("POST", "/sandbox/reset");
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("Feishu has no such instance.").waitFor();
  await page.getByRole("button", { name: "Check now" }).click();
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.getByText("Repaired").waitFor();
  await page.getByRole("tab", { name: "Why not visible?" }).click();
  await page.getByRole("button", { name: "lisi" }).click();
  await page.getByText("Sees it").waitFor();
  await page.getByLabel("Person").fill("nobody");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByText("Does not see it").waitFor();
  await accessible(page, "an explanation");

  // What is looked at is in the address.
  await page.reload();
  await page.getByText("Does not see it").waitFor();
}

/// The list, and forgetting.
async function listAndForget(page) {
  await page.getByRole("link", { name: "Deliveries" }).click();
  await page.getByLabel("Instance id").fill("travel-1");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("1 delivery", { exact: true }).waitFor();
  await page.getByRole("link", { name: "travel-1" }).click();
  await page.getByRole("button", { name: "Forget" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Forget" }).click();
  await page.getByText("The gateway has no delivery of this instance").waitFor();
}

/// What somebody was told by a card, and what the card says by now.
async function cards(page) {
  const [task] = trip().tasks;
  await call("PUT", "/v1/instances/told-1", trip({ tasks: [{ ...task, notify: true }] }));
  await go(page, "instances/told-1");
  await page.locator(".timeline .tag", { hasText: "Card sent" }).waitFor();
  await call("PATCH", "/v1/instances/told-1", { tasks: { [task.task_id]: { status: "approved" } } });
  await page.locator(".timeline .tag", { hasText: "Card changed" }).waitFor();
  await callWithout("POST", "/sandbox/faults", { api: "message_send", http_status: 200, code: 60001, msg: "no such user" });
  await call("PATCH", "/v1/instances/told-1", { tasks: { [task.task_id]: { status: "pending", ended_at: null } } });
  await page.locator(".timeline .tag.bad", { hasText: "Card given up" }).waitFor();
}

/// An import: paused, resumed, canceled.
async function imports(page) {
  await importLines([1, 2, 3].map((number) => ({ ...trip({ tasks: [] }), instance_id: `old-${number}` })), "per_minute=1");
  await page.getByRole("link", { name: "Imports" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Cancel import" }).click();
  await accessible(page, "imports");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel import" }).click();
  await page.getByText("Canceled", { exact: true }).waitFor();
}

/// A key that may only look: buttons are off, and say why. Without a mouse.
async function readers(browser) {
  await call("PUT", "/v1/instances/travel-2", trip({ approval_code: "NO-SUCH-CODE" }));
  const { page, settled } = await open(browser, "/console/#/instances/travel-2");
  await page.getByRole("heading", { name: "Log in to the console" }).waitFor();
  await tabTo(page, "#key");
  await page.keyboard.type(READER_KEY);
  await page.keyboard.press("Enter");
  const retry = page.getByRole("button", { name: "Retry" });
  await retry.waitFor();
  await tabTo(page, "button:has-text('Retry')");
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("dialog").count(), 0, "a reader may not retry");
  assert.equal(await retry.getAttribute("title"), "Needs a key with the scope operate");
  await tabTo(page, "[role=tab]");
  await page.keyboard.press("ArrowRight");
  await page.locator("[role=tab][aria-selected=true]:has-text('Document')").waitFor();
  await page.getByText("NO-SUCH-CODE").first().waitFor();
  await settled();
}

await withBrowser(async (browser) => {
  const { page, settled } = await open(browser, "/console/", { expected: refusedKey });
  await keys(page);
  await refusedIsCorrected(page);
  await views(page);
  await listAndForget(page);
  await cards(page);
  await imports(page);
  // The key is where it may be, and nowhere else.
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.ok(!page.url().includes(OPERATOR_KEY));
  assert.deepEqual(await page.evaluate((key) => Object.values(localStorage).filter((value) => value.includes(key)), OPERATOR_KEY), []);
  await settled();

  await readers(browser);
  await everyLook(browser, "/console/", async (look, what) => {
    await logIn(look, OPERATOR_KEY);
    const views = {
      "": ".tiles",
      deliveries: ".list",
      "instances/travel-2": ".timeline li",
      "instances/travel-2?view=document": "pre",
      "instances/travel-2?view=payload": "pre",
      "instances/travel-2?view=compare": ".view .note",
      "instances/travel-2?view=visibility&person=lisi": ".reasons",
      imports: ".import",
      events: ".list",
      "visibility?instance=travel-2&person=nobody": ".reasons",
    };
    for (const [view, shows] of Object.entries(views)) {
      await go(look, view);
      await look.locator(shows).first().waitFor();
      await accessible(look, `${view || "the overview"}, ${what}`);
    }
  });
  console.log("the console shows what is refused, and what became of it");
});

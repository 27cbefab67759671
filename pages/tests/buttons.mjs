// Quick actions in a real browser: a tap reaches the handler, and the card changes when the handler has pushed.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/buttons.mjs
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { accessible, call, open, tabTo, withBrowser } from "./browser.mjs";
import { definitionWithButtons, purchase } from "./documents.mjs";

/// What the handler was told, and whether it agrees.
const told = [];
let agrees = false;
let code;
const handler = createServer((request, answer) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", async () => {
    const action = JSON.parse(body);
    told.push(action);
    answer.setHeader("content-type", "application/json");
    if (!agrees) {
      answer.statusCode = 409;
      answer.end(JSON.stringify({ message: "预算不足", without_prefix: true }));
      return;
    }
    answer.end("{}");
    const status = action.action_type === "APPROVE" ? "approved" : "rejected";
    const ended = { status, ended_at: new Date().toISOString() };
    await call("PUT", "/v1/instances/po-7", purchase(code, { ...ended, tasks: [{ ...purchase(code).tasks[0], ...ended }] }));
  });
});
await new Promise((listening) => handler.listen(0, "127.0.0.1", listening));
const callback = {
  action_callback_url: `http://127.0.0.1:${handler.address().port}/actions`,
  action_callback_token: "the-token",
  action_callback_key: "",
};

await withBrowser(async (browser) => {
  code = await definitionWithButtons(callback);
  await call("PUT", "/v1/instances/po-7", purchase(code));
  const { page, settled } = await open(browser, "/sandbox/#person=lisi");
  const card = page.getByRole("article", { name: "14 MacBook Pro" });

  // The handler refuses, and the person sees why.
  await card.getByRole("button", { name: "Approve" }).click();
  await page.getByText("预算不足").first().waitFor();
  assert.equal(told[0].action_type, "APPROVE");
  assert.deepEqual([told[0].user_id, told[0].task_id, told[0].token], ["lisi", "po-7-head", "the-token"]);
  await accessible(page, "a refused tap");

  // With the keyboard, with a reason, and the card moves by itself when the handler has pushed.
  agrees = true;
  await tabTo(page, ".actions button:has-text('Reject')");
  await page.keyboard.press("Enter");
  await page.locator("textarea:focus").waitFor();
  await accessible(page, "a reason");
  await page.keyboard.type("too expensive");
  await tabTo(page, ".reason button[type=submit]");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing to do").waitFor();
  assert.deepEqual([told[1].action_type, told[1].reason], ["REJECT", "too expensive"]);
  await page.getByRole("tab", { name: /^Done/ }).click();
  assert.match(await card.innerText(), /Rejected/);
  await settled();

  // Where the definition has no callback, there is no button.
  const silent = await definitionWithButtons({ definition_key: "purchase-without-buttons" });
  await call("PUT", "/v1/instances/po-8", purchase(silent, { tasks: [{ ...purchase(code).tasks[0], task_id: "po-8-head" }] }));
  const without = await open(browser, "/sandbox/#person=lisi");
  await without.page.getByText("Feishu shows no buttons").waitFor();
  assert.equal(await without.page.getByRole("button", { name: "Approve" }).count(), 0);
  await without.settled();
  console.log("a tap reaches the handler, and the card changes");
});
handler.close();

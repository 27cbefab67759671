// Buttons in a real browser: a tap on a task or on a card reaches the handler, and what became of it is seen at once.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/buttons.mjs
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { accessible, call, everyLook, open, tabTo, withBrowser } from "./browser.mjs";
import { purchase, purchases, tapsTo } from "./documents.mjs";

/// What the handler was told, as it came, and what it does about it: an answer, or nothing where it agrees.
const told = [];
let decide = () => undefined;
const handler = createServer((request, answer) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", async () => {
    told.push(body);
    const refusal = decide();
    answer.writeHead(refusal ? 409 : 200, { "content-type": "application/json" });
    answer.end(JSON.stringify(refusal ? { message: refusal, without_prefix: true } : {}));
    const { task_id, action_type } = JSON.parse(body);
    if (refusal || task_id === undefined) return;
    const ended = { status: action_type === "APPROVE" ? "approved" : "rejected", ended_at: new Date().toISOString() };
    await call("PUT", "/v1/instances/po-7", purchase(code, { ...ended, tasks: [{ ...purchase(code).tasks[0], ...ended }] }));
  });
});
await new Promise((listening) => handler.listen(0, "127.0.0.1", listening));
const callback = tapsTo(`http://127.0.0.1:${handler.address().port}/actions`);
const code = await purchases(callback);

async function tasks(browser) {
  await call("PUT", "/v1/instances/po-7", purchase(code));
  const { page, settled } = await open(browser, "/sandbox/#person=lisi");
  const card = page.getByRole("article", { name: "14 MacBook Pro" });

  // The handler refuses, and the person sees why.
  decide = () => "预算不足";
  await card.getByRole("button", { name: "Approve" }).click();
  await page.getByText("预算不足").first().waitFor();
  const { action_type, user_id, task_id, token } = JSON.parse(told[0]);
  assert.deepEqual([action_type, user_id, task_id, token], ["APPROVE", "lisi", "po-7-head", "the-token"]);
  await accessible(page, "a refused tap");

  // Whoever thinks again is back at the button.
  decide = () => undefined;
  await tabTo(page, ".actions button:has-text('Reject')");
  await page.keyboard.press("Enter");
  await page.locator("textarea:focus").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".actions button:has-text('Reject'):focus").waitFor();

  // With the keyboard, with a reason, and the card moves by itself when the handler has pushed.
  await page.keyboard.press("Enter");
  await page.locator("textarea:focus").waitFor();
  await accessible(page, "a reason");
  await page.keyboard.type("too expensive");
  await tabTo(page, ".reason button[type=submit]");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing to do").waitFor();
  const rejected = JSON.parse(told[1]);
  assert.deepEqual([rejected.action_type, rejected.reason], ["REJECT", "too expensive"]);
  await page.getByRole("tab", { name: /^Done/ }).click();
  assert.match(await card.innerText(), /Rejected/);
  await settled();

  // Where the definition has no callback, there is no button.
  const silent = await purchases();
  await call("PUT", "/v1/instances/po-8", purchase(silent, { tasks: [{ ...purchase(code).tasks[0], task_id: "po-8-head" }] }));
  const without = await open(browser, "/sandbox/#person=lisi");
  await without.page.getByText("Feishu shows no buttons").waitFor();
  assert.equal(await without.page.getByRole("button", { name: "Approve" }).count(), 0);
  await without.settled();
}

async function cards(browser) {
  // Whoever has got a message is a person, and hears of it without a reload.
  const { page, settled } = await open(browser, "/sandbox/#person=lisi&list=messages");
  await page.getByText("No messages yet").waitFor();
  const { body } = await call("POST", "/v1/messages", {
    template: "todo",
    user_id: "zhaoliu",
    approval_name: "用章申请",
    applicant_user_id: "zhangsan",
    summaries: ["合同：一式两份"],
    pc_link: "https://oa.example.com/seal/7",
    actions: [{ action: "approve" }, { action: "ask", label: "询问", reason: "required" }],
    action_context: "seal-7",
    ...callback,
    translations: { "en-US": { 用章申请: "Use of the seal", 询问: "Ask back" } },
  });
  await page.getByRole("button", { name: "zhaoliu" }).click();
  const card = page.getByRole("article", { name: "Use of the seal" });
  await card.getByText("Waits for your approval").waitFor();

  // An action of one's own leaves the card as it is; what is agreed to changes it, and takes the buttons away.
  await tabTo(page, ".actions button:has-text('Ask back')");
  await page.keyboard.press("Enter");
  await page.keyboard.type("which contract?");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Sent: Ask back").first().waitFor();
  await accessible(page, "a card");
  await card.getByRole("button", { name: "Approve" }).click();
  await card.getByText("Approved", { exact: true }).waitFor();
  assert.equal(await card.getByRole("button").count(), 0);
  for (const [text, action, reason] of [[told.at(-2), "ASK", "which contract?"], [told.at(-1), "APPROVE", undefined]]) {
    const tapped = JSON.parse(text);
    assert.deepEqual([tapped.action_type.toUpperCase(), tapped.user_id, tapped.action_context, tapped.reason], [action, "zhaoliu", "seal-7", reason]);
    // As a number that JavaScript cannot hold.
    assert.ok(text.includes(`"message_id":${body.message_id}`), text);
  }

  // Your system changes it, and it is seen at once.
  const changed = await call("PATCH", `/v1/messages/${body.message_id}`, { status: "custom", status_text: "盖章完成" });
  assert.equal(changed.status, 200);
  await card.getByText("盖章完成").waitFor();
  await settled();

  await everyLook(browser, "/sandbox/#person=zhaoliu&list=messages", async (look, what) => {
    await look.getByText("盖章完成").waitFor();
    await accessible(look, `messages, ${what}`);
  });
}

await withBrowser(async (browser) => {
  await tasks(browser);
  await cards(browser);
  console.log("a tap reaches the handler, and what became of it is seen at once");
});
handler.close();

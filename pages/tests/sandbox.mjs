// The approval centre in a real browser: what is pushed appears by itself, in the reader's language, and can be looked into.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/sandbox.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessible, call, everyLook, gateway, open, tabTo, withBrowser } from "./browser.mjs";
import { trip } from "./documents.mjs";

const ended = { status: "approved", ended_at: "2026-09-02T11:00:00+08:00" };

async function whatIsPushedAppears(browser) {
  const { page, settled } = await open(browser, "/sandbox/");
  const card = page.getByRole("article", { name: "Business trip" });

  // A newcomer copies the command that the empty page shows.
  const command = await page.getByLabel("Command that pushes a first approval").innerText();
  await accessible(page, "the empty page");
  execFileSync("bash", ["-c", command], { stdio: "pipe" });
  await card.waitFor();
  assert.match(await card.innerText(), /Destination\s+Shanghai/, "texts are in the reader's language");
  assert.match(await page.getByRole("tab", { name: /^To do/ }).innerText(), /1/, "the list is counted");
  await accessible(page, "a list");

  // Feishu's fallback: what has no text in the reader's language is shown in the document's.
  await page.getByLabel("Feishu in").selectOption("ja-JP");
  await page.getByRole("article", { name: "出差申请" }).waitFor();
  await page.getByLabel("Feishu in").selectOption("en-US");
  await card.waitFor();

  // What Feishu holds, and how it changes.
  await card.getByRole("button", { name: "What Feishu holds" }).click();
  const panel = page.getByRole("complementary", { name: "What Feishu holds" });
  await panel.getByText("title", { exact: true }).waitFor();
  assert.match(await panel.innerText(), /@i18n@\w+/, "keys are shown");
  await accessible(page, "the panel");
  await call("PATCH", "/v1/instances/travel-1", { title: "<img src=x onerror=alert(1)>" }, { "content-type": "application/merge-patch+json" });
  await panel.getByText("<img src=x onerror=alert(1)>").first().waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });

  // A decision moves the card without a reload.
  const tasks = [{ ...trip().tasks[0], ...ended }];
  await call("PUT", "/v1/instances/travel-1", trip({ ...ended, tasks }));
  await page.getByText("Nothing to do").waitFor();
  await page.getByRole("tab", { name: /^Done/ }).click();
  assert.match(await card.innerText(), /Approved/);

  // Somebody who has nothing.
  await page.getByLabel("Somebody else").fill("nobody");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { name: "Approvals of nobody" }).waitFor();

  // The other language, at once.
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "审批中心" }).waitFor();
  await settled();
}

/// To the list, to another person, into the panel and back.
async function withoutAMouse(browser) {
  const { page, settled } = await open(browser, "/sandbox/#person=zhangsan&list=initiated");
  await page.getByRole("article").waitFor();
  await tabTo(page, ".persons button:has-text('lisi')");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Approvals of lisi" }).waitFor();
  await tabTo(page, "[role=tab][aria-selected=true]");
  await page.keyboard.press("ArrowLeft");
  await page.locator("[role=tab][aria-selected=true]:has-text('Done')").waitFor();
  await tabTo(page, "[data-held]");
  await page.keyboard.press("Enter");
  await page.locator("#held:focus").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-held]:focus").waitFor();
  await settled();
}

/// Li Si's task was pushed for somebody else; the page leads whoever misses it to the reason.
async function whoeverMissesSomethingFindsOutWhy(browser) {
  const task = { ...trip().tasks[0], task_id: "travel-2-manager", user_id: "li.si" };
  await call("PUT", "/v1/instances/travel-2", trip({ tasks: [task] }));
  const { page, settled } = await open(browser, "/sandbox/#person=lisi");
  await page.getByRole("link", { name: "Find out why not" }).click();
  await page.getByRole("heading", { name: "Why not visible?" }).waitFor();
  assert.equal(await page.getByLabel("Person").inputValue(), "lisi");
  await accessible(page, "the question");
  await page.getByLabel("Approval").fill("travel-2");
  await page.keyboard.press("Enter");
  await page.getByText("Does not see it").waitFor();
  await page.getByText("names this person neither as applicant nor in a task or copy").waitFor();
  await page.getByRole("button", { name: "li.si task" }).click();
  await page.getByText("Sees it").waitFor();
  await accessible(page, "the answer");

  // Whoever sees it is led there, too.
  await page.goto(`${gateway}/sandbox/#person=li.si`);
  await page.getByRole("button", { name: "What Feishu holds" }).click();
  await page.getByRole("link", { name: "Why does somebody not see it?" }).click();
  await page.getByRole("heading", { name: "Why not visible?" }).waitFor();
  assert.equal(await page.getByLabel("Approval").inputValue(), "travel-2");
  await settled();
}

/// Links that browsers take for code lead nowhere, however they are written.
async function noLinkRunsCode(browser) {
  const hostile = ["javascript:alert(1)", " java\tscript:alert(1)", "JAVA\nSCRIPT:alert(1)", "data:text/html,x", "vbscript:x"];
  const { page, settled } = await open(browser, "/sandbox/#person=zhangsan&list=initiated");
  await page.getByRole("article").first().waitFor();
  for (const link of hostile) {
    await page.route("**/sandbox/inbox/**", async (route) => {
      const answer = await route.fetch();
      const inbox = await answer.json();
      for (const item of inbox.initiated) item.links = { pc_link: link, mobile_link: "oa.example.com" };
      await route.fulfill({ response: answer, json: inbox });
    });
    await page.reload();
    await page.getByText("This link leads nowhere").first().waitFor();
    assert.deepEqual(await page.locator(".cards a").count(), 0, JSON.stringify(link));
    await page.unroute("**/sandbox/inbox/**");
  }
  await settled();
}

/// A look that fails late says nothing about the one that came after it.
async function aLateFailureHidesNothing(browser) {
  const { page, settled } = await open(browser, "/sandbox/#person=zhangsan", { expected: [/ERR_FAILED/] });
  await page.getByRole("heading", { name: "Approvals of Zhang San" }).waitFor();
  let fail;
  await page.route("**/sandbox/inbox/lisi?*", async (route) => {
    await new Promise((failing) => (fail = failing));
    await route.abort();
  });
  const asked = page.waitForRequest("**/sandbox/inbox/lisi?*");
  await page.getByRole("button", { name: "lisi" }).first().click();
  await asked;
  await page.getByRole("button", { name: "wangwu" }).click();
  await page.getByRole("heading", { name: "Approvals of wangwu" }).waitFor();
  const failed = page.waitForEvent("requestfailed");
  fail();
  await failed;
  // Whatever the failure would show is there after the next change.
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "审批中心" }).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await settled();
}

await withBrowser(async (browser) => {
  await whatIsPushedAppears(browser);
  await withoutAMouse(browser);
  await whoeverMissesSomethingFindsOutWhy(browser);
  await call("PUT", "/v1/instances/travel-3", trip({ tasks: [{ ...trip().tasks[0], task_id: "travel-3-manager", user_id: "wangwu" }] }));
  await noLinkRunsCode(browser);
  await aLateFailureHidesNothing(browser);
  await everyLook(browser, "/sandbox/#person=lisi&list=done&instance=travel-1", async (page, what) => {
    await page.locator(".held dl").first().waitFor();
    await page.getByRole("article").waitFor();
    await accessible(page, what);
  });
  console.log("the approval centre shows what is pushed, live");
});

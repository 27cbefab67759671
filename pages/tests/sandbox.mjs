// The approval centre in a real browser: what is pushed appears by itself, in the reader's language, and can be looked into.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/sandbox.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessible, call, open, tabTo, withBrowser } from "./browser.mjs";
import { trip } from "./documents.mjs";

const ended = { status: "approved", ended_at: "2026-09-02T11:00:00+08:00" };

await withBrowser(async (browser) => {
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

  // Without a mouse: to the list, to another person, into the panel and back.
  const keyboard = await open(browser, "/sandbox/#person=zhangsan&list=initiated");
  await keyboard.page.getByRole("article").waitFor();
  await tabTo(keyboard.page, ".persons button:has-text('lisi')");
  await keyboard.page.keyboard.press("Enter");
  await keyboard.page.getByRole("heading", { name: "Approvals of lisi" }).waitFor();
  await tabTo(keyboard.page, "[role=tab][aria-selected=true]");
  await keyboard.page.keyboard.press("ArrowLeft");
  await keyboard.page.locator("[role=tab][aria-selected=true]:has-text('Done')").waitFor();
  await tabTo(keyboard.page, "[data-held]");
  await keyboard.page.keyboard.press("Enter");
  await keyboard.page.locator("#held:focus").waitFor();
  await keyboard.page.keyboard.press("Escape");
  await keyboard.page.locator("[data-held]:focus").waitFor();
  await keyboard.settled();

  // Both languages, dark and light, wide and narrow.
  for (const language of ["zh-CN", "en-US"]) {
    for (const scheme of ["light", "dark"]) {
      for (const width of [390, 1280]) {
        const what = `${language}, ${scheme}, ${width} px`;
        const look = await open(browser, "/sandbox/#person=lisi&list=done&instance=travel-1", { language, scheme, width });
        await look.page.locator(".held dl").first().waitFor();
        await look.page.getByRole("article").waitFor();
        await accessible(look.page, what);
        await look.settled();
      }
    }
  }
  console.log("the approval centre shows what is pushed, live");
});

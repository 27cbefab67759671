// What the console does when the gateway does not answer, or answers with a failure.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium OPERATOR_KEY=… node tests/console-failures.mjs
import assert from "node:assert/strict";
import { open, withBrowser } from "./browser.mjs";
import { trip } from "./documents.mjs";
import { OPERATOR_KEY, call, logIn } from "./operator.mjs";

const expected = [/503/, /ERR_FAILED/];
const overloaded = {
  status: 503,
  contentType: "application/problem+json",
  body: JSON.stringify({ status: 503, code: "overloaded", title: "Overloaded", detail: "Too much at one time." }),
};

/// A reload while the gateway is away costs nobody the key.
async function theKeyStays(browser) {
  const { page, settled } = await open(browser, "/console/", { expected });
  await logIn(page, OPERATOR_KEY);
  for (const fail of [(route) => route.abort(), (route) => route.fulfill(overloaded)]) {
    await page.route("**/v1/caller", fail);
    await page.reload();
    await page.getByRole("alert").waitFor();
    assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), [OPERATOR_KEY]);
    await page.unroute("**/v1/caller");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Needs attention").waitFor();
  }
  await settled();
}

/// A page of a list that fails is told of, and what is there stays.
async function pagesThatFail(browser) {
  const many = Array.from({ length: 51 }, (_, number) => `many-${number}`);
  const headers = { prefer: "respond-async" };
  for (const id of many) {
    const accepted = await call("PUT", `/v1/instances/${id}`, trip({ tasks: [] }), headers);
    assert.equal(accepted.status, 202);
  }
  const { page, settled } = await open(browser, "/console/#/deliveries", { expected });
  await logIn(page, OPERATOR_KEY);
  await page.getByText("At least 50 deliveries").waitFor();
  await page.route(/cursor=/, (route) => route.fulfill(overloaded));
  await page.getByRole("button", { name: "Load more" }).click();
  await page.getByRole("alert").getByText("Too much at one time.").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 50);
  await page.unroute(/cursor=/);
  await page.getByText("51 deliveries").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 51);
  await settled();
}

/// An explanation that could not be read is asked for again.
async function explanationsThatFail(browser) {
  await call("PUT", "/v1/instances/travel-1", trip({ approval_code: "NO-SUCH-CODE" }));
  const { page, settled } = await open(browser, "/console/", { expected });
  // The overview asks, too, as soon as it is there.
  await page.route("**/v1/problems/*", (route) => route.fulfill(overloaded));
  await logIn(page, OPERATOR_KEY);
  const answered = page.waitForResponse("**/v1/problems/*");
  await page.getByRole("link", { name: "travel-1" }).click();
  await answered;
  await page.getByText("unknown_approval_code").first().waitFor();
  assert.equal(await page.getByText("What to do:").count(), 0);
  await page.unroute("**/v1/problems/*");
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("link", { name: "travel-1" }).click();
  await page.getByText("What to do:").waitFor();
  await settled();
}

await withBrowser(async (browser) => {
  await theKeyStays(browser);
  await pagesThatFail(browser);
  await explanationsThatFail(browser);
  console.log("the console outlasts failures");
});

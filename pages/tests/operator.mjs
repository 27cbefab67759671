// An operator of the console, and what a script with the operator's key does.
import { call as callWithout } from "./browser.mjs";

export const { OPERATOR_KEY, READER_KEY } = process.env;

const headers = { authorization: `Bearer ${OPERATOR_KEY}` };

export const call = (method, path, body, more = {}) => callWithout(method, path, body, { ...headers, ...more });

/// Sends lines to an import.
export async function importLines(documents, query) {
  const answer = await fetch(`${process.env.GATEWAY_URL}/v1/imports?${query}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-ndjson" },
    body: documents.map((document) => JSON.stringify(document)).join("\n"),
  });
  await answer.text();
}

/// Gives a key to the form that asks for one.
export async function logIn(page, key) {
  await page.locator("#key").fill(key);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor();
}

// A browser for tests, which remembers what no page may do: complain, and ask anybody but the gateway.
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const { GATEWAY_URL, CHROMIUM } = process.env;

/// Where the gateway is.
export const gateway = GATEWAY_URL;

/// Runs `work` with a browser, and ends it whatever comes.
export async function withBrowser(work) {
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
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/// The policy of our own pages, which allows nothing unsafe.
const STRICT = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"];

/// Opens an address of the gateway; `settled` says at the end that the page has behaved. `expected` are complaints of the browser
/// that a test provokes.
export async function open(browser, path, options = {}) {
  const { language = "en-US", width = 1280, height = 900, scheme = "light", expected = [], policy = STRICT } = options;
  const context = await browser.newContext({
    locale: language,
    timezoneId: "Asia/Shanghai",
    colorScheme: scheme,
    viewport: { width, height },
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.some((known) => known.test(message.text()))) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== gateway) complaints.push(`asked ${request.url()}`);
  });
  // Chromium tells the page, and not the console, what the policy has stopped before any listener of ours was there.
  await page.addInitScript(() => {
    window.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
  });
  const answer = await page.goto(gateway + path);
  const sent = (answer.headers()["content-security-policy"] ?? "").split(/; */);
  for (const part of policy) assert.ok(sent.includes(part), `the page is sent with ${part}`);
  const unsafe = sent.filter((part) => part.includes("unsafe") && !policy.includes(part));
  assert.deepEqual(unsafe, [], "the policy allows nothing unsafe");
  const settled = async () => {
    assert.deepEqual(complaints, [], "the browser has nothing to complain about, and nobody else is asked");
    await context.close();
  };
  return { page, settled };
}

/// Opens an address in both languages, light and dark, narrow and wide, and does the same with each.
export async function everyLook(browser, path, work) {
  for (const language of ["zh-CN", "en-US"]) {
    for (const scheme of ["light", "dark"]) {
      for (const width of [390, 1280]) {
        const { page, settled } = await open(browser, path, { language, scheme, width });
        await work(page, `${language}, ${scheme}, ${width} px`);
        await settled();
      }
    }
  }
}

/// Nothing that axe takes for serious, and nothing wider than the screen.
export async function accessible(page, what) {
  // What is still fading has no contrast yet.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], `${what} is accessible`);
  const [needed, given] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(needed <= given, `${what} is no wider than the screen: ${needed} of ${given}`);
}

/// Presses Tab until an element has the focus, as somebody without a mouse does.
export async function tabTo(page, wanted, most = 60) {
  const target = await page.locator(wanted).first().elementHandle();
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`${wanted} is not reached with ${most} presses of Tab`);
}

/// Chooses another view of the console.
export async function go(page, view) {
  await page.evaluate((hash) => { window.location.hash = hash; }, `#/${view}`);
}

/// Asks the gateway, as a script would.
export async function call(method, path, body, headers = {}) {
  const answer = await fetch(gateway + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}

// Takes the pictures of the README: Li Si's approval centre, with what Feishu holds of one approval beside it.
// Usage: GATEWAY_URL=http://… CHROMIUM=/usr/bin/chromium node tests/picture.mjs ../docs
import { call, open, withBrowser } from "./browser.mjs";
import { purchase, purchases, tapsTo, trip } from "./documents.mjs";

const folder = process.argv[2];

await call("PUT", "/v1/instances/travel-1", trip());
await call("PUT", "/v1/instances/po-7", purchase(await purchases(tapsTo("https://erp.example.com/feishu/actions"))));
await withBrowser(async (browser) => {
  for (const [language, file] of [["en-US", "approval-centre.png"], ["zh-CN", "approval-centre.zh-CN.png"]]) {
    const { page, settled } = await open(browser, `/sandbox/#person=lisi&locale=${language}&instance=po-7`, {
      language,
      height: 690,
    });
    await page.locator(".held dl").first().waitFor();
    await page.evaluate(() => document.activeElement?.blur());
    await page.screenshot({ path: `${folder}/${file}` });
    await settled();
  }
});

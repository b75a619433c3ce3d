import assert from "node:assert/strict";
import { testInBrowser } from "../../browser/browser.ts";
import { assertAccessible } from "./axe.ts";

const pageOf = (style: string, body: string) =>
  `<!doctype html><html lang="en"><title>A page</title><style>
    body { background: #fff; color: #000 } @media (prefers-color-scheme: dark) { ${style} }
  </style><main><h1>A page</h1>${body}</main></html>`;

testInBrowser("assertAccessible() passes a page, and reports what is unlabelled", async (page) => {
  await page.setContent(pageOf("body { background: #000; color: #fff }", "<p>Text</p>"));
  await assertAccessible(page);
  await page.setContent(pageOf("", "<p>Text</p><input type=range>"));
  await assert.rejects(assertAccessible(page), /In light colours:\nlabel: .*\n {2}input/);
  await assertAccessible(page, { within: "p" });
  await assertAccessible(page, { except: ["input"] });
});

testInBrowser("assertAccessible() looks at dark colours, frames and shadow roots", async (page) => {
  await page.setContent(pageOf("p { color: #000; background: #111 }", "<p>Text</p>"));
  await assert.rejects(assertAccessible(page), /In dark colours:\ncolor-contrast/);
  await page.setContent(pageOf("", `<iframe title="frame" srcdoc="<img src=x>"></iframe>`));
  await assert.rejects(assertAccessible(page), /image-alt: .*\n {2}iframe img/);
  await page.setContent(pageOf("", "<div></div>"));
  await page.evaluate(`document.querySelector("div").attachShadow({ mode: "open" })
    .innerHTML = "<input type=range>"`);
  await assert.rejects(assertAccessible(page), /label: /);
});

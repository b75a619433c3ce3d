import assert from "node:assert/strict";
import { join } from "@std/path";
import { outputHtml, pictureOf } from "../../../kernels/jupyter/site/output_html.ts";
import { terminalHtml } from "../../../kernels/jupyter/site/terminal_text.ts";
import { writeSite } from "../../../kernels/jupyter/site/write_site.ts";
import {
  assertChangesLook,
  keepScreenshot,
  moveSlider,
  openFile,
  testInBrowser,
} from "../../browser/browser.ts";
import { code, display, notebookOf, prose } from "./sample_notebooks.ts";

const red =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const sample = notebookOf(
  prose(
    "# Sliders & curves\n\nWhat does a **slider** do?\n\n## First part\n\nSee [two](02.ipynb).",
  ),
  code("const x: number = 1;\nx", [{
    output_type: "execute_result",
    data: { "text/plain": "\x1b[33m1\x1b[39m" },
    metadata: {},
    execution_count: 1,
  }]),
  code("figure", [display({
    "application/vnd.plotly.v1+json": {
      data: [{ y: [3, 1, 2], name: "</script>" }],
      layout: { title: { text: "Loss" }, sliders: [] },
    },
    "image/png": red,
    "text/plain": "a figure",
  })]),
  code("slider", [display({
    "text/html": `<input type="range" max="9" value="0"
      oninput="this.nextElementSibling.textContent = 'slice ' + this.value"><output>slice 0</output>`,
  })]),
  code("frame", [display({
    "text/html":
      `<iframe srcdoc="<p>within</p><script>document.body.append('drawn')</script>"></iframe>`,
  })]),
);

async function withSite(use: (folder: string) => Promise<void>) {
  const root = await Deno.makeTempDir();
  try {
    const second = notebookOf(prose("# Two\n\nAnd then?"));
    for (const [name, notebook] of [["01.ipynb", sample], ["02.ipynb", second]] as const) {
      await Deno.writeTextFile(join(root, name), JSON.stringify(notebook));
    }
    const folder = join(root, "site");
    await writeSite([join(root, "01.ipynb"), join(root, "02.ipynb")], folder);
    await use(folder);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

testInBrowser("writeSite() writes pages with live figures", async (page) => {
  await withSite(async (folder) => {
    await openFile(page, join(folder, "index.html"));
    await keepScreenshot(page, "site_start");
    const card = page.locator(".card").first();
    assert.equal(await card.locator("h2").textContent(), "Sliders & curves");
    assert.equal(await card.locator("p").textContent(), "What does a slider do?");
    assert.equal(await card.locator("img").count(), 1);
    await card.click();

    assert.equal(await page.title(), "Sliders & curves · nnunet-ts");
    const figure = page.locator(".plotly-figure");
    await figure.locator(".main-svg").first().waitFor();
    assert.equal(await figure.locator(".gtitle").textContent(), "Loss");
    const output = page.locator("output");
    await assertChangesLook(output, () => moveSlider(page.locator("input[type=range]"), 7));
    assert.equal(await output.textContent(), "slice 7");
    assert.match((await page.frameLocator("iframe").locator("body").textContent())!, /drawn/);
    assert.equal(await page.locator(".ansi-33").textContent(), "1");
    assert.ok(await page.locator(".listing .hljs-keyword").count() > 0);
    await keepScreenshot(page, "site_notebook");

    await page.locator(".prose a").click();
    assert.equal(await page.locator("h1").textContent(), "Two");
  });
});

Deno.test("writeSite() replaces only pages", async () => {
  await withSite(async (folder) => {
    const notebook = join(folder, "../02.ipynb");
    await writeSite([notebook], folder);
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted(),
      ["02.html", "index.html"],
    );
    await Deno.writeTextFile(join(folder, "mine.txt"), "");
    await assert.rejects(writeSite([notebook], folder), /it has mine.txt, expected nothing but/);
  });
});

Deno.test("writeSite() rejects a notebook without a question", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ipynb" });
  await Deno.writeTextFile(file, JSON.stringify(notebookOf(prose("# Only a title"))));
  await assert.rejects(writeSite([file], `${file}.site`), /a paragraph with its question/);
  await Deno.remove(file);
});

Deno.test("terminalHtml() renders colours and overwritten lines", () => {
  assert.equal(
    terminalHtml("10 %\r20 %\n\x1b[1m\x1b[33m2\x1b[39m<\x1b[0m3\x1b[2K"),
    '20 %\n<span class="ansi-1 ansi-33">2</span><span class="ansi-1">&lt;</span>3',
  );
});

Deno.test("outputHtml() prefers the richest form", () => {
  const html = outputHtml(display({ "text/plain": "plain", "text/html": ["<b>", "rich</b>"] }));
  assert.equal(html, "<b>rich</b>");
  assert.equal(outputHtml(display({ "application/x-unknown": 1 })), "");
});

Deno.test("pictureOf() finds a picture on its own or within HTML", () => {
  assert.equal(pictureOf(display({ "image/png": red })), `data:image/png;base64,${red}`);
  const html = `<div><img alt="a" src="data:image/png;base64,${red}"></div>`;
  assert.equal(pictureOf(display({ "text/html": html })), `data:image/png;base64,${red}`);
  assert.equal(pictureOf(display({ "text/html": "<b>none</b>" })), undefined);
});

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PNG } from "pngjs";
import type { Page } from "playwright-core";
import type { Notebook } from "../../../kernels/jupyter/notebook_file.ts";
import { foldersHere, withRecord } from "../../../kernels/jupyter/run_record.ts";
import { Assets } from "../../../kernels/jupyter/site/assets.ts";
import { outputHtml, pictureOf } from "../../../kernels/jupyter/site/output_html.ts";
import { sizeOf } from "../../../kernels/jupyter/site/pictures.ts";
import { replacerOf } from "../../../kernels/jupyter/site/private_paths.ts";
import { terminalHtml } from "../../../kernels/jupyter/site/terminal_text.ts";
import { Views } from "../../../kernels/jupyter/site/views.ts";
import { writeSite } from "../../../kernels/jupyter/site/write_site.ts";
import { imageFrom, segmentationFrom } from "../../../lib/image/image_from.ts";
import { surfaceView } from "../../../lib/notebook/surface_view.ts";
import { volumeView } from "../../../lib/notebook/volume_view.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import {
  assertChangesLook,
  keepScreenshot,
  moveSlider,
  openFile,
  testInBrowser,
} from "../../browser/browser.ts";
import { code, display, notebookOf, prose } from "./sample_notebooks.ts";
import { assertLinksLead, assertReadable, assertWithout, pagesOf, seeAll } from "./site_checks.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const red =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** A picture of noise, which is too large to stay in a page. */
function noise(width: number, height: number): string {
  const generator = createGenerator(0);
  const picture = new PNG({ width, height });
  for (let i = 0; i < picture.data.length; i++) {
    picture.data[i] = i % 4 === 3 ? 255 : 255 * generator.uniform();
  }
  return new Uint8Array(PNG.sync.write(picture)).toBase64();
}

/** Text that fills more than a window. */
const farBelow = prose("One more line to scroll past.\n\n".repeat(60));

/** Data as viewers have them. */
const packed = "Zm9v".repeat(2000);
const heavyScript = `(async () => {
  const host = document.getElementById("heavy");
  host.dataset.characters = (await ${JSON.stringify(packed)}).length;
})();`;

const first = notebookOf(
  prose(
    "# Sliders & curves\n\nWhat does a **slider** do?\n\n## First part\n\nSee [two](02.ipynb#Second-part!), " +
      "[regions](how_to/01_regions.md) or [the code](../lib/plans.ts).\n\n| a | b |\n| - | - |\n| 1 | 2 |",
  ),
  code("const x: number = 1;\nx", [{
    output_type: "execute_result",
    data: { "text/plain": "\x1b[33m1\x1b[39m" },
    metadata: {},
    execution_count: 1,
  }]),
  code("slider", [display({
    "text/html": `<input type="range" aria-label="slice" max="9" value="0"
      oninput="this.nextElementSibling.textContent = 'slice ' + this.value"><output>slice 0</output>`,
  })]),
  code("frame", [display({
    "text/html":
      `<iframe title="A frame" srcdoc="<!doctype html><html lang='en'><title>Frame</title>
      <p>within</p><script>document.body.append('drawn')</script>"></iframe>`,
  })]),
  farBelow,
  code("figure", [display({
    "application/vnd.plotly.v1+json": {
      data: [{ y: [3, 1, 2], name: "</script>" }],
      layout: {
        title: { text: '<span style="color:var(--nnunet-text)">Loss</span>' },
        height: 300,
        paper_bgcolor: "rgba(0,0,0,0)",
        font: { color: "#777777" },
      },
    },
    "text/html": `<img alt="Loss" width="600" src="data:image/png;base64,${noise(120, 60)}">`,
    "text/plain": "Loss",
  })]),
  farBelow,
  code("heavy", [display({
    "text/html": `<div id="heavy"><img alt="noise" src="data:image/png;base64,${noise(64, 48)}">` +
      `</div><script>${heavyScript}</script>`,
  })]),
);

const second = notebookOf(
  prose("# Two\n\nAnd then?\n\n## Second part!\n\nLabels in three planes."),
);

/** Marks a notebook's cells as executed. */
const executed = (notebook: Notebook): Notebook => ({
  ...notebook,
  cells: notebook.cells.map((cell, i) =>
    cell.cell_type === "code" ? { ...cell, execution_count: i } : cell
  ),
});

interface Sample {
  /** Notebooks that were run, by file name. */
  readonly runs: Readonly<Record<string, Notebook>>;
  /** Notebooks as they are now; those that were run by default. */
  readonly current?: Readonly<Record<string, Notebook>>;
}

/** In place of this project's, which are long. */
const documents = {
  "README.md":
    "# Segments\n\nIt segments.\n\n![A scan](data/example.png)\n\nSee the [changes](CHANGELOG.md#unreleased).\n\n" +
    "| quantity | value |\n| --- | ---: |\n| a long name of what was measured | 12.345 |\n\n" +
    "```sh\ndeno task tutorial --a-command-that-is-wider --than-the-window --of-a-telephone 123456\n```\n",
  "CHANGELOG.md": "# Changelog\n\nWhat is new.\n\n## Unreleased\n\n- It segments.\n",
  "CONTRIBUTING.md": "# Contributing\n\nThe code is in [one](lib/plans.ts).\n",
  LICENSE: "Free.\n",
};

/** Writes a site of sample notebooks, one how-to page and three documents. */
async function withSite(
  use: (folder: string, root: string) => Promise<void>,
  { runs, current = runs }: Sample = {
    runs: { "01.ipynb": executed(first), "02.ipynb": executed(second) },
  },
): Promise<void> {
  const root = await Deno.makeTempDir();
  const write = async (folder: string, notebooks: Readonly<Record<string, Notebook>>) => {
    await Deno.mkdir(join(root, folder), { recursive: true });
    return await Promise.all(
      Object.entries(notebooks).map(async ([name, notebook]) => {
        await Deno.writeTextFile(join(root, folder, name), JSON.stringify(notebook));
        return join(root, folder, name);
      }),
    );
  };
  try {
    for (const [name, text] of Object.entries(documents)) {
      await Deno.writeTextFile(join(root, name), text);
    }
    await Deno.mkdir(join(root, "data"));
    const picture = "data/example.png";
    await Deno.copyFile(join(project, picture), join(root, picture));
    const notebooks = await write("notebooks", current);
    const howTo = join(root, "notebooks/how_to/01_regions.md");
    await Deno.mkdir(join(howTo, ".."));
    await Deno.writeTextFile(
      howTo,
      "# Regions\n\nThey overlap. See [one](../01.ipynb).\n\n```json labels.json\n{}\n```\n",
    );
    const folder = join(root, "site");
    const sources = { project: root, runs: await write("runs", runs), notebooks, howTo: [howTo] };
    await writeSite(sources, folder);
    await use(folder, root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** How far contents moved by themselves, in shares of the window. */
const layoutShift = (page: Page) =>
  page.evaluate<number>(`new Promise((resolve) => new PerformanceObserver((list) =>
    resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0))
  ).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => resolve(0), 300))`);

testInBrowser("writeSite() writes pages with live figures", async (page) => {
  await withSite(async (folder) => {
    await openFile(page, join(folder, "index.html"));
    const card = page.locator(".card").first();
    assert.equal(await card.locator("h3").textContent(), "Sliders & curves");
    assert.equal(await card.locator("p").textContent(), "What does a slider do?");
    assert.equal(await card.locator("img").count(), 1);
    assert.equal(await page.locator(".briefs h3").first().textContent(), "Regions");
    await card.locator("p").click({ force: true }); // The whole card is its heading's link.

    assert.equal(await page.title(), "Sliders & curves · nnunet-ts");
    const output = page.locator("output");
    await assertChangesLook(output, () => moveSlider(page.locator("input[type=range]"), 7));
    assert.equal(await output.textContent(), "slice 7");
    assert.match((await page.frameLocator("iframe").locator("body").textContent())!, /drawn/);
    assert.equal(await page.locator(".ansi-33").textContent(), "1");
    assert.ok(await page.locator(".listing .hljs-keyword").count() > 0);
    assert.deepEqual(await page.locator(".contents a").allTextContents(), ["First part"]);
    assert.equal(await page.locator("a[rel=next]").textContent(), "NextTwo");
    // The site has no page of a module.
    assert.deepEqual(await page.locator(".prose a").allTextContents(), ["two", "regions"]);

    await page.locator(".prose a").first().click();
    assert.equal(await page.locator("h1").textContent(), "Two");
    assert.match(page.url(), /02\.html#second-part$/);
    assert.equal(await page.locator("a[rel=prev]").textContent(), "PreviousSliders & curves");
  });
});

testInBrowser("a site's heavy views open when they are seen, and nothing jumps", async (page) => {
  await withSite(async (folder) => {
    await openFile(page, join(folder, "01.html"));
    const heavy = page.locator("#heavy");
    const chart = page.locator(".chart");
    assert.equal(await heavy.getAttribute("data-characters"), null);
    assert.equal(await page.evaluate("typeof Plotly"), "undefined");
    assert.equal(await chart.locator("img").getAttribute("alt"), "Loss");
    assert.equal(await heavy.locator("img").getAttribute("width"), "64");

    await seeAll(page);
    await chart.scrollIntoViewIfNeeded();
    assert.equal(await chart.locator(".gtitle").textContent(), "Loss");
    assert.equal(await chart.locator("img").count(), 0);
    assert.equal((await chart.boundingBox())!.height, 300);
    assert.equal(await heavy.getAttribute("data-characters"), `${packed.length}`);
    assert.ok(await layoutShift(page) < 0.01);
    assert.ok((await Deno.stat(join(folder, "01.html"))).size < 30_000);
  });
});

testInBrowser(
  "a site's volumes show a still picture until their voxels are there",
  async (page) => {
    const generator = createGenerator(0);
    const image = imageFrom(
      Float32Array.from({ length: 24 ** 3 }, () => generator.normal()),
      { shape: [24, 24, 24], spacing: [1, 1, 1] },
    );
    const { bundle } = await volumeView({ image });
    const notebook = notebookOf(
      prose("# Noise\n\nWhat does it look like?"),
      code("", [display(bundle)]),
    );
    await withSite(async (folder) => {
      assert.ok((await Deno.stat(join(folder, "assets/01-1.js"))).size > 4000);
      const voxels = Promise.withResolvers<void>();
      await page.route("**/01-1.js", async (route) => {
        await voxels.promise;
        await route.continue();
      });
      // The page is not complete before its voxels are there.
      const address = pathToFileURL(join(folder, "01.html")).href;
      await page.goto(address, { waitUntil: "domcontentloaded" });
      const still = page.locator(".cover img");
      await still.waitFor();
      const height = (await page.locator(".output").boundingBox())!.height;
      voxels.resolve();
      await page.locator("canvas[data-painted]").first().waitFor();
      assert.equal(await still.count(), 0);
      assert.equal((await page.locator(".output").boundingBox())!.height, height);
    }, { runs: { "01.ipynb": executed(notebook) } });
  },
);

testInBrowser("all 3D views of a site share NiiVue, whichever is seen first", async (page) => {
  const labels = segmentationFrom(
    Uint8Array.from({ length: 1000 }, (_, voxel) => voxel % 10 < 5 ? 1 : 2),
    { shape: [10, 10, 10], spacing: [1, 1, 1] },
  );
  const view = async (title: string, embedNiivue: boolean) => {
    const output = await surfaceView(labels, { title, classNames: ["a", "b"], embedNiivue });
    return code(title, [display(output.bundle)]);
  };
  const notebook = notebookOf(
    prose("# Surfaces\n\nFrom all sides?"),
    await view("upper", true),
    farBelow,
    prose("## Lower"),
    await view("lower", false),
  );
  const other = notebookOf(prose("# Again\n\nAnd again?"), await view("other", true));
  await withSite(async (folder) => {
    const scripts = [...Deno.readDirSync(join(folder, "assets"))].map(({ name }) => name);
    assert.ok(scripts.includes("niivue.js"));
    assert.ok((await Deno.stat(join(folder, "01.html"))).size < 100_000);
    await page.goto(`${pathToFileURL(join(folder, "01.html"))}#lower`);
    const viewOf = (title: string) =>
      page.locator(".output", { hasText: title }).locator("[data-ready=true]");
    const slow = { timeout: 120_000 }; // WebGL by software takes a while on a busy machine.
    await viewOf("lower").waitFor(slow);
    assert.equal(await page.evaluate("scrollY > 0"), true);
    await page.keyboard.press("Home");
    await viewOf("upper").waitFor(slow);
    await openFile(page, join(folder, "02.html"));
    await page.locator("[data-ready=true]").waitFor(slow);
  }, { runs: { "01.ipynb": executed(notebook), "02.ipynb": executed(other) } });
});

testInBrowser("a site is searched with the keyboard", async (page) => {
  await withSite(async (folder) => {
    await openFile(page, join(folder, "02.html"));
    await page.keyboard.press("/");
    await page.keyboard.type("slidr"); // Close is enough.
    const options = page.getByRole("option");
    await options.first().waitFor();
    assert.match((await options.first().textContent())!, /Sliders & curves/);
    assert.equal(await options.first().getAttribute("aria-selected"), "true");
    assert.match((await page.getByRole("status").textContent())!, /^\d+ results$/);
    await keepScreenshot(page, "site_search");
    await page.keyboard.press("Enter");
    await page.waitForURL(/01\.html#sliders-curves$/);

    const search = page.getByRole("combobox");
    await search.fill("planes second");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await options.first().click();
    await page.waitForURL(/02\.html#second-part$/);

    await search.fill("xylophone");
    await page.getByText("Nothing found for “xylophone”").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await search.getAttribute("aria-expanded"), "false");
  });
});

testInBrowser("a site follows the system's theme until the reader chooses one", async (page) => {
  await withSite(async (folder) => {
    const brightness = async () => {
      const color = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      return Number(color.match(/\d+/)![0]);
    };
    await page.emulateMedia({ colorScheme: "dark" });
    await openFile(page, join(folder, "01.html"));
    assert.ok(await brightness() < 60);
    const button = page.getByRole("button", { name: "Dark theme" });
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await page.locator(".chart").scrollIntoViewIfNeeded();
    const title = page.locator(".gtitle");
    await title.waitFor();
    await assertChangesLook(title, () => button.click()); // Charts follow.
    assert.ok(await brightness() > 200);
    await openFile(page, join(folder, "index.html"));
    assert.ok(await brightness() > 200, "the choice is remembered");
    assert.equal(await button.getAttribute("aria-pressed"), "false");
  });
});

testInBrowser("a site's first key leads to the content, and focus is visible", async (page) => {
  await withSite(async (folder) => {
    await openFile(page, join(folder, "01.html"));
    await page.keyboard.press("Tab");
    const skip = page.getByText("Skip to content");
    assert.ok((await skip.boundingBox())!.y >= 0);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "content");
    await page.keyboard.press("Tab");
    const focused = page.locator("main :focus");
    assert.equal(await focused.textContent(), "two");
    assert.match(
      await focused.evaluate((link) => globalThis.getComputedStyle(link).outline),
      /solid/,
    );
  });
});

testInBrowser(
  "every page of a site fits phones and is accessible, light and dark",
  async (page) => {
    await withSite(async (folder) => {
      await assertLinksLead(folder);
      await assertReadable(page, folder);
    });
  },
);

Deno.test("a site has no folder of the machines that made it", async () => {
  const elsewhere = {
    settings: "full",
    folders: { project: "/home/anna/nnunet", home: "/home/anna", temporary: "/scratch" },
  };
  const here = foldersHere();
  const paths = [here, elsewhere.folders].flatMap(({ project, home, temporary }) => [
    `${project}/data/runs/x`,
    pathToFileURL(`${project}/lib/plans.ts`).href,
    ...home && home !== "/" ? [`${home}/.cache/deno`] : [],
    `${temporary}/abc`,
  ]);
  const text = paths.join("\n");
  const notebook = notebookOf(
    prose("# Paths\n\nWhere?"),
    code(`const folder = "${paths[0]}";`, [
      { output_type: "stream", name: "stdout", text },
      display({ "text/html": `<p title="${paths[0]}">${text}</p>` }),
      display({
        "application/vnd.plotly.v1+json": { layout: { title: { text } } },
        "text/plain": text,
      }),
      { output_type: "error", ename: "Error", evalue: text, traceback: [text] },
    ]),
  );
  const { metadata } = withRecord(notebook, "full");
  assert.deepEqual(Object.values(metadata), [{ settings: "full", folders: here }]);
  const run = { ...notebook, metadata: { nnunet_run: elsewhere } };
  await withSite(async (folder) => {
    const folders = [here, elsewhere.folders].flatMap((folders) => Object.values(folders));
    await assertWithout(
      folder,
      folders.filter((path) => path.length > 1).map((path) => `${path}/`),
    );
    const html = await Deno.readTextFile(join(folder, "01.html"));
    assert.match(html, /nnunet-ts\/data\/runs\/x/);
    assert.match(html, /\bnnunet-ts\/lib\/plans\.ts/);
  }, { runs: { "01.ipynb": run } });
});

Deno.test("replacerOf() replaces whole folders only", () => {
  const replace = replacerOf([["project", "/home/anna/nnunet"], ["home", "/home/anna"]]);
  const cases = {
    "/home/anna/nnunet/a": "nnunet-ts/a",
    '"/home/anna/nnunet"': '"nnunet-ts"',
    "/home/anna/nnunet-2": "~/nnunet-2",
    "/home/annabel": "/home/annabel",
    "https://x.org/home/anna": "https://x.org/home/anna",
    "file:///tmp/a.ts:3": "temporary/a.ts:3",
    "Zm9v/tmp/YmFy": "Zm9v/tmp/YmFy",
  };
  for (const [from, to] of Object.entries(cases)) assert.equal(replace(from), to);
});

Deno.test("the start page says what is missing in a short or partial run", async () => {
  const changed = notebookOf(prose("# Two\n\nAnd now?"));
  const failed = notebookOf(prose("# Three\n\nWhy?"), code("1"));
  const notices = async (sample: Sample) => {
    let text = "";
    await withSite(async (folder) => {
      const html = await Deno.readTextFile(join(folder, "index.html"));
      text = (html.match(/<aside[^]*?<\/aside>/)?.[0] ?? "").replaceAll(/<[^>]*>|\s+/g, " ");
    }, sample);
    return text.replaceAll(/\s+/g, " ");
  };
  const full = { "01.ipynb": withRecord(executed(first), "full") };
  assert.equal(await notices({ runs: full }), "");
  const partial = await notices({
    runs: {
      "01.ipynb": withRecord(executed(first), "short"),
      "02.ipynb": executed(second),
      "03.ipynb": failed,
    },
    current: { "01.ipynb": first, "02.ipynb": changed, "03.ipynb": failed, "04.ipynb": second },
  });
  assert.match(partial, /made of a partial run/);
  assert.match(partial, /short settings, [^:]*: 01\.ipynb \./);
  assert.match(partial, /Not run, and missing here: 04\.ipynb \./);
  assert.match(partial, /Ended before the last cell: 03\.ipynb \./);
  assert.match(partial, /Changed since they were run: 02\.ipynb \./);
});

Deno.test("writeSite() replaces only a site", async () => {
  await withSite(async (folder, root) => {
    const sources = {
      project: root,
      runs: [join(root, "runs/02.ipynb")],
      notebooks: [],
      howTo: [],
    };
    await writeSite(sources, folder);
    assert.deepEqual(pagesOf(folder), [
      "02.html",
      "changelog.html",
      "contributing.html",
      "index.html",
      "readme.html",
    ]);
    await Deno.writeTextFile(join(folder, "mine.txt"), "");
    await assert.rejects(writeSite(sources, folder), /it has mine.txt, expected nothing but/);
    await Deno.remove(join(folder, "mine.txt"));
    await Deno.writeTextFile(join(folder, "index.html"), "<p>Mine");
    await assert.rejects(writeSite(sources, folder), /its index.html lacks the mark/);
  });
});

Deno.test("writeSite() rejects a notebook without a question", async () => {
  const untitled = withSite(() => Promise.resolve(), {
    runs: { "01.ipynb": notebookOf(prose("# Only a title")) },
  });
  await assert.rejects(untitled, /Cannot publish 01.ipynb: .* a paragraph with its question/);
});

Deno.test("terminalHtml() renders colours and overwritten lines", () => {
  assert.equal(
    terminalHtml("10 %\r20 %\n\x1b[1m\x1b[33m2\x1b[39m<\x1b[0m3\x1b[2K"),
    '20 %\n<span class="ansi-1 ansi-33">2</span><span class="ansi-1">&lt;</span>3',
  );
});

Deno.test("outputHtml() prefers the richest form", () => {
  const views = new Views("page", new Assets());
  const bundle = { "text/plain": "plain", "text/html": ["<b>", "rich</b>"] };
  assert.equal(outputHtml(display(bundle), views), "<b>rich</b>");
  assert.equal(
    outputHtml(display({ "image/png": red, "text/plain": "a < b" }), views),
    `<img alt="a &lt; b" src="data:image/png;base64,${red}">`,
  );
  assert.equal(outputHtml(display({ "application/x-unknown": 1 }), views), "");
});

Deno.test("Views move packed data and pictures into files, and leave frames and modules alone", () => {
  const assets = new Assets();
  const views = new Views("page", assets);
  const script = `draw("${packed}", "${"x".repeat(10)}")`;
  for (
    const same of [
      `<iframe srcdoc="<script>${script}</script>"></iframe>`,
      `<script type="module">${script}</script>`,
      "<b>a</b><script>light()</script>",
    ]
  ) assert.equal(views.deferred(same), same);
  assert.equal(
    views.deferred(`<p>b</p><script>${script}</script>`),
    '<p>b</p><script>draw(nnunetViews.text("page-1", 0), "xxxxxxxxxx")</script>',
  );
  assert.match(
    views.deferred(`<img alt="c" width="32" src="data:image/png;base64,${noise(64, 48)}">`),
    /^<img loading="lazy" decoding="async" height="24" alt="c" width="32" src="assets\/\w+\.png">$/,
  );
});

Deno.test("pictureOf() finds a picture on its own or within HTML", () => {
  assert.equal(pictureOf(display({ "image/png": red })), `data:image/png;base64,${red}`);
  const html = `<div><img alt="a" src="data:image/png;base64,${red}"></div>`;
  assert.equal(pictureOf(display({ "text/html": html })), `data:image/png;base64,${red}`);
  assert.equal(pictureOf(display({ "text/html": "<b>none</b>" })), undefined);
});

Deno.test("sizeOf() reads the sizes of PNG and SVG", () => {
  assert.deepEqual(sizeOf({ type: "image/png", content: Uint8Array.fromBase64(red) }), [1, 1]);
  const svg = (attributes: string) =>
    sizeOf({
      type: "image/svg+xml",
      content: new TextEncoder().encode(`<svg ${attributes}></svg>`),
    });
  assert.deepEqual(svg('width="30px" height="20"'), [30, 20]);
  assert.deepEqual(svg('viewBox="0 0 4 3"'), [4, 3]);
  assert.equal(svg(""), undefined);
});

/** Opens JupyterLite as a reader does, and runs notebooks of the course in it. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { writeLite } from "../../../../kernels/jupyter/lite/write_lite.ts";
import { litePage } from "../../../../kernels/jupyter/site/lite_page.ts";
import { writeSite } from "../../../../kernels/jupyter/site/write_site.ts";
import { keepScreenshot, testInBrowser } from "../../../browser/browser.ts";
import { serveFolder } from "../../../browser/serve_folder.ts";
import { assertAccessible } from "../axe.ts";
import { code, notebookOf, prose } from "../sample_notebooks.ts";
import { assertLinksLead } from "../site_checks.ts";

const project = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** A notebook from phantoms to a prediction, and one that needs files. */
const samples = {
  "01_training.ipynb": notebookOf(
    prose("# A training\n\nWhat is learnt?"),
    code(`import { datasetOf, openScans, shortTraining, smallPlan } from "./source.ts";
import { Planner, Predictor, readImage, Trainer } from "nnunet";
import { watch } from "nnunet/notebook";

const source = await openScans();
const { dataset } = await datasetOf(source);
const plans = await new Planner(smallPlan).plan(dataset);
await plans.preprocess(dataset, { configurations: ["3d_fullres"] });
const trainer = new Trainer(plans, "3d_fullres", { ...shortTraining, fold: 0 });
const { log } = await watch(trainer, { validation: false });
console.log(\`trained \${log.trainLosses.length} epochs\`);`),
    code(`import { join } from "node:path";
import { readCase } from "nnunet/parts";
const { dataIdentifier } = plans.configuration("3d_fullres");
const { data } = await readCase(join(plans.folder, dataIdentifier), dataset.cases[0].name);
console.log("deviation", Math.sqrt(data.data.reduce((sum, one) => sum + one ** 2) / data.data.length).toFixed(1));`),
    code(`const predictor = await Predictor.open(trainer.folder);
const image = await readImage(dataset.testCases[0].images);
const prediction = await predictor.predict(image);
predictor.close();
console.log("same size", prediction.data.length === image.data.length);`),
    code(`import { show } from "nnunet/notebook";
await show(image, { overlay: prediction, title: "The test case" });`),
    code(`import { provoke } from "./helpers/provoke.ts";
await provoke(() => new Trainer(plans, "3d"));`),
  ),
  "02_stopping.ipynb": notebookOf(
    prose("# Stopping\n\nWhat stops?"),
    code(`import { datasetOf, openScans, shortTraining, smallPlan } from "./source.ts";
import { Planner, Trainer } from "nnunet";
import { watch } from "nnunet/notebook";

const { dataset } = await datasetOf(await openScans());
const plans = await new Planner(smallPlan).plan(dataset);
await plans.preprocess(dataset, { configurations: ["3d_fullres"] });
const trainer = new Trainer(plans, "3d_fullres", { ...shortTraining, fold: 0, epochs: 1000 });`),
    code(`const { interrupted } = await watch(trainer, { validation: false });
console.log("stopped:", interrupted);`),
    ...[0, 1, 2].map((i) =>
      code(`for (let i = 0; i < 50; i++) console.log("line of cell ${i}");
${i} + 1`)
    ),
  ),
  "03_files.ipynb": notebookOf(prose("# Files\n\nWhere?"), code("Deno.readTextFileSync('a');")),
};

/** Makes a site with the samples and notebook 0. */
async function makeSite(): Promise<string> {
  const paths = [join(project, "notebooks/00_start_here.ipynb")];
  for (const [name, notebook] of Object.entries(samples)) {
    const path = join(folder, name);
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    paths.push(path);
  }
  const lite = join(folder, "lite");
  await Deno.mkdir(lite);
  const notebooks = await writeLite(lite, {
    notebooks: paths,
    settings: {
      ...{ cases: 6, spacing: 3, epochs: 2, iterations: 2, validationIterations: 1 },
      ...{ baseFeatures: 4, gpuMemoryTarget: 0.01 },
    },
  });
  const runs = paths.slice(1);
  const site = join(folder, "site");
  const sources = { project, runs, notebooks: runs, howTo: [], lite: { folder: lite, notebooks } };
  await writeSite(sources, site);
  await writeSite(sources, site); // A site with JupyterLite is one to replace, too.
  return site;
}

/** Opens a notebook and waits for its cells. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator(".jp-CodeCell .jp-InputPrompt").first().waitFor();
}

/** Chooses an entry of the menu "Run". */
async function chooseRun(page: Page, name: string): Promise<void> {
  await page.getByRole("menuitem", { name: "Run", exact: true }).click();
  await page.getByRole("menuitem", { name, exact: true }).click();
}

/** Opens a notebook, runs all cells, and waits until all have run. */
async function runAll(page: Page, address: string): Promise<void> {
  await open(page, address);
  await chooseRun(page, "Run All Cells");
  await page.waitForFunction(`(() => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    return prompts.length > 1 && prompts.every(({ textContent }) => /\\[\\d+\\]/.test(textContent));
  })()`).catch(async (cause) => {
    const outputs = await page.locator(".jp-OutputArea-output").allInnerTexts();
    throw new Error(`Not all cells ran:\n${outputs.join("\n").slice(-2000)}`, { cause });
  });
}

/** Keeps screenshots as on a desktop and on a phone. */
async function keepScreenshots(page: Page, name: string): Promise<void> {
  for (const [device, width] of Object.entries({ desktop: 1280, phone: 390 })) {
    await page.setViewportSize({ width, height: 1600 });
    await page.waitForTimeout(500); // JupyterLite lays its cells out a moment later.
    await keepScreenshot(page, `lite_${name}_${device}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

testInBrowser("the course's notebooks run in JupyterLite, from static files only", async (page) => {
  const site = await makeSite();
  await assertLinksLead(site);
  await using server = serveFolder(site);
  const context = page.context();
  context.setDefaultTimeout(300_000); // The machine may be busy with other tests.
  const elsewhere: string[] = [];
  context.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(server.address) && !/^(data|blob):/.test(address)) {
      elsewhere.push(address);
    }
  });

  // The start page leads to the list, and the list to the notebooks that are offered.
  await page.goto(`${server.address}index.html`);
  await page.getByRole("link", { name: "Run the notebooks here" }).click();
  await page.getByRole("heading", { name: "Notebooks in this browser", level: 1 }).waitFor();
  await assertAccessible(page);
  await keepScreenshots(page, "list");
  assert.equal(await page.getByRole("link", { name: "Files", exact: true }).count(), 1);
  const links = page.locator("main table a");
  assert.deepEqual(await links.allTextContents(), [
    "0. What is nnU-Net, and where do I begin?",
    "A training",
    "Stopping",
  ]);
  const addresses = await Promise.all(
    [0, 1, 2].map(async (i) => server.address + await links.nth(i).getAttribute("href")),
  );

  await runAll(page, addresses[0]);
  const outputs = page.locator(".jp-OutputArea-output");
  await outputs.getByText("3d_cascade_fullres: a block at full resolution").waitFor();
  await outputs.getByRole("img", { name: "Losses while more of a small object is found" })
    .waitFor();
  await outputs.getByText("Error: Cannot open other scans").waitFor();
  await keepScreenshots(page, "start_here");

  const second = await context.newPage();
  await runAll(second, addresses[1]);
  const trained = second.locator(".jp-OutputArea-output");
  await trained.getByText("trained 2 epochs").waitFor();
  await trained.getByText("deviation 1.0").waitFor(); // Normalised, so the bytes were read right.
  await trained.getByText("same size true").waitFor();
  await trained.getByText("generating phantoms").waitFor(); // The bar was replaced, not repeated.
  assert.equal(await trained.getByText("training", { exact: true }).count(), 1);
  await trained.getByRole("slider").first().waitFor();
  await trained.getByText('Cannot use configuration "3d"').waitFor();
  await trained.getByText("loading the library").waitFor();
  await keepScreenshots(second, "training");

  const third = await context.newPage();
  await open(third, addresses[2]);
  await chooseRun(third, "Run All Cells");
  const cell = (i: number) => third.locator(".jp-CodeCell").nth(i);
  await cell(2).getByText("epoch 2 of 1000").waitFor();
  await third.locator("[data-command='notebook:interrupt-kernel']").click();
  await cell(2).getByText("stopped: true").waitFor(); // Only the training; the kernel is kept.
  await cell(3).getByText("Kernel Interrupt").waitFor();
  assert.equal((await cell(4).locator(".jp-InputPrompt").textContent())?.trim(), "[ ]:");
  await cell(3).click();
  await chooseRun(third, "Run Selected Cell and All Below");
  const shown = (i: number) => cell(i).locator(".jp-OutputArea-output").allTextContents();
  await cell(5).getByText("3", { exact: true }).waitFor();
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await shown(3 + i), [`line of cell ${i}\n`.repeat(50), `${i + 1}`]);
  }
  assert.deepEqual(elsewhere, []);
});

Deno.test("litePage() says why notebooks are not offered", () => {
  const { body } = litePage([
    { name: "a b.ipynb", title: "A & B", codeCells: 4, leftOut: ["uses `Deno`"], offered: true },
    {
      name: "c.ipynb",
      title: "C",
      codeCells: 2,
      leftOut: ["uses `Deno`", "needs `x`, which a cell that is left out defines"],
      offered: false,
    },
  ]);
  assert.match(body, /<a href="lite\/notebooks\/index.html\?path=a%20b.ipynb">A &amp; B<\/a>/);
  assert.match(body, /3 of 4<\/td><td>1 uses <code>Deno<\/code>/);
  assert.match(
    body,
    /<td>C<\/td>\n<td>not here<\/td><td>1 uses .*; 1 needs a cell that is left out/,
  );
});

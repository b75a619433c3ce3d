/** Goes through the live course as a reader does. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { runHere } from "../../../kernels/jupyter/site/live_page.ts";
import { formatBytes } from "../../../lib/options/format_bytes.ts";
import { keepScreenshot, moveSlider, openFile, testInBrowser } from "../../browser/browser.ts";
import { type FirefoxPage, testInFirefox } from "../../browser/firefox.ts";
import { serveFolder } from "../../browser/serve_folder.ts";
import { assertAccessible } from "./axe.ts";
import { makeLiveSite } from "./live_site.ts";
import { assertLinksLead } from "./site_checks.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

let site: Promise<string> | undefined;

/** Calls a function with the folder of the site and the address of its live course. */
async function withCourse(use: (address: string, site: string) => Promise<void>): Promise<void> {
  const made = await (site ??= makeLiveSite(folder));
  await using server = serveFolder(made);
  await use(`${server.address}live.html`, made);
}

const slider = (page: Page, name: string) => page.getByRole("slider", { name });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const status = (page: Page, step: string) => page.locator(`#${step} .status`);

/** Keeps a screenshot of a step as it looks on a desktop and on a phone. */
async function keepScreenshots(page: Page, name: string): Promise<void> {
  await keepScreenshot(page, `live_${name}`);
  await page.setViewportSize({ width: 390, height: 844 });
  const [width, visible] = await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  ) as [number, number];
  assert(width <= visible, `the page is ${width} pixels wide on a phone of ${visible}`);
  await keepScreenshot(page, `live_${name}_phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

testInBrowser(
  "the live course goes from phantoms to an exported page, over a stop and a closed tab",
  (first) =>
    withCourse(async (address) => {
      const context = first.context();
      context.setDefaultTimeout(120_000);
      let page = first;
      await page.goto(address);
      await button(page, "Make phantoms").waitFor();
      assert.equal(await page.evaluate("crossOriginIsolated"), false);
      await keepScreenshots(page, "begin");
      await moveSlider(slider(page, "Phantoms"), 5);
      await moveSlider(slider(page, "Voxel size"), 4);
      await button(page, "Make phantoms").click();
      await status(page, "data").getByText("5 phantoms to train on").waitFor();

      // The plans follow the slider.
      const features = page.locator("#plan tr", { hasText: "Features" });
      await features.getByText("8, 16").waitFor();
      await moveSlider(slider(page, "Features of the first stage"), 4);
      await features.getByText("4, 8").waitFor();
      await keepScreenshots(page, "planned");

      // A training that is stopped, resumed, and resumed again after its tab was closed.
      await moveSlider(slider(page, "Epochs"), 8);
      await moveSlider(slider(page, "Steps per epoch"), 30);
      await button(page, "Train").click();
      await page.locator("#train .line").getByText(/Epoch [2-6] of 8/).waitFor();
      await page.locator("#train").getByRole("button", { name: "Stop" }).click();
      await status(page, "train").getByText("Stopped").waitFor();
      await button(page, "Resume").click();
      await page.locator("#train .line").getByText(/Epoch [4-7] of 8/).waitFor();
      await page.close();
      page = await context.newPage();
      await page.bringToFront(); // A page behind others may never be painted for a screenshot.
      await page.goto(address);
      await status(page, "train").getByText(/[2-7] of 8 epochs are trained/).waitFor();
      assert.equal(await slider(page, "Steps per epoch").inputValue(), "30");
      await button(page, "Resume").click();
      await keepScreenshots(page, "training");
      await status(page, "train").getByText("Trained in").waitFor();
      const label = await page.locator("canvas.curves").getAttribute("aria-label");
      assert.match(label!, /^After 8 epochs: training loss/);

      // Other plans have no network, and these have theirs still.
      await moveSlider(slider(page, "Features of the first stage"), 8);
      await button(page, "Train").waitFor();
      await moveSlider(slider(page, "Features of the first stage"), 4);
      await button(page, "Train again").waitFor();

      await button(page, "Segment the test phantom").click();
      await status(page, "predict").getByText(/Mean Dice [01]\.\d{3}/).waitFor();
      await assertAccessible(page);
      await keepScreenshots(page, "predicted");
      await page.emulateMedia({ colorScheme: "dark" });
      await keepScreenshots(page, "dark");

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        button(page, "Save the model as a page").click(),
      ]);
      assert.equal(download.suggestedFilename(), "phantoms.html");
      const exported = join(folder, "phantoms.html");
      await download.saveAs(exported);
      await openFile(page, exported);
      assert.equal(
        await page.evaluate("(async () => (await nnunet.open(), nnunet.facts.name))()"),
        "Dataset001_Phantoms",
      );
    }),
);

/** Waits until a step of the course says something. @throws {AssertionError} If it does not. */
async function stepSays(page: FirefoxPage, step: string, text: RegExp): Promise<void> {
  const until = Date.now() + 120_000; // The machine may be busy with other tests.
  let said = "";
  while (!text.test(said)) {
    assert.ok(Date.now() < until, `${step} does not say ${text}: ${said}`);
    said = await page.evaluate(`async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const problem = document.querySelector("[role=alert]");
      return problem?.textContent || document.querySelector("#${step}").textContent;
    }`);
  }
}

/** Presses a button of the course as soon as it is enabled. */
const press = (page: FirefoxPage, name: string) =>
  page.evaluate(`async () => {
    const button = [...document.querySelectorAll("main button")]
      .find(({ textContent }) => textContent === ${JSON.stringify(name)});
    while (button.disabled) await new Promise((resolve) => setTimeout(resolve, 50));
    button.click();
  }`);

/** Moves a slider of the course. */
const setSlider = (page: FirefoxPage, name: string, value: number) =>
  page.evaluate(`() => {
    const slider = [...document.querySelectorAll("input[type=range]")]
      .find(({ labels }) => labels[0].textContent.includes(${JSON.stringify(name)}));
    slider.value = ${value};
    for (const type of ["input", "change"]) slider.dispatchEvent(new Event(type));
  }`);

testInFirefox(
  "the live course trains and segments in Firefox",
  (page) =>
    withCourse(async (address) => {
      await page.goto(address);
      await stepSays(page, "data", /Make phantoms/);
      await setSlider(page, "Phantoms", 5);
      await setSlider(page, "Voxel size", 4);
      await press(page, "Make phantoms");
      await stepSays(page, "data", /5 phantoms to train on/);
      await setSlider(page, "Epochs", 2);
      await setSlider(page, "Steps per epoch", 5);
      await press(page, "Train");
      await stepSays(page, "train", /Trained in/);
      await press(page, "Segment the test phantom");
      await stepSays(page, "predict", /Mean Dice [01]\.\d{3}/);
    }),
);

testInBrowser(
  "the live course says why it cannot run or keep files",
  (page) =>
    withCourse(async (address, site) => {
      const context = page.context();
      context.setDefaultTimeout(120_000);
      await openFile(page, join(site, "live.html"));
      const problem = page.getByRole("alert");
      await problem.getByText(/opened from a disk/).waitFor();
      await assertAccessible(page);
      await keepScreenshot(page, "live_from_disk");

      const without = async (script: string) => {
        const page = await context.newPage();
        await page.addInitScript(script);
        await page.goto(address);
        return page;
      };
      const old = await without("delete globalThis.WebAssembly");
      await old.getByRole("alert").getByText("runs no WebAssembly").waitFor();
      await old.close();
      const refusing = await without(
        "StorageManager.prototype.getDirectory = () => Promise.reject(new Error('not allowed'))",
      );
      await refusing.locator("#files").getByText("ends with this tab: the browser refuses: not")
        .waitFor();
      await refusing.close();

      // A second tab must not write the same files.
      const one = await without("");
      await button(one, "Make phantoms").waitFor();
      const two = await without("");
      await two.getByRole("alert").getByText("another tab uses them").waitFor();
    }),
);

testInBrowser(
  "the live course says how much of it is loaded",
  (page) =>
    withCourse(async (address) => {
      page.context().setDefaultTimeout(120_000);
      const held = Promise.withResolvers<void>();
      await page.route("**/openjpeg.wasm", async (route) => {
        await held.promise;
        await route.continue();
      });
      await page.goto(address);
      await page.locator("#live .line").getByText(/^14\.\d MB of 1[45]\.\d MB/).waitFor();
      const bar = page.getByRole("progressbar", { name: "Loading" });
      const [share, size] = await bar.evaluate((bar) => {
        const { value, max } = bar as unknown as { value: number; max: number };
        return [value / max, max];
      });
      assert(share > 0.9 && share < 1, `${share} is loaded`);
      await page.getByText(`Loading ${formatBytes(size)} of WebAssembly`).waitFor();
      await keepScreenshots(page, "loading");
      held.resolve();
      await button(page, "Make phantoms").waitFor();
      assert.equal(await bar.count(), 0);
    }),
);

testInBrowser(
  "the live course says that it needs https when another machine serves it",
  (page) =>
    withCourse(async (address) => {
      page.context().setDefaultTimeout(120_000);
      await page.goto(address.replace("127.0.0.1", "elsewhere.test"));
      await page.getByRole("alert").getByText("came over http from another machine").waitFor();
      await assertAccessible(page);
      await keepScreenshots(page, "http");
    }),
  ["--host-resolver-rules=MAP elsewhere.test 127.0.0.1"],
);

Deno.test("notebooks 1 to 5 link to the step that does the same", async () => {
  assert.match(runHere("02_planning.ipynb"), /href="live.html#plan"/);
  assert.equal(runHere("06_ensembles.ipynb"), "");
  await withCourse((_, site) => assertLinksLead(site));
});

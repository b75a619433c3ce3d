/**
 * Pages in a headless Chromium, for tests that look at what people see.
 *
 * Chromium is `NNUNET_TEST_CHROMIUM`, or one on the PATH. Screenshots are kept in the folder that
 * `NNUNET_TEST_SCREENSHOTS` names.
 */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "@std/path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

const executable = Deno.env.get("NNUNET_TEST_CHROMIUM") ??
  findOnPath(["chromium", "chromium-browser", "google-chrome"]);

/** Whether there is a Chromium. */
export const hasBrowser = executable !== undefined;

/** What a test's name ends with where there is no Chromium. */
export const browserMissing = " (skipped: install chromium or set NNUNET_TEST_CHROMIUM)";

/** Defines a test on a page of its own; an error that a script of the page throws fails it. */
export function testInBrowser(name: string, fn: (page: Page) => Promise<void>): void {
  Deno.test({
    name: hasBrowser ? name : name + browserMissing,
    ignore: !hasBrowser,
    // The driver keeps its pipes a moment longer than its browser.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withPage(fn),
  });
}

/** Opens a page, and closes its browser afterwards. @throws {Error} What its scripts throw. */
export async function withPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const browser: Browser = await chromium.launch({
    executablePath: executable!,
    // In containers tests run as root, with a small /dev/shm. Software drawing gives WebGL anywhere.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    const result = await use(page);
    assert.deepEqual(errors, []);
    return result;
  } finally {
    await browser.close();
  }
}

/** Shows HTML as an output of a cell, within a page. */
export async function showHtml(page: Page, html: string): Promise<void> {
  await page.setContent(`<!doctype html><meta charset="utf-8"><body>${html}</body>`);
}

/** Opens a file. */
export async function openFile(page: Page, path: string): Promise<void> {
  await page.goto(pathToFileURL(path).href);
}

/** Moves a slider as a hand does: value, `input`, `change`. */
export async function moveSlider(slider: Locator, value: number): Promise<void> {
  await slider.fill(`${value}`);
}

/** What an element looks like: equal pictures give equal strings. */
export async function lookOf(element: Locator): Promise<string> {
  const picture = await element.screenshot({ animations: "disabled" });
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(picture));
  return new Uint8Array(hash).toHex();
}

/** Asserts that an act changes what an element looks like. */
export async function assertChangesLook(element: Locator, act: () => Promise<void>): Promise<void> {
  const before = await lookOf(element);
  await act();
  assert.notEqual(await lookOf(element), before, "Looks the same as before");
}

/** Keeps a screenshot of the whole page, if screenshots are wanted. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("NNUNET_TEST_SCREENSHOTS");
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  for (const name of names) {
    for (const folder of folders) {
      try {
        const path = join(folder, name);
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // Not in this folder.
      }
    }
  }
}

/**
 * Opens pages in a headless Chromium, for tests of what users see.
 *
 * `NNUNET_TEST_CHROMIUM` is the path of Chromium, by default one on the PATH. Screenshots are saved
 * in the folder `NNUNET_TEST_SCREENSHOTS`, if it is set.
 */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "@std/path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

const executable = Deno.env.get("NNUNET_TEST_CHROMIUM") ??
  findOnPath(["chromium", "chromium-browser", "google-chrome"]);

/** Whether Chromium is installed. */
export const hasBrowser = executable !== undefined;

/** Suffix of the names of tests that are skipped without Chromium. */
export const browserMissing = " (skipped: install chromium or set NNUNET_TEST_CHROMIUM)";

/** Arguments with which software rendering provides WebGPU, too. */
export const webgpuArguments: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/** Defines a test with a new page; it fails if a script of the page throws. */
export function testInBrowser(
  name: string,
  fn: (page: Page) => Promise<void>,
  browserArguments?: readonly string[],
): void {
  Deno.test({
    name: hasBrowser ? name : name + browserMissing,
    ignore: !hasBrowser,
    // The driver closes its pipes a moment after its browser.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withPage(fn, browserArguments),
  });
}

/** Runs a function with a new page. @throws {AssertionError} If a script of the page throws. */
export async function withPage<T>(
  use: (page: Page) => Promise<T>,
  browserArguments: readonly string[] = [],
): Promise<T> {
  const browser: Browser = await chromium.launch({
    executablePath: executable!,
    // In containers, tests run as root with a small /dev/shm. Software rendering provides WebGL.
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--enable-unsafe-swiftshader",
      ...browserArguments,
    ],
  });
  try {
    // A context of its own lets axe-core open pages beside this one.
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    const result = await use(page);
    assert.deepEqual(errors, []);
    return result;
  } finally {
    await browser.close();
  }
}

/** Shows HTML in a page, as a cell's output is shown. */
export async function showHtml(page: Page, html: string): Promise<void> {
  await page.setContent(`<!doctype html><meta charset="utf-8"><body>${html}</body>`);
}

/** Opens a file in a page. */
export async function openFile(page: Page, path: string): Promise<void> {
  await page.goto(pathToFileURL(path).href);
}

/** Moves a slider as a user does, with `input` and `change` events. */
export async function moveSlider(slider: Locator, value: number): Promise<void> {
  await slider.fill(`${value}`);
}

/** Returns the hash of an element's screenshot, to compare how elements look. */
export async function lookOf(element: Locator): Promise<string> {
  const picture = await element.screenshot({ animations: "disabled" });
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(picture));
  return new Uint8Array(hash).toHex();
}

/** Asserts that an action changes how an element looks. */
export async function assertChangesLook(element: Locator, act: () => Promise<void>): Promise<void> {
  const before = await lookOf(element);
  await act();
  assert.notEqual(await lookOf(element), before, "Looks the same as before");
}

/** Saves a screenshot of the whole page if `NNUNET_TEST_SCREENSHOTS` is set. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("NNUNET_TEST_SCREENSHOTS");
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Returns the path of the first program that is installed. */
export function findOnPath(names: readonly string[]): string | undefined {
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

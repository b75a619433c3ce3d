/** Checks a site as its readers meet it: links, private paths, narrow windows, accessibility. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { JSDOM } from "jsdom";
import type { Page } from "playwright-core";
import { keepScreenshot, openFile } from "../../browser/browser.ts";
import { assertAccessible } from "./axe.ts";

/** Widths of a desktop's and a phone's window. */
const widths = { desktop: 1280, phone: 400 } as const;

/** Names of the pages of a site. */
export function pagesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".html")).toSorted();
}

/** Asserts that links within the site lead somewhere, to files and to parts of pages. */
export async function assertLinksLead(folder: string): Promise<void> {
  const pages = new Map(
    await Promise.all(
      pagesOf(folder).map(async (name) =>
        [name, new JSDOM(await Deno.readTextFile(join(folder, name))).window.document] as const
      ),
    ),
  );
  const dead: string[] = [];
  for (const [name, document] of pages) {
    for (const element of document.querySelectorAll("[href], [src]")) {
      const address = element.getAttribute("href") ?? element.getAttribute("src")!;
      if (/^[a-z]+:/i.test(address)) continue;
      const [file, part] = address.replace(/\?[^#]*/, "").split("#");
      const target = pages.get(file === "" ? name : file);
      const exists = target !== undefined || await isFile(join(folder, file));
      const hasPart = !part || target?.getElementById(decodeURIComponent(part));
      if (!exists || !hasPart) dead.push(`${name}: ${address}`);
    }
  }
  assert.deepEqual(dead, []);
}

/** Asserts that no file of the site has one of the texts, such as a folder of this machine. */
export async function assertWithout(folder: string, texts: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const place of [folder, join(folder, "assets")]) {
    for await (const { name, isFile } of Deno.readDir(place)) {
      if (!isFile || !/\.(html|js|css|svg)$/.test(name)) continue;
      const content = await Deno.readTextFile(join(place, name));
      for (const text of texts) {
        const at = content.indexOf(text);
        if (at >= 0) found.push(`${name}: ${content.slice(Math.max(0, at - 60), at + 60)}`);
      }
    }
  }
  assert.deepEqual(found, []);
}

/**
 * Asserts that every page fits into desktops' and phones' windows and that axe-core finds no
 * violation, in light and dark. Screenshots of all are kept if `NNUNET_TEST_SCREENSHOTS` is set.
 *
 * @param onPage Called after each page.
 */
export async function assertReadable(
  page: Page,
  folder: string,
  onPage: (name: string, device: string) => void = () => {},
): Promise<void> {
  for (const [device, width] of Object.entries(widths)) {
    await page.setViewportSize({ width, height: 900 });
    for (const name of pagesOf(folder)) {
      await openFile(page, join(folder, name));
      await seeAll(page);
      const overflow = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than a ${device}'s window`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await keepScreenshot(page, `site_${name.replace(".html", "")}_${device}_${colorScheme}`);
      }
      await assertAccessible(page);
      onPage(name, device);
    }
  }
}

/** Scrolls through a page, so that all its views and pictures are loaded. */
export async function seeAll(page: Page): Promise<void> {
  const scroll = (y: number) => page.evaluate(`scrollTo({ top: ${y}, behavior: "instant" })`);
  const height = await page.evaluate<number>("document.documentElement.scrollHeight");
  for (let y = 0; y < height; y += 600) {
    await scroll(y);
    await page.waitForTimeout(50);
  }
  await page.waitForFunction(`
    [...document.querySelectorAll("[data-chart], [data-live]")].every((view) =>
      view.dataset.live === "loaded" || view.offsetParent === null
    )`);
  await scroll(0);
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

/** Opens pages that have the library, and calls functions in them. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { libraryParts } from "../../lib/browser/library_parts.ts";
import type * as library from "../../lib/browser/mod.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { serveFolder } from "./serve_folder.ts";

/** What `nnunet/browser` exports, or its counterparts for a disk. */
export type Library = typeof library;

/** Makes a site with an empty page that has the library. */
export async function withLibrarySite(
  use: (address: string, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const parts = await libraryParts();
    for await (const { name } of Deno.readDir(parts)) {
      await Deno.copyFile(join(parts, name), join(folder, name));
    }
    await Deno.writeTextFile(
      join(folder, "index.html"),
      '<!doctype html><html lang="en"><title>nnU-Net</title><script src="nnunet.js"></script>',
    );
    await using server = serveFolder(folder);
    await use(server.address, folder);
  });
}

/**
 * Calls a function with the library in a page.
 *
 * @param work Is sent as text, so it uses nothing but its arguments.
 */
export async function callInPage<A, R>(
  page: Page,
  work: (nnunet: Library, argument: A) => Promise<R>,
  argument: A,
): Promise<R> {
  return await page.evaluate(
    `(${work})(nnunet, ${JSON.stringify(argument)})`,
  ) as R;
}

/** Opens the page and loads what the library needs. @param kept Whether files are kept. */
export async function openLibrary(page: Page, address: string, kept = false): Promise<void> {
  await page.goto(address);
  await page.evaluate(`nnunet.openParts("./")`);
  if (kept) assert.deepEqual(await page.evaluate(`nnunet.keepFiles("test")`), { kept: true });
}

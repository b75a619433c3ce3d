/** Trains in a page and compares with the same training in Deno. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import * as library from "../../lib/browser/mod.ts";
import { libraryParts } from "../../lib/browser/library_parts.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { testInBrowser } from "./browser.ts";
import { serveFolder } from "./serve_folder.ts";
import {
  type Library,
  prepare,
  train,
  type TrainingChoice,
  type TrainingOutcome,
} from "./training_in_page.ts";

/** Makes a site with an empty page that has the library. */
async function withSite(use: (address: string, folder: string) => Promise<void>): Promise<void> {
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

/** Calls a function of `training_in_page.ts` in a page. */
async function inPage<A, R>(
  page: Page,
  work: (nnunet: Library, argument: A) => Promise<R>,
  argument: A,
): Promise<R> {
  return await page.evaluate(
    `(${work})(nnunet, ${JSON.stringify(argument)})`,
  ) as R;
}

/** Opens the page and loads what the library needs. @param kept Whether files are kept. */
async function open(page: Page, address: string, kept = false): Promise<void> {
  await page.goto(address);
  await page.evaluate(`nnunet.openParts("./")`);
  if (kept) assert.deepEqual(await page.evaluate(`nnunet.keepFiles("test")`), { kept: true });
}

function assertClose(found: readonly number[], expected: readonly number[], tolerance: number) {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    assert(Math.abs(value - expected[i]) <= tolerance, `${i}: ${value}, expected ${expected[i]}`);
  });
}

testInBrowser(
  "20 steps in a page have the losses of Deno, and the page responds meanwhile",
  (page) =>
    withSite(async (address) => {
      const choice = { epochs: 1, iterations: 20 };
      await open(page, address);
      await inPage(page, prepare, "/data");
      await page.evaluate(`
      globalThis.longestGap = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        longestGap = Math.max(longestGap, now - last);
        last = now;
      }, 10)`);
      const found = await inPage(page, train, { ...choice, root: "/data" });
      const gap = await page.evaluate("longestGap") as number;
      const expected = await withTemporaryFolder(async (root) => {
        await prepare(library, root);
        return await train(library, { ...choice, root });
      });
      assert.equal(found.losses.length, 20);
      assertClose(found.losses, expected.losses, 1e-4);
      assertClose(found.epochs.flat(), expected.epochs.flat(), 1e-4);
      assert(gap < 1500, `The page did not respond for ${gap} ms`);
    }),
);

testInBrowser(
  "a training in a page that is stopped ten times loses nothing",
  (page) =>
    withSite(async (address) => {
      const choice = { root: "/data", epochs: 3, iterations: 6 };
      await open(page, address);
      await inPage(page, prepare, "/data");
      const unbroken = await inPage(page, train, choice);
      const random = createGenerator(1);
      let stops = 0;
      let outcome: TrainingOutcome = {
        losses: [],
        sum: 0,
        epochs: [],
        finishedBefore: 0,
        stopped: true,
      };
      let losses: number[] = [];
      while (outcome.stopped) {
        const isFirst = losses.length === 0;
        outcome = await inPage<TrainingChoice, TrainingOutcome>(page, train, {
          ...choice,
          resume: !isFirst,
          sumBefore: outcome.sum,
          ...stops < 10 && { stopAfter: random.integer(1, 3) },
        });
        losses = [...losses, ...outcome.losses];
        stops += outcome.stopped ? 1 : 0;
      }
      assert.equal(stops, 10);
      assertClose(losses, unbroken.losses, 1e-6);
      assertClose(outcome.epochs.flat(), unbroken.epochs.flat(), 1e-6);
    }),
);

testInBrowser(
  "a training goes on after its tab was closed in its midst",
  (page) =>
    withSite(async (address) => {
      const choice = { root: "/data", epochs: 4, iterations: 8 };
      await open(page, address, true);
      await inPage(page, prepare, "/data");
      const unbroken = await inPage(page, train, choice);
      await page.evaluate(
        `void (${train})(nnunet, ${
          JSON.stringify(choice)
        }); globalThis.reached = async () => (await nnunet.readTrainingLog(
      "/data/nnUNet_results/Dataset001_Phantoms/nnUNetTrainer__nnUNetPlans__3d_fullres/fold_0",
    ))?.log.trainLosses.length ?? 0`,
      );
      while (await page.evaluate("reached()") as number < 2) await page.waitForTimeout(20);
      const next = await page.context().newPage();
      await page.close();
      await open(next, address, true);
      const resumed = await inPage<TrainingChoice, TrainingOutcome>(next, train, {
        ...choice,
        resume: true,
      });
      assert(resumed.finishedBefore >= 1, `${resumed.finishedBefore} epochs were kept`);
      assertClose(resumed.epochs.flat(), unbroken.epochs.flat(), 1e-6);
    }),
);

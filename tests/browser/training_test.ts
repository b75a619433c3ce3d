/** Trains in a page and compares with the same training in Deno. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import * as library from "../../lib/browser/mod.ts";
import { decodeCheckpoint, type NnunetCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { testInBrowser } from "./browser.ts";
import { callInPage, openLibrary, withLibrarySite } from "./library_page.ts";
import { prepare, train, type TrainingChoice, type TrainingOutcome } from "./training_in_page.ts";

function assertClose(found: readonly number[], expected: readonly number[], tolerance: number) {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    assert(Math.abs(value - expected[i]) <= tolerance, `${i}: ${value}, expected ${expected[i]}`);
  });
}

testInBrowser(
  "20 steps in a page have the losses of Deno, and the page responds meanwhile",
  (page) =>
    withLibrarySite(async (address) => {
      const choice = { epochs: 1, iterations: 20 };
      await openLibrary(page, address);
      await callInPage(page, prepare, { root: "/data" });
      // If steps ran in the page's thread, it would have a few turns between them.
      await page.evaluate(`
        globalThis.turns = 0;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          turns++;
          setTimeout(() => port2.postMessage(0));
        };
        port2.postMessage(0);`);
      const found = await callInPage(page, train, { ...choice, root: "/data" });
      const turns = await page.evaluate("turns") as number;
      const expected = await withTemporaryFolder(async (root) => {
        await prepare(library, { root });
        return await train(library, { ...choice, root });
      });
      assert.equal(found.losses.length, 20);
      assertClose(found.losses, expected.losses, 1e-4);
      assertClose(found.epochs.flat(), expected.epochs.flat(), 1e-4);
      assert(turns > 100 * choice.iterations, `The page had ${turns} turns`);
    }),
);

testInBrowser(
  "a training in a page that is stopped ten times loses nothing",
  (page) =>
    withLibrarySite(async (address) => {
      const choice = { root: "/data", epochs: 3, iterations: 6 };
      await openLibrary(page, address);
      await callInPage(page, prepare, { root: "/data" });
      const unbroken = await callInPage(page, train, choice);
      const random = createGenerator(1);
      let stops = 0;
      let outcome: TrainingOutcome = {
        losses: [],
        sum: 0,
        epochs: [],
        finishedBefore: 0,
        folder: "",
        stopped: true,
      };
      let losses: number[] = [];
      while (outcome.stopped) {
        const isFirst = losses.length === 0;
        outcome = await callInPage<TrainingChoice, TrainingOutcome>(page, train, {
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
  "a training in a page that is stopped five times and whose tab is closed five times ends as an " +
    "unbroken one",
  (first) =>
    withLibrarySite(async (address) => {
      const context = first.context();
      context.setDefaultTimeout(120_000);
      let page = first;
      await openLibrary(page, address, true);
      const choice = { epochs: 10, iterations: 4 };
      await callInPage(page, prepare, { root: "/unbroken" });
      const unbroken = await callInPage(page, train, { ...choice, root: "/unbroken" });
      const expected = await finalCheckpoint(page, unbroken);
      await callInPage(page, prepare, { root: "/broken" });
      const random = createGenerator(1);
      for (let broken = 0; broken < 10; broken++) {
        const run = { ...choice, root: "/broken", resume: broken > 0 };
        const steps = random.integer(1, 6);
        if (broken % 2 === 0) {
          const { stopped } = await callInPage<TrainingChoice, TrainingOutcome>(page, train, {
            ...run,
            stopAfter: steps,
          });
          assert(stopped, `The training ended after ${broken} interruptions`);
          continue;
        }
        await page.evaluate(`void (${train})(nnunet, ${JSON.stringify(run)})`);
        await page.waitForFunction(`trainedSteps >= ${steps}`, undefined, { polling: 5 });
        // Within a step, a validation step or the writing of a checkpoint.
        await page.waitForTimeout(random.integer(0, 150));
        const next = await context.newPage();
        await page.close();
        page = next;
        await openLibrary(page, address, true);
      }
      const resumed = await callInPage<TrainingChoice, TrainingOutcome>(page, train, {
        ...choice,
        root: "/broken",
        resume: true,
      });
      assert(resumed.finishedBefore >= 1, "No epoch survived the interruptions");
      assert.equal(unbroken.epochs.length, choice.epochs);
      assert.deepEqual(resumed.epochs, unbroken.epochs);
      const found = await finalCheckpoint(page, resumed);
      assert.deepEqual(found.networkWeights, expected.networkWeights);
      assert.deepEqual(found.optimizer, expected.optimizer);
    }),
);

/** Reads the checkpoint that a finished training has left in the page's files. */
async function finalCheckpoint(
  page: Page,
  { folder }: TrainingOutcome,
): Promise<NnunetCheckpoint> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.evaluate(`nnunet.downloadFile("${folder}/checkpoint_final.pth")`),
  ]);
  return decodeCheckpoint(await Deno.readFile(await download.path()));
}

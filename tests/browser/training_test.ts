/** Trains in a page and compares with the same training in Deno. */

import assert from "node:assert/strict";
import * as library from "../../lib/browser/mod.ts";
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
      await callInPage(page, prepare, "/data");
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
        await prepare(library, root);
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
      await callInPage(page, prepare, "/data");
      const unbroken = await callInPage(page, train, choice);
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
  "a training goes on after its tab was closed in its midst",
  (page) =>
    withLibrarySite(async (address) => {
      const choice = { root: "/data", epochs: 4, iterations: 8 };
      await openLibrary(page, address, true);
      await callInPage(page, prepare, "/data");
      const unbroken = await callInPage(page, train, choice);
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
      await openLibrary(next, address, true);
      const resumed = await callInPage<TrainingChoice, TrainingOutcome>(next, train, {
        ...choice,
        resume: true,
      });
      assert(resumed.finishedBefore >= 1, `${resumed.finishedBefore} epochs were kept`);
      assertClose(resumed.epochs.flat(), unbroken.epochs.flat(), 1e-6);
    }),
);

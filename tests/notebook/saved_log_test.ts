/** Tests what is shown of a training that ran before. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { renderCurves } from "../../lib/display/curves.ts";
import { savedLog, ScoreBoard, watch } from "../../lib/notebook/mod.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { abortWhen, fit, tinyPlans, tinyTrainer } from "../trainer/tiny_trainer.ts";

// The workers that draw curves are kept for later calls.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeResources: false, sanitizeOps: false });

test("savedLog() has the epochs of a training that was stopped or has ended", async () => {
  const plans = tinyPlans();
  const trainer = tinyTrainer({}, plans);
  assert.equal(await savedLog(trainer.folder), undefined);
  const { options } = abortWhen(({ epoch }) => epoch === 1);
  await assert.rejects(fit(trainer, options), /Enough/);
  assert.equal((await savedLog(trainer.folder))?.trainLosses.length, 1);
  const { log } = (await fit(trainer, { resume: true })).at(-1)!;
  assert.deepEqual(await savedLog(trainer.folder), log);
});

test("progress.png has the curves of the log", async () => {
  const trainer = tinyTrainer();
  const { log } = (await fit(trainer)).at(-1)!;
  const written = await Deno.readFile(join(trainer.folder, "progress.png"));
  assert.deepEqual(written, await renderCurves(log));
});

test("watch() shows the curves of a training that has ended", () =>
  withTemporaryFolder(async (folder) => {
    const trainer = tinyTrainer();
    const { log } = (await fit(trainer)).at(-1)!;
    const file = join(folder, "curves.png");
    const again = await watch(trainer, { validation: false, file });
    assert.deepEqual(again, { log, interrupted: false, file });
    assert.ok((await Deno.stat(file)).size > 0);
  }));

Deno.test("ScoreBoard has dashes for missing scores, and the mean of the others", () => {
  const board = new ScoreBoard(["2d", "3d"], ["fold 0", "fold 1"], { corner: "model" });
  board.set("2d", "fold 0", 0.5);
  board.set("2d", "fold 1", 0.9);
  assert.deepEqual(board.output.text.split("\n").map((row) => row.split(/ {2,}/)), [
    ["model", "fold 0", "fold 1", "mean"],
    ["2d", "0.500", "0.900", "0.700"],
    ["3d", "–", "–", "–"],
  ]);
});

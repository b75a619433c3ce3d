import assert from "node:assert/strict";
import { join } from "@std/path";
import { Trainer } from "../../lib/trainer.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import {
  final,
  fit,
  previousStageFolder,
  short,
  withCascade,
  writePreviousStage,
} from "./tiny_trainer.ts";

Deno.test("Trainer.fit() trains a cascade on the stage before, and says which folds that lacks", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 2 };
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  await writePreviousStage(plans, ["c0", "c1", "c3"]);
  // Folds of five cases: c0, c4, c3, c1, c2.
  await assert.rejects(fit(trainer), {
    message: `Cannot train 3d_cascade_fullres: found no 3d_lowres segmentations of 2 of 5 cases ` +
      `(c2, c4) in ${previousStageFolder(plans)}; train and validate folds 1, 4 of 3d_lowres first`,
  });
  await writePreviousStage(plans, ["c2", "c4"]);
  await fit(trainer);
  const { networkWeights } = await final(trainer);
  const first = networkWeights.get("encoder.stages.0.0.convs.0.conv.weight")!;
  assert.equal(first.shape[1], 1 + 2);
});

Deno.test("Trainer.fit() leaves what a cascade's next stage needs", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 1 };
  for (const fold of [0, 1, 2, 3, 4]) {
    await fit(new Trainer(plans, "3d_lowres", { ...short, ...once, fold }), { validation: {} });
  }
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  await fit(trainer, { validation: {} });
  assert.deepEqual(namesIn(join(trainer.folder, "validation")), ["c0.nii.gz", "summary.json"]);
});

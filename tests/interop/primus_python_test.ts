/** Tests that Python's nnU-Net uses our checkpoints of Primus, and that we use its. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { inferenceNames } from "../../lib/model/inference_graph.ts";
import { openModel } from "../../lib/model/open_model.ts";
import { Plans } from "../../lib/plans.ts";
import { Session } from "../../lib/runtime/session.ts";
import { Trainer } from "../../lib/trainer.ts";
import { tensor } from "../graph/run_graph.ts";
import { makeTinyPlans, withOwnResults } from "../tiny_scans.ts";
import { runPython, testWithPython } from "../with_python.ts";

const script = decodeURIComponent(new URL("primus_in_python.py", import.meta.url).pathname);

testWithPython("checkpoints of nnUNet_Primus_S_Trainer go to Python and back", async (folder) => {
  const { plans: made, root } = await makeTinyPlans();
  try {
    const own = withOwnResults(made, folder);
    const fullres = own.plansData.configurations["3d_fullres"]!;
    const plans = new Plans({
      ...own,
      plansData: {
        ...own.plansData,
        configurations: { "3d_fullres": { ...fullres, patchSize: [16, 16, 16] } },
      },
    });
    const trainer = new Trainer(plans, "3d_fullres", {
      trainer: "nnUNet_Primus_S_Trainer",
      epochs: 1,
      iterations: 2,
      validationIterations: 1,
      threads: 1,
    });
    await Array.fromAsync(trainer.fit({ validation: false }));

    const output = await runPython(script, plans.folders.results, trainer.modelFolder);
    const found = JSON.parse(output.split("\n").at(-1)!);
    // Two steps of two patches: nothing in the state but what training has put there.
    assert.deepEqual([found.steps, found.epoch], [2, 1]);
    assert.deepEqual([found.betas, found.weightDecay], [[0.9, 0.98], 0.05]);
    assert.ok(Number.isFinite(found.loss));
    await assertLogits(trainer.modelFolder, 0, found.predicted);
    await assertLogits(trainer.modelFolder, 1, found.retrained);
    const path = join(trainer.modelFolder, "fold_1", "checkpoint_final.pth");
    const { optimizer, networkWeights } = await readCheckpoint(path);
    assert.ok(optimizer && "means" in optimizer);
    assert.equal(optimizer.steps, 3);
    assert.equal(optimizer.means.size, networkWeights.size);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function assertLogits(folder: string, fold: number, expected: readonly number[]) {
  const { models: [model] } = await openModel(folder, { folds: [fold] });
  const session = await Session.create(model, { threads: 1 });
  const shape = [1, 1, 16, 16, 16];
  const data = Float32Array.from({ length: 16 ** 3 }, (_, i) => Math.sin(i));
  const { logits } = await session.run({ [inferenceNames.image]: tensor({ shape, data }) });
  await session.release();
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const difference = Math.abs(Number(logits.data[i * 97]) - value);
    assert.ok(difference <= 1e-4 * largest, `fold ${fold}: ${logits.data[i * 97]}, not ${value}`);
  });
}

import assert from "node:assert/strict";
import { Graph } from "../../../lib/graph/graph.ts";
import { crossEntropyLoss, diceLoss } from "../../../lib/training/step/losses.ts";
import { lossesWhileFound, pullOnLogits } from "../../../notebooks/helpers/loss_behaviour.ts";
import { runGraph, tensor } from "../../graph/run_graph.ts";

const [VOXELS, OBJECT] = [2000, 8];

/** The library's losses for a patch whose voxels have these logits of the object's class. */
async function lossesOf(logitOf: (voxel: number) => number) {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2, 1, VOXELS]);
  const target = graph.input("target", "int32", [1, 1, 1, VOXELS]);
  graph.output("dice", diceLoss({ count: 2 }, { batchDice: false })(x, target));
  graph.output("crossEntropy", crossEntropyLoss({ count: 2 })(x, target));
  const logits = Float32Array.from(
    { length: 2 * VOXELS },
    (_, i) => i < VOXELS ? 0 : logitOf(i - VOXELS),
  );
  const labels = Int32Array.from({ length: VOXELS }, (_, voxel) => voxel < OBJECT ? 1 : 0);
  const { dice, crossEntropy } = await runGraph(graph, {
    x: tensor({ shape: x.shape, data: logits }),
    target: { type: "int32", shape: target.shape, data: labels },
  });
  return { dice: Number(dice.data[0]), crossEntropy: Number(crossEntropy.data[0]) };
}

const sure = Math.log((1 - 1e-5) / 1e-5);

Deno.test("lossesWhileFound() has the values of the library's losses", async () => {
  const found = lossesWhileFound(OBJECT / VOXELS);
  for (const share of [0, 0.25, 0.5, 1]) {
    const losses = await lossesOf((voxel) => voxel < share * OBJECT ? sure : -sure);
    const i = found.x.indexOf(share);
    assert.ok(Math.abs(1 + losses.dice - found.dice[i]) < 1e-3, `Dice at ${share}`);
    const ratio = losses.crossEntropy / found.crossEntropy[i];
    assert.ok(Math.abs(ratio - 1) < 0.02, `cross-entropy at ${share}: ${ratio}`);
  }
});

Deno.test("pullOnLogits() is proportional to the slope of the library's losses", async () => {
  const pull = pullOnLogits(OBJECT / VOXELS);
  const slopeAt = async (p: number) => {
    const [before, after] = await Promise.all(
      [-0.05, 0.05].map((shift) =>
        lossesOf((voxel) => voxel < OBJECT ? Math.log(p / (1 - p)) + shift : -sure)
      ),
    );
    return {
      dice: before.dice - after.dice,
      crossEntropy: before.crossEntropy - after.crossEntropy,
    };
  };
  const [low, high] = [4, 20];
  const [atLow, atHigh] = await Promise.all([low, high].map((i) => slopeAt(pull.x[i])));
  for (const name of ["dice", "crossEntropy"] as const) {
    const expected = atLow[name] / atHigh[name];
    const ratio = pull[name][low] / pull[name][high] / expected;
    assert.ok(Math.abs(ratio - 1) < 0.02, `${name}: ${ratio}`);
  }
});

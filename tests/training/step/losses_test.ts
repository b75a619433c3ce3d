import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import {
  deeplySupervised,
  deepSupervisionWeights,
  diceAndCrossEntropy,
  diceAndTopK,
  type Loss,
  topKLoss,
} from "../../../lib/training/step/losses.ts";
import type { Heads } from "../../../lib/model/heads.ts";
import { oneHot } from "../../../lib/labels/label_rule_graph.ts";
import { truthOf } from "../../../lib/training/step/targets.ts";
import { lcg } from "../../golden/lcg.ts";
import golden from "../../golden/training.json" with { type: "json" };
import { runGraph, tensor } from "../../graph/run_graph.ts";

const regions = [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }];

type Case = typeof golden.losses["2D"] & {
  readonly ignore?: number;
  readonly regions?: readonly (readonly number[])[];
  readonly shift?: number;
};

/** Draws labels and the logits of every output, as `golden/training.py` does. */
function draw({ size, batch, classes, labels: count, outputs, shift = 0 }: Case) {
  const random = lcg(3);
  const labels = Int32Array.from(
    { length: batch * sizeOf(size) },
    () => Math.floor(random() * count),
  );
  labels.fill(0, 0, sizeOf(size) / 2);
  for (let i = 0; i < labels.length; i++) labels[i] += shift;
  const logits = Array.from({ length: outputs }, (_, level) => {
    const shape = [batch, classes, ...size.map((extent) => extent / 2 ** level)];
    const data = Array.from(
      { length: sizeOf(shape) },
      () => (random() * 6 - 3) * (level + 1),
    );
    return { shape, data };
  });
  return { labels, logits };
}

const headsIn = ({ classes: count, regions, ignore: ignoreLabel }: Case): Heads => ({
  count,
  regions: regions?.map((labels, i) => ({ labels, outputLabel: i + 1 })),
  ignoreLabel,
});

/** Compares a loss with nnU-Net's value for the same logits and labels. */
async function assertLoss(loss: Loss, setting: Case) {
  const { labels, logits } = draw(setting);
  const graph = new Graph();
  const target = graph.input("target", "int32", [setting.batch, ...setting.size]);
  const outputs = logits.map(({ shape }, i) => graph.input(`x${i}`, "float32", shape));
  graph.output("loss", deeplySupervised(loss, outputs, target));
  const found = await runGraph(graph, {
    target: { type: "int32", shape: target.shape, data: labels },
    ...Object.fromEntries(logits.map((x, i) => [`x${i}`, tensor(x)])),
  });
  assert.deepEqual(found.loss.shape, []);
  const value = Number(found.loss.data[0]);
  // Means over at most 1024 voxels in float32.
  assert.ok(Math.abs(value - setting.loss) < 2e-6 * Math.abs(setting.loss), `${value}`);
}

for (const [name, setting] of Object.entries<Case>(golden.losses)) {
  Deno.test(`diceAndCrossEntropy() has nnU-Net's value: ${name}`, async () => {
    const options = { batchDice: setting.batch_dice };
    await assertLoss(diceAndCrossEntropy(headsIn(setting), options), setting);
  });
}

type TopKCase = Case & {
  readonly dice?: boolean;
  readonly top_k: { readonly label_smoothing?: number };
};

for (const [name, setting] of Object.entries<TopKCase>(golden.topKLosses)) {
  Deno.test(`the loss of the hardest voxels has nnU-Net's value: ${name}`, async () => {
    const { dice, top_k: { label_smoothing: labelSmoothing }, batch_dice: batchDice } = setting;
    const make = dice ? diceAndTopK : topKLoss;
    await assertLoss(make(headsIn(setting), { batchDice, labelSmoothing }), setting);
  });
}

Deno.test("topKLoss() rejects regions, as nnU-Net does", () => {
  const graph = new Graph();
  const logits = graph.input("logits", "float32", [1, 2, 8, 8]);
  const target = graph.input("target", "int32", [1, 1, 8, 8]);
  assert.throws(() => topKLoss({ count: 2, regions })(logits, target), {
    name: "TypeError",
    message: "Cannot select the hardest voxels: the heads are regions, expected labels",
  });
});

Deno.test("deepSupervisionWeights() halves from output to output and is zero for the last", () => {
  assert.deepEqual(deepSupervisionWeights(1), [1]);
  assert.deepEqual(deepSupervisionWeights(2), [1, 0]);
  assert.deepEqual(deepSupervisionWeights(3), [2 / 3, 1 / 3, 0]);
  assert.deepEqual(deepSupervisionWeights(5), [8 / 15, 4 / 15, 2 / 15, 1 / 15, 0]);
});

Deno.test("diceAndCrossEntropy() is −1 for a confident correct prediction, and large for a wrong one", async () => {
  const loss = async (truth: number) => {
    const graph = new Graph();
    const target = graph.input("target", "int32", [1, 1, 2, 2]);
    const logits = graph.input("logits", "float32", [1, 2, 2, 2]);
    graph.output("loss", diceAndCrossEntropy({ count: 2 }, { batchDice: false })(logits, target));
    const sure = [0, 0, 0, 0, 30, 30, 30, 30];
    const result = await runGraph(graph, {
      target: { type: "int32", shape: [1, 1, 2, 2], data: new Int32Array(4).fill(truth) },
      logits: tensor({ shape: [1, 2, 2, 2], data: sure }),
    });
    return Number(result.loss.data[0]);
  };
  assert.ok(Math.abs(await loss(1) + 1) < 1e-5);
  assert.ok(await loss(0) > 29);
});

Deno.test("oneHot() encodes each label in its channel, and a label without a channel as zeros", async () => {
  const graph = new Graph();
  graph.output("y", oneHot(graph.input("x", "int32", [1, 1, 4]), 3));
  const feed = { type: "int32", shape: [1, 1, 4], data: Int32Array.of(0, 1, 2, 7) } as const;
  const { y } = await runGraph(graph, { x: feed });
  assert.deepEqual(y.shape, [1, 3, 4]);
  assert.deepEqual(Array.from(y.data, Number), [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});

Deno.test("truthOf() marks every region that contains a label", async () => {
  const graph = new Graph();
  const x = graph.input("x", "int32", [1, 1, 4]);
  graph.output("y", truthOf(x, { count: 2, regions, ignoreLabel: 3 }));
  const feed = { type: "int32", shape: [1, 1, 4], data: Int32Array.of(0, 1, 2, 3) } as const;
  const { y } = await runGraph(graph, { x: feed });
  assert.deepEqual(y.shape, [1, 2, 4]);
  assert.deepEqual(Array.from(y.data, Number), [0, 1, 1, 0, 0, 0, 1, 0]);
});

Deno.test("deeplySupervised() rejects losses that are not one number of the graph", () => {
  const graph = new Graph();
  const logits = graph.input("logits", "float32", [1, 2, 4, 4]);
  const target = graph.input("target", "int32", [1, 4, 4]);
  assert.throws(
    () => deeplySupervised((logits) => logits, [logits], target),
    /^TypeError: Cannot train: the loss is a value of shape \[1,2,4,4\], expected a value of the graph/,
  );
  assert.throws(
    () => deeplySupervised(() => 5 as never, [logits], target),
    /^TypeError: Cannot train: the loss is 5, expected a value of the graph with one element/,
  );
});

/** The graphs of a small network: a change of an operator or a shape shows in the snapshots. */

import assert from "node:assert/strict";
import type { Graph, Value } from "../../../lib/graph/graph.ts";
import { mul } from "../../../lib/graph/operators.ts";
import type { Heads } from "../../../lib/model/heads.ts";
import type { Network } from "../../../lib/network/network.ts";
import { networkOf } from "../../../lib/network/network_of.ts";
import { parametersOf } from "../../../lib/network/network.ts";
import { diceAndCrossEntropy } from "../../../lib/training/step/losses.ts";
import { trainingGraph, validationGraph } from "../../../lib/training/step/step_graph.ts";
import { runGraph, tensor } from "../../graph/run_graph.ts";

const heads = { count: 2 };
const network = networkOf({
  networkClassName: "PlainConvUNet",
  dimensions: 2,
  featuresPerStage: [2, 4],
  kernelSizes: [[3, 3], [3, 3]],
  strides: [[1, 1], [2, 2]],
  convsPerStage: [1, 1],
  convsPerStageDecoder: [1],
}, { heads: heads.count, deepSupervision: true });
const imageShape = [1, 1, 8, 8];
const parts = {
  network,
  loss: diceAndCrossEntropy(heads, { batchDice: true }),
  heads,
  imageShape,
  parameters: parametersOf(network, imageShape),
};

/** Lists inputs, nodes and outputs, one a line: types, shapes, operators and attributes, no bytes. */
function listingOf(graph: Graph): string[] {
  const describe = ({ name, type, shape }: Value) => `${name}: ${type} [${shape}]`;
  const read = (value: Value | null) => {
    if (!value?.constant) return value?.name ?? "none";
    return value.constant.length <= 4
      ? `${value.type} [${value.shape}] {${Array.from(value.constant, rounded)}}`
      : `${value.type} [${value.shape}]`;
  };
  return [
    ...graph.inputs.map((value) => `input ${describe(value)}`),
    ...graph.nodes.map(({ operator, inputs, outputs, attributes }) => {
      const settings = Object.entries(attributes).map(([name, value]) => `, ${name}=${value}`);
      return `${outputs.map(describe).join(", ")} = ` +
        `${operator}(${inputs.map(read).join(", ")}${settings.join("")})`;
    }),
    ...[...graph.outputs].map(([name, value]) => `output ${name} = ${read(value)}`),
  ];
}

function rounded(value: number | bigint): string {
  return typeof value === "bigint" ? `${value}` : `${Number(value.toPrecision(6))}`;
}

Deno.test("trainingGraph() builds the graph in the snapshot", async (t) => {
  await t.assertSnapshot(listingOf(trainingGraph(parts)));
});

Deno.test("validationGraph() builds the graph in the snapshot", async (t) => {
  await t.assertSnapshot(listingOf(validationGraph(parts)));
});

/** Counts hits and errors of logits that reach the loss as they are. @param logits (heads, voxels) */
async function countsOf(heads: Heads, logits: readonly number[][], labels: readonly number[]) {
  const network: Network = (image, parameter) => [mul(image, parameter("one", [1], 1))];
  const imageShape = [1, logits.length, 1, labels.length];
  const parameters = parametersOf(network, imageShape);
  const loss = diceAndCrossEntropy(heads, { batchDice: true });
  const { counts } = await runGraph(
    validationGraph({ network, loss, heads, imageShape, parameters, deepSupervision: false }),
    {
      weights: tensor({ shape: [1], data: [1] }),
      image: tensor({ shape: imageShape, data: logits.flat() }),
      target: { type: "uint8", shape: [1, 1, labels.length], data: Uint8Array.from(labels) },
    },
  );
  const columns = counts.shape[1];
  const row = (i: number) => Array.from(counts.data.slice(i * columns, (i + 1) * columns), Number);
  return { truePositives: row(0), falsePositives: row(1), falseNegatives: row(2) };
}

Deno.test("validationGraph() counts labels except background, without ignored voxels", async () => {
  const logits = [
    [9, 0, 0, 0, 9, 0, 0, 0],
    [0, 9, 9, 0, 0, 0, 9, 0],
    [0, 0, 0, 9, 0, 9, 0, 9],
  ];
  // Predicted are 0, 1, 1, 2, 0, 2, 1, 2.
  const labels = [0, 1, 2, 2, 2, 1, 3, 3];
  assert.deepEqual(await countsOf({ count: 3, ignoreLabel: 3 }, logits, labels), {
    truePositives: [1, 1],
    falsePositives: [1, 1],
    falseNegatives: [1, 2],
  });
});

Deno.test("validationGraph() counts every region, which may overlap, without ignored voxels", async () => {
  const regions = [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }];
  const logits = [
    [1, 1, 1, -1, -1, 1],
    [1, -1, 1, 1, -1, 1],
  ];
  const labels = [2, 1, 0, 2, 1, 3];
  assert.deepEqual(await countsOf({ count: 2, regions, ignoreLabel: 3 }, logits, labels), {
    truePositives: [2, 2],
    falsePositives: [1, 1],
    falseNegatives: [2, 0],
  });
});

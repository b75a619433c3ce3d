/** The graphs of a small network: a change of an operator or a shape shows in the snapshots. */

import type { Graph, Value } from "../../../lib/graph/graph.ts";
import { networkOf } from "../../../lib/network/network_of.ts";
import { parametersOf } from "../../../lib/network/network.ts";
import { diceAndCrossEntropy } from "../../../lib/training/step/losses.ts";
import { trainingGraph, validationGraph } from "../../../lib/training/step/step_graph.ts";

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

import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { importedNetwork } from "../../lib/graph/imported_network.ts";
import type { ModelFacts } from "../../lib/inference/case_job.ts";
import { networkNeeds, patchesThatFit } from "../../lib/memory/window_memory.ts";
import { memoryCheck } from "../../lib/inference/memory_check.ts";
import { DeviceMemoryError } from "../../lib/memory/memory_error.ts";
import { tinyInferenceModel } from "./tiny_inference_model.ts";

const options = {
  device: "webgpu",
  heads: 3,
  tileSize: [8, 16, 16],
  gaussian: true,
} as const;
const model = tinyInferenceModel({ ...options, channels: 2 });
const needs = networkNeeds([model, model], options);
/** Bytes a voxel: the volume's channels, and three times logits with their weight. */
const perVoxel = 4 * (2 + 3 * (3 + 1));

const facts: ModelFacts = {
  plans: { transposeForward: [1, 0, 2], transposeBackward: [1, 0, 2], intensityProperties: [] },
  configuration: {
    spacing: [2, 1, 1],
    normalizationSchemes: ["ZScoreNormalization", "ZScoreNormalization"],
    useMaskForNorm: [false, false],
    patchSize: options.tileSize,
  },
  channelNames: ["T1", "T2"],
  heads: { count: 3 },
};
// On the plan's grid twice (20, 40, 40), the first two axes exchanged.
const scan = { shape: [40, 40, 40], spacing: [1, 1, 1] } as const;

Deno.test("networkNeeds() counts every fold's weights and one patch's activations", () => {
  const one = networkNeeds([model], options);
  assert.equal(needs.weights, 2 * one.weights);
  assert.equal(needs.patch, one.patch);
  assert.equal(needs.channels, 2);
  // Image and logits, (2 + 3) channels, are there at least.
  assert.ok(one.patch >= 4 * 5 * 8 * 16 * 16);
});

Deno.test("patchesThatFit() takes as many patches at once as the memory holds", () => {
  const volume = [20, 40, 40] as const;
  const fit = (memory?: number, largestTensor?: number) =>
    patchesThatFit(needs, options, [...volume], { memory, largestTensor });
  const withPatches = (n: number) => needs.weights + n * needs.patch + 32_000 * perVoxel;
  assert.equal(fit(), 32);
  assert.equal(fit(withPatches(9)), 8);
  assert.equal(fit(withPatches(2)), 2);
  assert.equal(fit(withPatches(1)), 1);
  // Tensors: of the sums, and of patches.
  assert.equal(fit(Infinity, Math.max(4 * needs.largest, 32_000 * 16)), 4);
  assert.equal(patchesThatFit(needs, options, [...volume], {}, 2), 2);
  // Patches of this size fill a GPU by ones.
  assert.equal(patchesThatFit(needs, { ...options, tileSize: [192, 192, 192] }, [...volume]), 1);
});

Deno.test("patchesThatFit() says what is needed and what would fit", () => {
  const memory = needs.weights + needs.patch + 20_000 * perVoxel;
  const check = (limits: object) => () => patchesThatFit(needs, options, [20, 40, 40], limits);
  assert.throws(check({ memory }), (error: Error) => {
    assert.ok(error instanceof DeviceMemoryError);
    assert.match(
      error.message,
      /^Cannot compute on webgpu: 20 × 40 × 40 voxels with 3 classes take/,
    );
    assert.match(error.message, /Volumes of up to 0\.0200 million voxels fit; .* device "cpu"$/);
    return true;
  });
  assert.throws(check({ memory: needs.weights }), /No volume fits: the plan's patch is too large/);
  assert.throws(check({ largestTensor: 10_000 * 16 }), /the largest tensor of 20 × 40 × 40 voxels/);
});

Deno.test("networkNeeds() sends patches one by one through a model that has the number built in", () => {
  const { shape, build } = importedNetwork(model);
  const graph = new Graph("again");
  graph.output("logits", build(graph.input("image", "float32", shape)));
  const fixed = networkNeeds([encodeModel(graph)], options);
  assert.equal(patchesThatFit(fixed, options, [20, 40, 40]), 1);
});

Deno.test("memoryCheck() refuses a case before any work, with the figure", () => {
  const onCpu = memoryCheck([model], facts, { device: "cpu", half: false });
  onCpu("a", scan, false, 1e9);
  assert.throws(() => onCpu("a", scan, false, 1e6), {
    name: "RangeError",
    message: /^Cannot predict "a": 40 × 40 × 40 voxels need about 0\.\d+ GB of memory, expected /,
  });
  // Probabilities want all logits at once, and a hundred folds their weights.
  const most = 1.02 * needed(onCpu);
  assert.throws(() => onCpu("a", { ...scan, shape: [400, 400, 400] }, true, 1e9), RangeError);
  onCpu("a", scan, false, most);
  const many = memoryCheck(new Array(1000).fill(model), facts, { device: "cpu", half: false });
  assert.throws(() => many("a", scan, false, most), RangeError);
});

Deno.test("memoryCheck() compares with a GPU's memory on the plan's grid", () => {
  const limits = { memory: needs.weights + needs.patch + 33_000 * perVoxel };
  const onGpu = memoryCheck([model, model], facts, { device: "webgpu", half: false, limits });
  onGpu("a", scan, false, 1e9);
  assert.throws(() => onGpu("a", { ...scan, spacing: [1, 2, 1] }, false, 1e9), {
    name: "DeviceMemoryError",
    message: /^Cannot compute on webgpu: 40 × 40 × 40 voxels with 3 classes take /,
  });
});

/** The least limit that passes, to a hundredth. */
function needed(check: ReturnType<typeof memoryCheck>): number {
  let [low, high] = [1e6, 1e9];
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high);
    try {
      check("a", scan, false, middle);
      high = middle;
    } catch {
      low = middle;
    }
  }
  return high;
}

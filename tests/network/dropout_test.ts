import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { Dropout } from "../../lib/files/plans.ts";
import { dropout } from "../../lib/network/dropout.ts";
import { randomInputs } from "../../lib/training/step/random_inputs.ts";
import { runGraph, tensor } from "../graph/run_graph.ts";

/** Returns what dropout makes of ones. */
async function dropped(shape: readonly number[], choice: Dropout, step = 0) {
  const graph = new Graph();
  const x = graph.input("x", "float32", shape);
  const random: { name: string; shape: readonly number[] }[] = [];
  const y = dropout(x, choice, {
    uniform(shape) {
      random.push({ name: `random_${random.length}`, shape });
      return graph.input(random.at(-1)!.name, "float32", shape);
    },
    update: () => {},
  });
  graph.output("y", y);
  const found = await runGraph(graph, {
    x: tensor({ shape, data: new Float32Array(sizeOf(shape)).fill(1) }),
    ...randomInputs(random, { seed: 3, step }),
  });
  return found.y.data as Float32Array;
}

const share = (values: ArrayLike<number>) =>
  Array.from(values).filter((value) => value === 0).length / values.length;

Deno.test("dropout() drops whole maps and scales the others up", async () => {
  const y = await dropped([20, 30, 2, 2, 2], { probability: 0.2, wholeMaps: true });
  assert.deepEqual(new Set(y), new Set([0, Math.fround(1 / 0.8)]));
  // 600 maps: the share's deviation is 0.016.
  assert.ok(Math.abs(share(y) - 0.2) < 0.06, `${share(y)}`);
  for (let map = 0; map < y.length; map += 8) {
    assert.equal(new Set(y.subarray(map, map + 8)).size, 1);
  }
});

for (const probability of [0.1, 0.5, 0.8]) {
  Deno.test(`dropout() drops voxels independently of one another, ${probability}`, async () => {
    const shape = [2, 6, 16, 24, 32];
    const y = await dropped(shape, { probability, wholeMaps: false });
    assert.ok(Math.abs(share(y) - probability) < 0.01, `${share(y)}`);
    const kept = Array.from(y, (value) => (value > 0 ? 1 : 0) - (1 - probability));
    const variance = probability * (1 - probability);
    // Correlation of each voxel with its neighbour along every axis, channels and samples included.
    const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
    strides.forEach((stride, axis) => {
      let sum = 0;
      let count = 0;
      for (let i = 0; i + stride < kept.length; i++) {
        if (Math.floor(i / stride) % shape[axis] === shape[axis] - 1) continue;
        sum += kept[i] * kept[i + stride];
        count++;
      }
      // Random masks of this size have deviations below 0.005.
      assert.ok(Math.abs(sum / count / variance) < 0.03, `axis ${axis}: ${sum / count / variance}`);
    });
    if (probability !== 0.5) return;
    // Neighbouring rows are hardly ever alike or opposite: 0.8 is 4.5 deviations of 32 voxels.
    const width = shape.at(-1)!;
    let alike = 0;
    for (let row = 0; row + 2 * width <= kept.length; row += width) {
      let product = 0;
      for (let i = row; i < row + width; i++) product += kept[i] * kept[i + width];
      if (Math.abs(product / width / variance) > 0.8) alike++;
    }
    assert.ok(alike <= 9, `${alike} of ${kept.length / width} rows`);
  });
}

Deno.test("dropout() drops others in every step, and the same in a repeated one", async () => {
  const choice = { probability: 0.5, wholeMaps: false };
  const [first, second, again] = [
    await dropped([1, 2, 8, 8], choice, 0),
    await dropped([1, 2, 8, 8], choice, 1),
    await dropped([1, 2, 8, 8], choice, 0),
  ];
  assert.deepEqual(again, first);
  assert.notDeepEqual(second, first);
});

Deno.test("dropout() keeps or drops everything at its limits, and does nothing in predictions", async () => {
  const all = await dropped([1, 2, 4, 4], { probability: 1, wholeMaps: true });
  assert.equal(share(all), 1);
  const none = await dropped([1, 2, 4, 4], { probability: 0, wholeMaps: true });
  assert.deepEqual(new Set(none), new Set([1]));
  const x = new Graph().input("x", "float32", [1, 2, 4, 4]);
  assert.equal(dropout(x, { probability: 0.5, wholeMaps: true }, undefined), x);
});

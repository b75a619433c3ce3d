import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { Graph, type Value } from "../../../lib/graph/graph.ts";
import * as o from "../../../lib/graph/operators.ts";
import { cudaRepairs } from "../../../lib/lowering/gpu/cuda_repairs.ts";
import { lower } from "../../../lib/lowering/lower.ts";
import type { HostTensor } from "../../../lib/runtime/session.ts";
import { runGraph } from "../../graph/run_graph.ts";

const LONG = 2 ** 16;

interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...values: Value[]) => readonly Value[];
  /** An operator that the repairs replace. */
  readonly gone: string;
}

const cases: Record<string, Case> = {
  "long parts are concatenated in rows": {
    shapes: [[LONG], [256], [512]],
    build: (...parts) => [o.concat(parts, 0)],
    gone: "none",
  },
  "parts without a common divisor are concatenated directly": {
    shapes: [[LONG], [3]],
    build: (...parts) => [o.concat(parts, 0)],
    gone: "none",
  },
  "a long axis is split by slices": {
    shapes: [[2, LONG + 7]],
    build: (x) => o.split(x, [5, LONG, 2], 1),
    gone: "Split",
  },
  "zeros are concatenated axis by axis": {
    shapes: [[2, 3, 4]],
    build: (x) => [o.pad(x, [0, 1, 2], [3, 0, 1])],
    gone: "Pad",
  },
  "a mix of stacked vectors is a sum": {
    shapes: [[2, 3], [1, LONG], [1, LONG], [1, LONG]],
    build: (mix, ...rows) => [o.matmul(mix, o.concat(rows, 0))],
    gone: "MatMul",
  },
  "a mix of a matrix's rows is a sum": {
    shapes: [[2, 3], [3, LONG]],
    build: (mix, rows) => [o.matmul(mix, rows)],
    gone: "MatMul",
  },
};

for (const [name, { shapes, build, gone }] of Object.entries(cases)) {
  Deno.test(`cudaRepairs change no result: ${name}`, async () => {
    const graph = new Graph();
    const feeds: Record<string, HostTensor> = {};
    const inputs = shapes.map((shape, i) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, j) => Math.sin(i + j));
      feeds[`x${i}`] = { type: "float32", shape, data };
      return graph.input(`x${i}`, "float32", shape);
    });
    build(...inputs).forEach((value, i) => graph.output(`y${i}`, value));
    const repaired = lower(graph, cudaRepairs);
    assert.ok(!repaired.nodes.some(({ operator }) => operator === gone));
    const expected = await runGraph(graph, feeds);
    const found = await runGraph(repaired, feeds);
    for (const [output, { shape, data }] of Object.entries(expected)) {
      assert.deepEqual(found[output].shape, shape);
      data.forEach((value, i) =>
        assert.ok(Math.abs(Number(found[output].data[i]) - Number(value)) < 1e-6)
      );
    }
  });
}

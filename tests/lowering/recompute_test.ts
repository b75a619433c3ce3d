import assert from "node:assert/strict";
import { InferenceSession } from "onnxruntime-node";
import { decodeModel, encodeModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { peakMemory } from "../../lib/graph/peak_memory.ts";
import { recomputeAtPeak } from "../../lib/lowering/recompute.ts";
import { withoutMerging } from "../../lib/platform/onnx_runtime.ts";
import { atOnce } from "../../lib/runtime/in_pieces.ts";
import { Session } from "../../lib/runtime/session.ts";

/**
 * Builds a graph that uses a part of a vector before and after its peak memory.
 *
 * @param whole Returns the vector.
 * @param after Uses the part after the peak.
 */
function example(
  whole: (flat: Value) => Value,
  after: (part: Value) => Value = (part) => part,
) {
  const graph = new Graph();
  const flat = graph.input("flat", "float32", [2000]);
  const part = o.reshape(o.slice(whole(flat), [{ axis: 0, start: 0, end: 1000 }]), [1, 1000]);
  const wide = o.reduceSum(o.neg(o.expand(o.neg(part), [10, 1000])), [0]);
  graph.output("y", o.mul(wide, after(part)));
  return graph;
}

const operatorsOf = ({ nodes }: Graph) => nodes.map(({ operator }) => operator);
const slicesOf = (graph: Graph) => operatorsOf(graph).filter((name) => name === "Slice").length;

async function valuesOf(graph: Graph) {
  const session = await Session.create(encodeModel(graph), { threads: 1, mergeEqual: false });
  const data = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i));
  const { y } = await session.run({ flat: { type: "float32", shape: [2000], data } });
  await session.release();
  return y.data;
}

Deno.test("recomputeAtPeak() recomputes a part of an input after the peak", async () => {
  const graph = example((flat) => flat);
  const found = atOnce(recomputeAtPeak(graph));
  assert.deepEqual(operatorsOf(graph).slice(0, 5), ["Slice", "Reshape", "Neg", "Expand", "Neg"]);
  assert.deepEqual(operatorsOf(found).slice(5), ["ReduceSum", "Slice", "Reshape", "Mul"]);
  assert.equal(peakMemory(graph).bytes - peakMemory(found).bytes, 4000);
  assert.deepEqual(await valuesOf(found), await valuesOf(graph));
});

Deno.test("recomputeAtPeak() recomputes a view only where the old one was used", async () => {
  const graph = example((flat) => flat, (part) => o.reshape(part, [1000]));
  const found = atOnce(recomputeAtPeak(graph));
  assert.equal(slicesOf(found), 2);
  assert.deepEqual(await valuesOf(found), await valuesOf(graph));
});

Deno.test("recomputeAtPeak() keeps values whose inputs have been freed", () => {
  assert.equal(slicesOf(atOnce(recomputeAtPeak(example(o.neg)))), 1);
});

Deno.test("recomputeAtPeak() keeps values that are used at the peak", () => {
  const graph = new Graph();
  const flat = graph.input("flat", "float32", [2000]);
  const part = o.slice(flat, [{ axis: 0, start: 0, end: 1000 }]);
  const wide = o.reduceSum(o.add(o.expand(o.reshape(o.neg(part), [1, 1000]), [10, 1000]), part), [
    0,
  ]);
  graph.output("y", o.mul(wide, part));
  assert.deepEqual(operatorsOf(atOnce(recomputeAtPeak(graph))), operatorsOf(graph));
});

Deno.test("recomputeAtPeak() keeps results, and values that are expensive to compute", () => {
  const graph = new Graph();
  const flat = graph.input("flat", "float32", [2000]);
  const part = o.slice(flat, [{ axis: 0, start: 0, end: 1000 }]);
  const root = o.sqrt(part);
  const wide = o.reduceSum(o.neg(o.expand(o.reshape(part, [1, 1000]), [10, 1000])), [0]);
  graph.output("part", part);
  graph.output("y", o.mul(wide, root));
  assert.deepEqual(operatorsOf(atOnce(recomputeAtPeak(graph))), operatorsOf(graph));
});

Deno.test("Session.create({ mergeEqual: false }) runs all equal nodes", async () => {
  const model = encodeModel(atOnce(recomputeAtPeak(example((flat) => flat))));
  const path = await Deno.makeTempFile({ suffix: ".onnx" });
  const slicesRun = async (optimization: Record<string, string>) => {
    const session = await InferenceSession.create(model, {
      optimizedModelFilePath: path,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      extra: { optimization },
    });
    await session.release();
    const { node } = decodeModel(await Deno.readFile(path)).graph!;
    return node.filter(({ opType }) => opType === "Slice").length;
  };
  try {
    assert.equal(await slicesRun({}), 1);
    assert.equal(await slicesRun(withoutMerging), 2);
  } finally {
    await Deno.remove(path);
  }
});

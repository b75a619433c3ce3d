/** Runs small graphs in this thread. */

import { Graph, type Value } from "../../lib/graph/graph.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { cpuLowerings } from "../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";

/** Returns a float32 array. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[] | Float32Array;
}

/** Returns a float32 tensor. */
export function tensor({ shape, data }: Numbers): HostTensor<Float32Array<ArrayBuffer>> {
  return { type: "float32", shape, data: Float32Array.from(data) };
}

/** Lowers a graph for the CPU and runs it once. */
export async function runGraph(graph: Graph, feeds: Readonly<Record<string, HostTensor>>) {
  const session = await Session.create(encodeModel(lower(graph, cpuLowerings)), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Evaluates a function of float32 values, which may return several. */
export async function evaluate(
  inputs: readonly Numbers[],
  build: (...values: Value[]) => readonly Value[],
): Promise<HostTensor[]> {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(`x${i}`, "float32", shape));
  const outputs = build(...values);
  outputs.forEach((output, i) => graph.output(`y${i}`, output));
  const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, tensor(input)]));
  const results = await runGraph(graph, feeds);
  return outputs.map((_, i) => results[`y${i}`]);
}

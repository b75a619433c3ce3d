/** Measures the transfer of a batch to the engine and of the loss back. */

import type { Shape } from "../../lib/array/nd_array.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add, cast, reshape, slice } from "../../lib/graph/operators.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";
import type { Batch } from "../../lib/training/batches/batch.ts";

const REPEATS = 50;

/**
 * Milliseconds per run of a model that has a training step's inputs and reads one voxel of each.
 *
 * @param imageShape Shape of the batch, (n, c, …patch).
 */
export async function transferTimes(imageShape: Shape, batch: Batch): Promise<number[]> {
  const graph = new Graph();
  const [samples, , ...patch] = imageShape;
  const image = graph.input("image", "float32", imageShape);
  const target = graph.input("target", "uint8", [samples, ...patch]);
  const rate = graph.input("rate", "float32", []);
  const first = (x: typeof image) =>
    reshape(slice(x, x.shape.map((_, axis) => ({ axis, start: 0, end: 1 }))), []);
  graph.output("loss", add(rate, add(first(image), cast(first(target), "float32"))));

  const engine = await Engine.start();
  try {
    const model = await engine.load(encodeModel(graph));
    let feeds: Record<string, HostTensor> = {
      image: { type: "float32", shape: imageShape, data: batch.data.slice() },
      target: { type: "uint8", shape: [samples, ...patch], data: batch.target.slice() },
      rate: { type: "float32", shape: [], data: Float32Array.of(0.01) },
    };
    const times: number[] = [];
    for (let run = 0; run < REPEATS; run++) {
      const begin = performance.now();
      feeds = { ...(await model.run(feeds)).feeds };
      times.push(performance.now() - begin);
    }
    return times;
  } finally {
    engine.close();
  }
}

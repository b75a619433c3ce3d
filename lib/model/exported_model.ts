/** A trained model as one ONNX file that other programs can run without this library. */

import type { NdArray } from "../array/nd_array.ts";
import { encodeModel, fillModel } from "../graph/encode.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { mul, sigmoid, slice, softmax, sum } from "../graph/operators.ts";
import { networkOf } from "../network/network_of.ts";
import { inferenceNames, placeholders } from "./inference_graph.ts";
import { mirrorings } from "./mirroring.ts";
import type { ModelFacts } from "./model_facts.ts";
import { modelMetadata } from "./model_metadata.ts";
import { requireKnown } from "../options/require_known.ts";

/** What the file computes besides logits. */
export interface ExportedModelOptions {
  /** Average over mirrored views inside the model; false by default. */
  readonly mirroring?: boolean;
  /** A second output: softmax of the logits, or sigmoid where heads are regions. */
  readonly probabilities?: boolean;
}

/**
 * Writes a network as ONNX's plain operators, for any provider, with plans, labels, spacing and
 * normalisation in its metadata. The number of patches a run is free.
 *
 * @param facts The model that the weights belong to.
 * @param weights By parameter name.
 * @returns A model from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If weights do not fit the plan's network.
 */
export function exportedModel(
  facts: ModelFacts,
  weights: ReadonlyMap<string, NdArray>,
  options: ExportedModelOptions = {},
): Uint8Array<ArrayBuffer> {
  requireKnown(options, { mirroring: true, probabilities: true }, "export a model");
  const { mirroring = false, probabilities = false } = options;
  const { configuration, heads, inputChannels, mirrorAxes } = facts;
  const network = networkOf(configuration.architecture, {
    heads: heads.count,
    deepSupervision: false,
  });
  const graph = new Graph();
  const image = graph.input(inferenceNames.image, "float32", [
    1,
    inputChannels,
    ...configuration.patchSize,
  ]);
  const parameter = placeholders(graph);
  const views = mirrorings(mirroring ? mirrorAxes : []).map((axes) =>
    flip(network(flip(image, axes), parameter)[0], axes)
  );
  const logits = views.length === 1 ? views[0] : mul(sum(views), 1 / views.length);
  graph.output(inferenceNames.logits, logits);
  if (probabilities) {
    graph.output(
      inferenceNames.probabilities,
      heads.regions ? sigmoid(logits) : softmax(logits, 1),
    );
  }
  const metadata = modelMetadata({ ...facts, mirrorAxes: mirroring ? [] : mirrorAxes });
  return fillModel(encodeModel(graph, metadata, { batchName: "n" }), weights);
}

/** Mirrors spatial axes, counted without batch and channels. */
function flip(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  return slice(
    x,
    axes.map((axis) => ({ axis: axis + 2, start: x.shape[axis + 2] - 1, step: -1 })),
  );
}

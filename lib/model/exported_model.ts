/** Exports a trained model as an ONNX file that other programs can run without this library. */

import type { NdArray } from "../array/nd_array.ts";
import { encodeModel, fillModel } from "../graph/encode.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { mul, sigmoid, slice, softmax, sum } from "../graph/operators.ts";
import { withoutAttention } from "../lowering/attention.ts";
import { networkOf } from "../network/network_of.ts";
import { inferenceNames, placeholders } from "./inference_graph.ts";
import { mirrorings } from "./mirroring.ts";
import type { ModelFacts } from "./model_facts.ts";
import { modelMetadata } from "./model_metadata.ts";
import { requireKnown } from "../options/require_known.ts";

/** What an exported model computes besides logits. */
export interface ExportedModelOptions {
  /** Whether the model averages over mirrored views; false by default. */
  readonly mirroring?: boolean;
  /**
   * Whether the model has a second output, `probabilities`: the softmax of the logits, or their
   * sigmoid if heads are regions; false by default.
   */
  readonly probabilities?: boolean;
}

/**
 * Encodes a network with ONNX's standard operators, for any provider, with plans, labels, spacing
 * and normalisation in its metadata. The number of patches per run, n, is free.
 *
 * @param facts Facts of the model that the weights belong to.
 * @param weights Weights by parameter name.
 * @param options What the model computes besides logits.
 * @returns A model from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If an option is unknown, or the weights do not fit the plan's network.
 *
 * @example Exporting a trained fold
 * ```ts ignore
 * import { exportedModel, openTrained } from "nnunet";
 *
 * const { checkpoints: [{ networkWeights }], ...facts } = await openTrained(trainer.folder);
 * await Deno.writeFile("model.onnx", exportedModel(facts, networkWeights, { mirroring: true }));
 * ```
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
  return fillModel(encodeModel(withoutAttention(graph), metadata, { batchName: "n" }), weights);
}

/** Mirrors spatial axes, which are counted without batch and channels. */
function flip(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  return slice(
    x,
    axes.map((axis) => ({ axis: axis + 2, start: x.shape[axis + 2] - 1, step: -1 })),
  );
}

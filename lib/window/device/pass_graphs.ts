/**
 * Builds the graphs of a sliding window's pass on a device: the networks, and the weighting of their
 * logits. {@link windowModel} adds what cuts patches out of the volume and adds logits to the sum.
 */

import { sizeOf } from "../../array/nd_array.ts";
import { Graph } from "../../graph/graph.ts";
import { importedNetwork } from "../../graph/imported_network.ts";
import * as o from "../../graph/operators.ts";
import { foldBatchNorm } from "../../lowering/fold_batch_norm.ts";
import { halveFor, lowerFor } from "../../lowering/for_device.ts";
import type { Device } from "../../runtime/device.ts";
import { gaussianWeights } from "../gaussian.ts";
import type { SlidingWindowOptions } from "../sliding_window.ts";
import { tileOf } from "../tiles.ts";

/** The patches of a pass: a number of tiles, each in a number of its mirrored views. */
export interface PassSize {
  readonly tiles: number;
  readonly views: number;
}

/** What a pass depends on besides the networks. */
export interface PassOptions extends Pick<SlidingWindowOptions, "heads" | "tileSize" | "gaussian"> {
  readonly device: Device;
  /** Whether convolutions run in float16; false by default. */
  readonly half?: boolean;
}

/** Names of inputs and outputs by index of the patch (all views of a tile in a row) or tile. */
export const passNames = {
  /** (c, …tile) */
  patch: (i: number) => `patch_${i}`,
  /** (heads, …tile) */
  logits: (i: number) => `logits_${i}`,
  /** (heads, …tile), mirrored back. */
  unflipped: (i: number) => `unflipped_${i}`,
  /** (1): 1, or 0 for a tile that only fills up a pass. */
  counted: (tile: number) => `counted_${tile}`,
  /** (heads + 1, …tile): weighted logits, then the weights. */
  weighted: (tile: number) => `weighted_${tile}`,
} as const;

/**
 * Builds the graph from patches to the mean of all networks' logits, lowered for the device.
 *
 * @param models One inference model of this library per fold.
 * @param patches Number of patches.
 * @param options What the pass depends on besides the networks.
 */
export function networkPass(
  models: readonly Uint8Array[],
  patches: number,
  { device, heads, tileSize, half = false }: PassOptions,
): Graph {
  const tile = tileOf(tileSize);
  const networks = models.map((model, fold) => importedNetwork(model, `fold_${fold}.`));
  const [{ shape: [, channels] }] = networks;
  const graph = new Graph("w");
  const images = Array.from(
    { length: patches },
    (_, i) => graph.input(passNames.patch(i), "float32", [channels, ...tile]),
  );
  const batch = o.concat(
    images.map((image) => o.reshape(image, [1, channels, ...tileSize])),
    0,
  );
  const all = networks.map(({ build }) => build(batch));
  const logits = all.length === 1 ? all[0] : o.mul(o.sum(all), 1 / all.length);
  o.split(logits, images.map(() => 1), 0).forEach((part, i) =>
    graph.output(passNames.logits(i), o.reshape(part, [heads, ...tile]))
  );
  const folded = foldBatchNorm(graph);
  return lowerFor(device, half ? halveFor(device, folded) : folded);
}

/**
 * Builds the graph from the patches' logits, mirrored back, to what each tile adds to the sums of
 * logits and weights.
 */
export function weighingPass(
  { tiles, views }: PassSize,
  { heads, tileSize, gaussian = true }: PassOptions,
): Graph {
  const tile = tileOf(tileSize);
  const graph = new Graph("g");
  const importance = graph.constant(
    "float32",
    [1, ...tile],
    gaussian
      ? Float32Array.from(gaussianWeights(tileSize))
      : new Float32Array(sizeOf(tile)).fill(1),
  );
  for (let i = 0; i < tiles; i++) {
    const unflipped = Array.from(
      { length: views },
      (_, view) => graph.input(passNames.unflipped(i * views + view), "float32", [heads, ...tile]),
    );
    const weights = o.mul(importance, graph.input(passNames.counted(i), "float32", [1]));
    // Weights count every view, as the logits are a sum over views.
    const weighted = [o.mul(o.sum(unflipped), weights), o.mul(weights, views)];
    graph.output(passNames.weighted(i), o.concat(weighted, 0));
  }
  return graph;
}

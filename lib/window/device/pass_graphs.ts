/**
 * What a pass of a sliding window computes on a device, between taking patches out of the volume and
 * putting their logits there.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { Graph } from "../../graph/graph.ts";
import { importedNetwork } from "../../graph/imported_network.ts";
import * as o from "../../graph/operators.ts";
import { halveFor, lowerFor } from "../../lowering/for_device.ts";
import type { Device } from "../../runtime/device.ts";
import { gaussianWeights } from "../gaussian.ts";

/** Patches that go through the network at once: some tiles, each in some of its mirrored views. */
export interface PassSize {
  readonly tiles: number;
  readonly views: number;
}

/** How networks see a tile. */
export interface PassOptions {
  readonly device: Device;
  readonly heads: number;
  /** (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  /** Weigh the middle of a tile more than its margin. */
  readonly gaussian: boolean;
  /** Convolutions in float16. */
  readonly half?: boolean;
}

/** Names by number: of a patch, tile after tile, or of a tile. */
export const passNames = {
  /** (c, …tile) */
  patch: (i: number) => `patch_${i}`,
  /** (heads, …tile) */
  logits: (i: number) => `logits_${i}`,
  /** The same, mirrored back. */
  unflipped: (i: number) => `unflipped_${i}`,
  /** (1): 1, or 0 of a tile that only fills up a pass. */
  counted: (tile: number) => `counted_${tile}`,
  /** (heads + 1, …tile): weighted logits, and the weights themselves. */
  weighted: (tile: number) => `weighted_${tile}`,
} as const;

/** (z, y, x), one slice thick where the network sees slices. */
export function tileOf({ tileSize }: Pick<PassOptions, "tileSize">): Shape {
  return tileSize.length === 2 ? [1, ...tileSize] : tileSize;
}

/**
 * Patches → the mean of all networks' logits, lowered for the device.
 *
 * @param models Inference models of this project, one a fold.
 */
export function networkPass(
  models: readonly Uint8Array[],
  patches: number,
  { device, heads, tileSize, half = false }: PassOptions,
): Graph {
  const tile = tileOf({ tileSize });
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
  return lowerFor(device, half ? halveFor(device, graph) : graph);
}

/** Logits of patches, mirrored back → what every tile adds to the sums. */
export function weighingPass(
  { tiles, views }: PassSize,
  { heads, tileSize, gaussian }: PassOptions,
): Graph {
  const tile = tileOf({ tileSize });
  const graph = new Graph("g");
  const importance = graph.constant(
    "float32",
    [1, ...tile],
    gaussian
      ? Float32Array.from(gaussianWeights(tileSize))
      : new Float32Array(sizeOf(tile)).fill(1),
  );
  for (let i = 0; i < tiles; i++) {
    const seen = Array.from(
      { length: views },
      (_, view) => graph.input(passNames.unflipped(i * views + view), "float32", [heads, ...tile]),
    );
    const weights = o.mul(importance, graph.input(passNames.counted(i), "float32", [1]));
    // The sum of weights counts every view, too: logits are divided by it in the end.
    const weighted = [o.mul(o.sum(seen), weights), o.mul(weights, views)];
    graph.output(passNames.weighted(i), o.concat(weighted, 0));
  }
  return graph;
}

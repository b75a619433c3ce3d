/** Divides patches into passes on a device, and encodes passes as the model's inputs. */

import type { Zyx } from "../../array/nd_array.ts";
import type { HostTensor } from "../../runtime/session.ts";
import { windowNames } from "./window_model.ts";
import type { PassSize } from "./pass_graphs.ts";

/** One pass: some tiles, each in the same mirrored views. */
export interface Pass {
  /** First voxel of each tile in the padded volume. */
  readonly origins: readonly Zyx[];
  /** For each view, the axes of (z, y, x) that it mirrors. */
  readonly flips: readonly (readonly number[])[];
  /** Number of tiles that count; the rest only fill up the pass. */
  readonly counted: number;
}

/** Divides all views of all tiles into passes of one size. */
export function passesOver(
  origins: readonly Zyx[],
  flips: readonly (readonly number[])[],
  { tiles, views }: PassSize,
): Pass[] {
  const passes: Pass[] = [];
  for (let tile = 0; tile < origins.length; tile += tiles) {
    const some = origins.slice(tile, tile + tiles);
    const filled = Array.from({ length: tiles }, (_, i) => some[i] ?? some[0]);
    for (let view = 0; view < flips.length; view += views) {
      passes.push({
        origins: filled,
        flips: flips.slice(view, view + views),
        counted: some.length,
      });
    }
  }
  return passes;
}

/**
 * Encodes passes as inputs of {@link windowModel}.
 *
 * @param tile Voxels of a tile, (z, y, x).
 * @param volume Voxels of the padded volume, (z, y, x).
 */
export function passInputs(
  passes: readonly Pass[],
  tile: Zyx,
  volume: Zyx,
): Record<string, HostTensor> {
  const [{ origins, flips }] = passes;
  const patches = origins.length * flips.length;
  const tensors: Record<string, HostTensor> = {
    [windowNames.passes]: {
      type: "int64",
      shape: [],
      data: BigInt64Array.of(BigInt(passes.length)),
    },
    [windowNames.margins]: {
      type: "int64",
      shape: [passes.length, origins.length, 8],
      data: BigInt64Array.from(
        passes.flatMap(({ origins }) =>
          origins.flatMap((origin) => [
            0,
            ...origin,
            0,
            ...origin.map((start, axis) => volume[axis] - tile[axis] - start),
          ])
        ),
        BigInt,
      ),
    },
    [windowNames.counted]: {
      type: "float32",
      shape: [passes.length, origins.length, 1],
      data: Float32Array.from(
        passes.flatMap(({ origins, counted }) => origins.map((_, i) => i < counted ? 1 : 0)),
      ),
    },
  };
  tile.forEach((extent, axis) => {
    const order = (flip: readonly number[]) =>
      Array.from({ length: extent }, (_, i) => flip.includes(axis) ? extent - 1 - i : i);
    const list = (name: string, first: (origin: Zyx) => number) => {
      const data = Int32Array.from(
        passes.flatMap(({ origins, flips }) =>
          origins.flatMap((origin) =>
            flips.flatMap((flip) => order(flip).map((i) => first(origin) + i))
          )
        ),
      );
      tensors[name] = { type: "int32", shape: [passes.length, patches, extent], data };
    };
    list(windowNames.from[axis], (origin) => origin[axis]);
    list(windowNames.back[axis], () => 0);
  });
  return tensors;
}

/**
 * Encodes the ranges of the volume's logits and weights in the sums, which exclude the padding.
 *
 * @param heads Number of channels of the logits.
 * @param size Voxels of the volume, (z, y, x).
 * @param before Zeros before it, per axis.
 */
export function insideInputs(heads: number, size: Zyx, before: Zyx): Record<string, HostTensor> {
  const { logits, weights } = windowNames.inside;
  const integers = (...values: number[]): HostTensor => ({
    type: "int64",
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const end = size.map((n, axis) => before[axis] + n);
  return {
    [logits[0]]: integers(0, ...before),
    [logits[1]]: integers(heads, ...end),
    [weights[0]]: integers(heads, ...before),
    [weights[1]]: integers(heads + 1, ...end),
  };
}

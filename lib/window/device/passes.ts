/** Which patches of a volume a device's passes see, in what order, and how a pass is told. */

import type { Zyx } from "../../array/nd_array.ts";
import type { HostTensor } from "../../runtime/session.ts";
import { windowNames } from "./window_model.ts";
import type { PassSize } from "./pass_graphs.ts";

/** One pass: its tiles, each seen in the same views. */
export interface Pass {
  readonly origins: readonly Zyx[];
  /** Axes of (z, y, x) that are mirrored, of each view. */
  readonly flips: readonly (readonly number[])[];
  /** Tiles after these only fill up the pass. */
  readonly counted: number;
}

/** All tiles in all views, in passes of one size. */
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

/** Passes as the model wants them. */
export function passTensors(
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
    [windowNames.around]: {
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

/** Where the volume lies in the sums, logits and weights apart. */
export function insideTensors(heads: number, size: Zyx, before: Zyx): Record<string, HostTensor> {
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

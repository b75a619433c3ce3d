/**
 * Images as stacks of planes with blocked channels.
 *
 * An image (n, c, z, y, x) is held as (z · n, c, y, x), depth outermost, channels blocked
 * (`operators.ts`) and filled up with zeros to whole channel blocks. Then a shift along depth
 * copies whole planes, a convolution over depth is one in plane over the channels of neighbouring
 * planes, and with (z · n, c) seen as (z, n · c) a sample's channel has its statistics to itself. An
 * image (n, c, y, x) is the case of depth 1.
 */

import type { Shape } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { blockChannels, unblockChannels } from "./operators.ts";

/** An image's extents by name; depth 1 in 2D. */
export interface Extents {
  readonly batch: number;
  readonly channels: number;
  readonly depth: number;
  readonly plane: readonly [number, number];
}

export function extentsOf([batch, channels, ...size]: Shape): Extents {
  const [depth, y, x] = size.length === 3 ? size : [1, ...size];
  return { batch, channels, depth, plane: [y, x] };
}

/** (n, c, z, y, x) → (z · n, c, y, x), channels as they were. */
export function planesOf(image: Value): Value {
  const { batch, channels, depth, plane } = extentsOf(image.shape);
  const outermost = image.shape.length === 5 ? o.transpose(image, [2, 0, 1, 3, 4]) : image;
  return o.reshape(outermost, [depth * batch, channels, ...plane]);
}

/** Blocked forms of a graph's images, and which images have one already. */
export class BlockedLayout {
  readonly #blocked = new WeakMap<Value, Value>();

  /** @param channelBlock Channels per block, what `channelBlockOf()` finds. */
  constructor(readonly channelBlock: number) {}

  /** Whether so many channels fill whole channel blocks. */
  fills(channels: number): boolean {
    return channels % this.channelBlock === 0;
  }

  /** The number of channels, filled up to whole channel blocks. */
  filledUp(channels: number): number {
    return Math.ceil(channels / this.channelBlock) * this.channelBlock;
  }

  /** Whether an image has a blocked form already. */
  has(image: Value): boolean {
    return this.#blocked.has(image);
  }

  /** An image's blocked form: the one it was computed in, or a copy. */
  of(image: Value): Value {
    const known = this.#blocked.get(image);
    if (known) return known;
    const planes = planesOf(image);
    const missing = this.filledUp(planes.shape[1]) - planes.shape[1];
    const blocked = blockChannels(o.pad(planes, [0, 0, 0, 0], [0, missing, 0, 0]));
    this.#blocked.set(image, blocked);
    return blocked;
  }

  /**
   * The image of a blocked form. Where only blocked forms are asked for, encoding the graph leaves
   * out the copy that this makes.
   *
   * @param shape (n, c, …spatial)
   */
  image(blocked: Value, shape: Shape): Value {
    const { batch, channels, depth, plane } = extentsOf(shape);
    const planes = unblockChannels(blocked, channels);
    const image = shape.length === 5
      ? o.transpose(o.reshape(planes, [depth, batch, channels, ...plane]), [1, 2, 0, 3, 4])
      : planes;
    this.#blocked.set(image, blocked);
    return image;
  }
}

/**
 * Neighbouring planes of each place along depth, side by side as channels: (z · n, c, y, x) →
 * (places · n, taps · c, y, x), place p and tap t holding plane p · stride + t − before, or zeros.
 */
export function neighbouringPlanes(
  planes: Value,
  { batch, depth, places, taps, stride, before }: {
    readonly batch: number;
    readonly depth: number;
    readonly places: number;
    readonly taps: number;
    readonly stride: number;
    readonly before: number;
  },
): Value {
  const [count, channels, ...plane] = planes.shape;
  if (taps === 1 && stride === 1 && before === 0 && places === depth) return planes;
  const zeros = count;
  const indices = Array.from({ length: places * batch * taps }, (_, i) => {
    const [place, sample, tap] = [
      Math.floor(i / (batch * taps)),
      Math.floor(i / taps) % batch,
      i % taps,
    ];
    const z = place * stride + tap - before;
    return z >= 0 && z < depth ? z * batch + sample : zeros;
  });
  const source = indices.includes(zeros) ? o.pad(planes, [0, 0, 0, 0], [1, 0, 0, 0]) : planes;
  return o.reshape(o.gather(source, indices, 0), [places * batch, taps * channels, ...plane]);
}

/**
 * Channels as voxels of bricks: (z · n, kz · ky · kx · c, y, x) → (z · kz · n, c, y · ky, x · kx).
 *
 * @param blocked Blocked
 * @param extents The given image's.
 * @param brick (kz, ky, kx)
 * @returns Blocked
 */
export function channelsToBricks(
  blocked: Value,
  { batch, depth, plane: [y, x] }: Omit<Extents, "channels">,
  brick: Shape,
  channelBlock: number,
): Value {
  const [kz, ky, kx] = brick;
  const channels = blocked.shape[1] / (kz * ky * kx);
  const apart = o.reshape(blocked, [
    depth,
    batch,
    kz,
    ky,
    kx,
    channels / channelBlock,
    y,
    x,
    channelBlock,
  ]);
  const moved = o.transpose(apart, [0, 2, 1, 5, 6, 3, 7, 4, 8]);
  return o.reshape(moved, [depth * kz * batch, channels, y * ky, x * kx]);
}

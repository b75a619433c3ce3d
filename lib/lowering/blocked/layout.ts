/**
 * Converts images to stacks of planes with blocked channels.
 *
 * An image (n, c, z, y, x) is stored as (z · n, c, y, x), with depth outermost and channels blocked
 * (`operators.ts`) and padded with zeros to whole channel blocks. Then a shift along depth copies
 * whole planes, a 3D convolution is a 2D one over the channels of adjacent planes, and with (z · n,
 * c) viewed as (z, n · c), each sample's channel has separate statistics. An image (n, c, y, x) has
 * depth 1.
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

/** Returns the extents of an image of shape (n, c, z, y, x) or (n, c, y, x). */
export function extentsOf([batch, channels, ...size]: Shape): Extents {
  const [depth, y, x] = size.length === 3 ? size : [1, ...size];
  return { batch, channels, depth, plane: [y, x] };
}

/** (n, c, z, y, x) → (z · n, c, y, x), without blocking the channels. */
export function planesOf(image: Value): Value {
  const { batch, channels, depth, plane } = extentsOf(image.shape);
  const outermost = image.shape.length === 5 ? o.transpose(image, [2, 0, 1, 3, 4]) : image;
  return o.reshape(outermost, [depth * batch, channels, ...plane]);
}

/** Converts a graph's images to their blocked forms and back, and remembers known blocked forms. */
export class BlockedLayout {
  readonly #blocked = new WeakMap<Value, Value>();

  /** @param channelBlock Channels per block, the result of `channelBlockOf()`. */
  constructor(readonly channelBlock: number) {}

  /** Whether a number of channels fills whole channel blocks. */
  fills(channels: number): boolean {
    return channels % this.channelBlock === 0;
  }

  /** Rounds a number of channels up to whole channel blocks. */
  filledUp(channels: number): number {
    return Math.ceil(channels / this.channelBlock) * this.channelBlock;
  }

  /** Whether an image's blocked form is known. */
  has(image: Value): boolean {
    return this.#blocked.has(image);
  }

  /** Returns an image's blocked form: the one that it was computed in, or a copy. */
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
   * Returns the image of a blocked form. If only the blocked form is used, encoding the graph omits
   * the copy that this adds.
   *
   * @param blocked The blocked form.
   * @param shape Shape of the image, (n, c, …spatial)
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
 * Concatenates the adjacent planes of each position along depth as channels: (z · n, c, y, x) →
 * (places · n, taps · c, y, x), where place p and tap t contain plane p · stride + t − before, or
 * zeros.
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
 * Moves channels to voxels of bricks: (z · n, kz · ky · kx · c, y, x) → (z · kz · n, c, y · ky, x ·
 * kx).
 *
 * @param blocked The image, blocked
 * @param extents Extents of this image
 * @param brick (kz, ky, kx)
 * @returns The result, blocked
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

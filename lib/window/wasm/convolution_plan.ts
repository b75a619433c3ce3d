/** Chooses how a {@link WasmNetwork} computes a convolution: by gathered taps or with Winograd's mixes. */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import { ROWS, UNIT, UNIT_BYTES } from "./matrix_kernel.ts";
import { singleTap, tapMixer, type Tile, tileAxis } from "./winograd_kernels.ts";

/** A convolution's extents. */
export interface ConvolutionShape {
  /** Voxels of the result, (z, y, x) */
  readonly places: Zyx;
  readonly kernel: Zyx;
  readonly strides: Zyx;
  /** Units of the image's and of the result's channels. */
  readonly units: { readonly image: number; readonly result: number };
}

/** How a convolution is computed. */
export interface ConvolutionPlan {
  /** The tile; undefined if the taps of each voxel are gathered. */
  readonly tile?: Tile;
  /** Number of tiles, (z, y, x), or of voxels. */
  readonly counts: Zyx;
  /** Matrix products per chunk, and units that each of them sums. */
  readonly products: number;
  readonly summed: number;
  /** Tiles or voxels that are computed at a time. */
  readonly chunk: number;
}

/** The tiles of three-tap axes, (z, y, x). Larger ones along other axes would lose precision. */
const tileSizes: readonly Zyx[] = [[2, 2, 2], [2, 2, 4]];

/**
 * Estimated cycles: of a matrix product's 64 multiplications of units, of loading a vector of
 * weights for a chunk, and of gathering or mixing one vector.
 */
const cycles = { product: 9.6, weight: 0.5, gather: 2, imageMix: 4, outputMix: 3 } as const;

/** Returns the plan that takes the least time by estimate. */
export function planConvolution(shape: ConvolutionShape): ConvolutionPlan {
  return planFrom(candidatesOf(shape).map((plan) => ({ plan, time: timeOf(plan, shape) })));
}

function planFrom(
  timed: readonly { readonly plan: ConvolutionPlan; readonly time: number }[],
): ConvolutionPlan {
  return timed.reduce((best, each) => each.time < best.time ? each : best).plan;
}

function candidatesOf({ places, kernel, strides, units }: ConvolutionShape): ConvolutionPlan[] {
  const taps = sizeOf(kernel);
  const plans = [sized({ counts: places, products: 1, summed: taps * units.image }, units.result)];
  const fits = strides.every((stride) => stride === 1) && taps > 1 &&
    kernel.every((extent) => extent === 1 || extent === 3);
  if (!fits) return plans;
  for (const size of tileSizes) {
    const tile = kernel.map((extent, axis) => extent === 1 ? singleTap : tileAxis(size[axis]));
    const counts = places.map((extent, axis) => Math.ceil(extent / tile[axis].outputs));
    const products = tile.reduce((product, axis) => product * axis.products, 1);
    plans.push(sized({
      tile: tile as unknown as Tile,
      counts: counts as unknown as Zyx,
      products,
      summed: units.image,
    }, units.result));
  }
  return plans;
}

/** Bytes of a chunk, which should stay in a cache. */
const CHUNK_BYTES = 640 * 1024;

/** With fewer rows, reading the weights would take longer than multiplying them. */
const LEAST_ROWS = 8 * ROWS;

/** Adds the number of tiles per chunk. */
function sized(plan: Omit<ConvolutionPlan, "chunk">, filters: number): ConvolutionPlan {
  const bytes = plan.products * (plan.summed + filters) * UNIT_BYTES;
  const total = Math.ceil(sizeOf(plan.counts) / ROWS) * ROWS;
  const fitting = Math.floor(CHUNK_BYTES / bytes / ROWS) * ROWS;
  return { ...plan, chunk: Math.min(total, Math.max(LEAST_ROWS, fitting)) };
}

function timeOf(
  { tile, counts, products, summed, chunk }: ConvolutionPlan,
  { units }: ConvolutionShape,
): number {
  const count = sizeOf(counts);
  const chunks = Math.ceil(count / chunk);
  const rows = Math.ceil(count / ROWS) * ROWS;
  const pairs = products * summed * units.result;
  const moved = tile
    ? products * 2 * (summed * cycles.imageMix + units.result * cycles.outputMix)
    : 2 * cycles.gather * (summed + units.result);
  return rows * pairs * cycles.product + chunks * pairs * 2 * UNIT * cycles.weight + count * moved;
}

/**
 * Arranges a kernel for {@link multiplyKernel}: by product, unit of filters and unit of summed
 * channels, eight filters for each of eight channels.
 *
 * @param weight (filters, c, …kernel)
 * @param filters By unit and place, the filter, or −1.
 * @param channels The same for the image's channels.
 * @param target Receives the numbers.
 */
export function arrangeWeights(
  weight: Float32Array,
  { summed, tile }: ConvolutionPlan,
  taps: number,
  filters: readonly number[],
  channels: readonly number[],
  target: Float32Array,
): void {
  const channelCount = 1 + channels.reduce((most, channel) => Math.max(most, channel), 0);
  const imageUnits = channels.length / UNIT;
  const resultUnits = filters.length / UNIT;
  target.fill(0);
  /** Numbers of a product, and of a unit of filters. */
  const productStep = resultUnits * summed * UNIT * UNIT, filterStep = summed * UNIT * UNIT;
  const mix = tile && tapMixer(tile);
  for (let f = 0; f < filters.length; f++) {
    if (filters[f] < 0) continue;
    for (let c = 0; c < channels.length; c++) {
      if (channels[c] < 0) continue;
      const first = (filters[f] * channelCount + channels[c]) * taps;
      const numbers = weight.subarray(first, first + taps);
      // The numbers of a unit are (channel, filter); the channels of a tap follow those of the last.
      let at = Math.floor(f / UNIT) * filterStep + c * UNIT + f % UNIT;
      const mixed = mix ? mix(numbers) : numbers;
      const step = mix ? productStep : imageUnits * UNIT * UNIT;
      for (let i = 0; i < mixed.length; i++, at += step) target[at] = mixed[i];
    }
  }
}

/** Computes convolutions in chunks: gathers or mixes an image, multiplies, and spreads the result. */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import type { ConvolutionPlan } from "./convolution_plan.ts";
import { clear } from "./image_steps.ts";
import type { Constant, Machine } from "./machine.ts";
import { ROWS, UNIT, UNIT_BYTES } from "./matrix_kernel.ts";
import { stepsOf, type UnitImage } from "./unit_image.ts";
import type { Tile } from "./winograd_kernels.ts";

/** Part of a row of tiles or voxels. */
interface Run {
  readonly z: number;
  readonly y: number;
  readonly x: number;
  readonly count: number;
  /** Index of its first in the chunk. */
  readonly at: number;
}

/** Cuts a range of tiles or voxels into runs along x. */
function runsOf([, rows, columns]: Zyx, from: number, to: number): Run[] {
  const runs: Run[] = [];
  for (let index = from; index < to;) {
    const x = index % columns;
    const row = Math.floor(index / columns);
    const count = Math.min(columns - x, to - index);
    runs.push({ z: Math.floor(row / rows), y: row % rows, x, count, at: index - from });
    index += count;
  }
  return runs;
}

/** What a convolution multiplies. */
interface Products {
  readonly plan: ConvolutionPlan;
  readonly weights: Constant;
  readonly offsets: Constant;
}

/** Calls a function for every chunk with its runs and the number of its rows, filled up. */
function forEachChunk(
  { counts, chunk }: ConvolutionPlan,
  visit: (runs: readonly Run[], rows: number) => void,
): void {
  const total = sizeOf(counts);
  for (let from = 0; from < total; from += chunk) {
    const to = Math.min(total, from + chunk);
    visit(runsOf(counts, from, to), Math.ceil((to - from) / ROWS) * ROWS);
  }
}

export function mixedConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, tile, name, weights, offsets, zeros, margin }: Products & {
    readonly tile: Tile;
    /** Biases of the products; the outputs' are added to their mixes. */
    readonly zeros: Constant;
    readonly name: string;
    readonly margin: Zyx;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [mixImage, mixOutput] = [kernels[`image${name}`], kernels[`output${name}`]];
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const { products, summed } = plan;
  const filters = result.units.length;
  const first = from.origin - margin[0] * from.plane - margin[1] * from.row -
    margin[2] * UNIT_BYTES;
  const [mz, my, mx] = tile.map(({ outputs }) => outputs);
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const [imageStep, outputStep] = [summed * unit, filters * unit];
    const outputs = panels + products * imageStep;
    for (const { z, y, x, count, at } of runs) {
      const offset = first + z * mz * from.plane + y * my * from.row + x * mx * UNIT_BYTES;
      for (const [i, { address }] of image.units.entries()) {
        const target = panels + i * unit + at * UNIT_BYTES;
        mixImage(address + offset, target, from.plane, from.row, imageStep, count);
      }
    }
    const weightBytes = summed * filters * UNIT * UNIT_BYTES;
    for (let product = 0; product < products; product++) {
      kernels.multiply(
        panels + product * imageStep,
        weights.address + product * weightBytes,
        zeros.address,
        outputs + product * outputStep,
        unit,
        unit,
        summed,
        rows / ROWS,
        filters,
      );
    }
    for (const { z, y, x, count, at } of runs) {
      const offset = to.origin + z * mz * to.plane + y * my * to.row + x * mx * UNIT_BYTES;
      for (const [i, { address }] of result.units.entries()) {
        const source = outputs + i * unit + at * UNIT_BYTES;
        const bias = offsets.address + i * UNIT_BYTES;
        mixOutput(source, address + offset, outputStep, to.plane, to.row, bias, count);
      }
    }
  });
  clearOverhang(machine, result, plan.counts.map((count, i) => count * tile[i].outputs));
}

/** Restores the zeros after an image that whole tiles have covered. */
function clearOverhang(
  { memory }: Machine,
  { size, units }: UnitImage,
  covered: readonly number[],
): void {
  if (size.every((extent, axis) => extent === covered[axis])) return;
  const { plane, row, origin } = stepsOf(size);
  for (const { address } of units) {
    for (let z = 0; z < covered[0]; z++) {
      for (let y = 0; y < covered[1]; y++) {
        const isInside = z < size[0] && y < size[1];
        const x = isInside ? size[2] : 0;
        const at = address + origin + z * plane + y * row + x * UNIT_BYTES;
        new Uint8Array(memory.buffer, at, (covered[2] - x) * UNIT_BYTES).fill(0);
      }
    }
  }
}

export function gatheredConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, kernel, strides, weights, offsets, margin }: Products & {
    readonly kernel: Zyx;
    readonly strides: Zyx;
    readonly margin: Zyx;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const first = from.origin - margin[0] * from.plane - margin[1] * from.row -
    margin[2] * UNIT_BYTES;
  const taps: number[] = [];
  for (let z = 0; z < kernel[0]; z++) {
    for (let y = 0; y < kernel[1]; y++) {
      for (let x = 0; x < kernel[2]; x++) {
        taps.push(first + z * from.plane + y * from.row + x * UNIT_BYTES);
      }
    }
  }
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const outputs = panels + plan.summed * unit;
    for (const { z, y, x, count, at } of runs) {
      const offset = z * strides[0] * from.plane + y * strides[1] * from.row +
        x * strides[2] * UNIT_BYTES;
      let target = panels + at * UNIT_BYTES;
      for (const tap of taps) {
        for (const { address } of image.units) {
          kernels.copy(address + tap + offset, target, strides[2] * UNIT_BYTES, UNIT_BYTES, count);
          target += unit;
        }
      }
    }
    multiplyOnce(machine, { plan, weights, offsets }, rows, result.units.length);
    for (const { z, y, x, count, at } of runs) {
      const offset = to.origin + z * to.plane + y * to.row + x * UNIT_BYTES;
      for (const [i, { address }] of result.units.entries()) {
        const source = outputs + i * unit + at * UNIT_BYTES;
        kernels.copy(source, address + offset, UNIT_BYTES, UNIT_BYTES, count);
      }
    }
  });
}

/** Multiplies a chunk's panel by weights; the result follows the panel. */
function multiplyOnce(
  { kernels, panels }: Machine,
  { plan: { summed }, weights, offsets }: Products,
  rows: number,
  filters: number,
): void {
  const unit = rows * UNIT_BYTES;
  kernels.multiply(
    panels,
    weights.address,
    offsets.address,
    panels + summed * unit,
    unit,
    unit,
    summed,
    rows / ROWS,
    filters,
  );
}

export function transposedConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, kernel, weights, offsets, filterUnits }: Products & {
    readonly kernel: Zyx;
    readonly filterUnits: number;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const taps = sizeOf(kernel);
  const [kz, ky, kx] = kernel;
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const outputs = panels + plan.summed * unit;
    for (const { z, y, x, count, at } of runs) {
      const offset = from.origin + z * from.plane + y * from.row + x * UNIT_BYTES;
      for (const [i, { address }] of image.units.entries()) {
        const target = panels + i * unit + at * UNIT_BYTES;
        kernels.copy(address + offset, target, UNIT_BYTES, UNIT_BYTES, count);
      }
    }
    multiplyOnce(machine, { plan, weights, offsets }, rows, taps * filterUnits);
    for (const { z, y, x, count, at } of runs) {
      let source = outputs + at * UNIT_BYTES;
      for (let tap = 0; tap < taps; tap++) {
        const [dz, dy, dx] = [Math.floor(tap / (ky * kx)), Math.floor(tap / kx) % ky, tap % kx];
        const offset = to.origin + (z * kz + dz) * to.plane + (y * ky + dy) * to.row +
          (x * kx + dx) * UNIT_BYTES;
        for (const { address } of result.units) {
          kernels.copy(source, address + offset, UNIT_BYTES, kx * UNIT_BYTES, count);
          source += unit;
        }
      }
    }
  });
}

/** Computes images from images, voxel by voxel, and exchanges them with arrays. */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import type { Machine } from "./machine.ts";
import { UNIT, UNIT_BYTES } from "./matrix_kernel.ts";
import { type Region, stepsOf, type UnitImage } from "./unit_image.ts";

/** Fills images with zeros, of which their borders consist. */
export function clear({ memory }: Pick<Machine, "memory">, { units }: UnitImage): void {
  for (const { address, bytes } of units) new Uint8Array(memory.buffer, address, bytes).fill(0);
}

/** Sets one unit of an image to affine functions of another's, and applies a leaky ReLU. */
export function applyAffine(
  { kernels, parameters, memory }: Machine,
  { size }: UnitImage,
  { address }: Region,
  target: Region,
  affineOf: (place: number) => readonly [factor: number, offset: number],
  slope: number,
): void {
  const numbers = new Float32Array(memory.buffer, parameters, 2 * UNIT + 4);
  for (let place = 0; place < UNIT; place++) {
    [numbers[place], numbers[UNIT + place]] = affineOf(place);
  }
  numbers.fill(slope, 2 * UNIT);
  if (target.address !== address) {
    new Uint8Array(memory.buffer, target.address, target.bytes).fill(0);
  }
  const { plane, row, origin } = stepsOf(size);
  kernels.affine(address + origin, target.address + origin, parameters, plane, row, ...size);
}

export function normalize(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { factors, offsets, epsilon, slope }: {
    readonly factors: Float32Array;
    readonly offsets: Float32Array;
    readonly epsilon: number;
    readonly slope: number;
  },
): void {
  const { kernels, memory, parameters } = machine;
  const { plane, row, origin } = stepsOf(image.size);
  const voxels = sizeOf(image.size);
  const sums = new Float64Array(memory.buffer, parameters, 2 * UNIT);
  for (const [i, unit] of image.units.entries()) {
    kernels.statistics(unit.address + origin, parameters, plane, row, ...image.size);
    const found = sums.slice();
    applyAffine(machine, image, unit, result.units[i], (place) => {
      const channel = image.channels[i * UNIT + place];
      if (channel < 0) return [0, 0];
      const mean = found[place] / voxels;
      const variance = Math.max(0, found[UNIT + place] / voxels - mean ** 2);
      const factor = factors[channel] / Math.sqrt(variance + epsilon);
      return [factor, offsets[channel] - mean * factor];
    }, slope);
  }
}

export function averagePool(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  [kz, ky, kx]: Zyx,
): void {
  clear(machine, result);
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const [depth, rows, columns] = result.size;
  for (const [i, { address }] of image.units.entries()) {
    const target = result.units[i];
    for (let z = 0; z < depth * kz; z++) {
      for (let y = 0; y < rows * ky; y++) {
        const source = address + from.origin + z * from.plane + y * from.row;
        const at = target.address + to.origin + Math.floor(z / kz) * to.plane +
          Math.floor(y / ky) * to.row;
        for (let x = 0; x < kx; x++) {
          machine.kernels.accumulate(source + x * UNIT_BYTES, at, kx * UNIT_BYTES, columns);
        }
      }
    }
    applyAffine(machine, result, target, target, () => [1 / (kz * ky * kx), 0], 1);
  }
}

/** Writes an image (c, …size) into its units. */
export function writeImage(
  values: Float32Array,
  channels: number,
  image: UnitImage,
  memory: WebAssembly.Memory,
): void {
  clear({ memory }, image);
  forEachRow(image, memory, channels, (row, place, channel, first, columns) => {
    const from = channel * sizeOf(image.size) + first;
    for (let x = 0; x < columns; x++) row[x * UNIT + place] = values[from + x];
  });
}

/** Reads an image into an array (c, …size). */
export function readImage(image: UnitImage, memory: WebAssembly.Memory): Float32Array<ArrayBuffer> {
  const channels = image.channels.filter((channel) => channel >= 0).length;
  const voxels = sizeOf(image.size);
  const values = new Float32Array(channels * voxels);
  forEachRow(image, memory, channels, (row, place, channel, first, columns) => {
    const to = channel * voxels + first;
    for (let x = 0; x < columns; x++) values[to + x] = row[x * UNIT + place];
  });
  return values;
}

/** Visits the rows of all channels. */
function forEachRow(
  { size, units, channels: all }: UnitImage,
  memory: WebAssembly.Memory,
  channels: number,
  visit: (
    row: Float32Array,
    place: number,
    channel: number,
    first: number,
    columns: number,
  ) => void,
): void {
  const [depth, rows, columns] = size;
  const { plane, row, origin } = stepsOf(size);
  for (let channel = 0; channel < channels; channel++) {
    const index = all.indexOf(channel);
    const { address } = units[Math.floor(index / UNIT)];
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < rows; y++) {
        const at = address + origin + z * plane + y * row;
        const numbers = new Float32Array(memory.buffer, at, columns * UNIT);
        visit(numbers, index % UNIT, channel, (z * rows + y) * columns, columns);
      }
    }
  }
}

/**
 * Lays out images in the memory of a {@link WasmNetwork}: units of eight channels, each (z, y, x, 8)
 * with a border of zeros, which convolutions read as padding.
 */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import { UNIT, UNIT_BYTES } from "./matrix_kernel.ts";

/** A part of the memory, which others may use before and after. */
export interface Region {
  readonly bytes: number;
  /** Address in bytes, once {@link placeRegions} has chosen it. */
  address: number;
  /** The first and the last step that uses it. */
  first: number;
  last: number;
}

/** An image, or the concatenation of several, whose units are shared. */
export interface UnitImage {
  /** Voxels, (z, y, x) */
  readonly size: Zyx;
  /** The region of each unit of channels. */
  readonly units: readonly Region[];
  /** By unit and place in it, the channel, or −1 for places that are filled up with zeros. */
  readonly channels: readonly number[];
}

/** Whether an image has a border along an axis; a single plane has none before and after it. */
export function hasBorder(size: Zyx, axis: number): boolean {
  return axis > 0 || size[0] > 1;
}

/** Whole tiles, (z, y, x), which outputs are computed of. */
const tiles: Zyx = [2, 2, 4];

/** Returns the extents of an image with its border, which whole tiles may cover. */
function bordered(size: Zyx): Zyx {
  return size.map((extent, axis) =>
    !hasBorder(size, axis) ? 1 : 2 + Math.ceil(extent / tiles[axis]) * tiles[axis]
  ) as unknown as Zyx;
}

/** Returns the bytes of one unit of an image, with its border. */
export function unitBytes(size: Zyx): number {
  return sizeOf(bordered(size)) * UNIT_BYTES;
}

/** Returns the bytes between planes and between rows, and those before the first voxel. */
export function stepsOf(
  size: Zyx,
): { readonly plane: number; readonly row: number; readonly origin: number } {
  const [, rows, columns] = bordered(size);
  const row = columns * UNIT_BYTES;
  const plane = rows * row;
  return { plane, row, origin: (hasBorder(size, 0) ? plane : 0) + row + UNIT_BYTES };
}

/** Returns the channels of an image of its own, filled up to whole units. */
export function filledChannels(count: number): number[] {
  return Array.from(
    { length: Math.ceil(count / UNIT) * UNIT },
    (_, i) => i < count ? i : -1,
  );
}

/** Alignment of regions, a cache line. */
const ALIGNMENT = 64;

/**
 * Chooses addresses for regions, so that those in use at the same time do not overlap.
 *
 * @param from The first free address.
 * @returns The first address after all.
 */
export function placeRegions(regions: readonly Region[], from: number): number {
  const placed: Region[] = [];
  let end = from;
  for (const region of regions) {
    const others = placed.filter(({ first, last }) => first <= region.last && region.first <= last)
      .sort((a, b) => a.address - b.address);
    let address = from;
    for (const other of others) {
      if (address + region.bytes <= other.address) break;
      address = Math.max(address, aligned(other.address + other.bytes));
    }
    region.address = address;
    placed.push(region);
    end = Math.max(end, address + region.bytes);
  }
  return aligned(end);
}

/** Rounds an address up. */
export function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

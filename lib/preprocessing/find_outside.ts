/** Finds the voxels around the scanned object: those reachable from the border through zeros. */

import { freeArray, takeArray } from "../array/reused_arrays.ts";
import { type NdArray, sizeOf } from "../array/nd_array.ts";

const OUTSIDE = 1;

/**
 * Marks the voxels outside the object: those where every channel is 0, except in holes.
 *
 * A hole is background that no path of face neighbours connects to the border of the volume, as in
 * `scipy.ndimage.binary_fill_holes`. A volume one voxel thick along an axis therefore has none.
 *
 * Only the border and the outside are visited, so a single-channel scan without an empty rim costs
 * next to nothing.
 *
 * @param data Intensities, (c, z, y, x).
 * @returns One byte per voxel, (z, y, x): 1 outside, 0 inside, the inverse of nnU-Net's mask;
 * undefined if no voxel is outside.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/cropping/cropping.py
 */
export function findOutside(data: NdArray<Float32Array>): Uint8Array<ArrayBuffer> | undefined {
  const [, depth, height, width] = data.shape;
  const outside = takeArray(Uint8Array<ArrayBuffer>, depth * height * width).fill(0);
  const any = floodFromBorder(occupancy(data), outside, depth, height, width);
  if (any) return outside;
  freeArray(outside);
}

/** One value per voxel, (z, y, x), nonzero where any channel is. */
function occupancy({ shape: [channels, ...shape], data }: NdArray<Float32Array>) {
  if (channels === 1) return data;
  const size = sizeOf(shape);
  const occupied = new Float32Array(size);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.subarray(channel * size, (channel + 1) * size);
    for (let i = 0; i < size; i++) if (values[i] !== 0) occupied[i] = 1;
  }
  return occupied;
}

/**
 * Marks zeros connected to the border. Works on runs along x, because pushing single voxels of a
 * mostly empty volume costs several times as much.
 *
 * @returns Whether any voxel was marked.
 */
function floodFromBorder(
  occupied: Float32Array,
  outside: Uint8Array,
  depth: number,
  height: number,
  width: number,
): boolean {
  const rowCount = depth * height;
  /** Voxels to start a run from; always unmarked zeros when pushed. */
  const pending: number[] = [];
  let any = false;

  const pushRuns = (row: number, first: number, last: number) => {
    let inRun = false;
    for (let i = row * width + first; i <= row * width + last; i++) {
      const reached = occupied[i] === 0 && outside[i] === 0;
      if (reached && !inRun) pending.push(i);
      inRun = reached;
    }
  };

  const drain = () => {
    for (let start = pending.pop(); start !== undefined; start = pending.pop()) {
      if (outside[start] === OUTSIDE) continue; // Reached by another run since it was pushed.
      const row = Math.floor(start / width);
      const rowStart = row * width;
      // Runs are marked as a whole, so the zeros next to an unmarked zero are unmarked, too.
      let first = start;
      while (first > rowStart && occupied[first - 1] === 0) first--;
      let last = start;
      while (last < rowStart + width - 1 && occupied[last + 1] === 0) last++;
      outside.fill(OUTSIDE, first, last + 1);
      any = true;
      const y = row % height;
      if (y > 0) pushRuns(row - 1, first - rowStart, last - rowStart);
      if (y < height - 1) pushRuns(row + 1, first - rowStart, last - rowStart);
      if (row >= height) pushRuns(row - height, first - rowStart, last - rowStart);
      if (row < rowCount - height) pushRuns(row + height, first - rowStart, last - rowStart);
    }
  };

  for (let row = 0; row < rowCount; row++) {
    const z = Math.floor(row / height);
    const y = row % height;
    if (z === 0 || z === depth - 1 || y === 0 || y === height - 1) {
      pushRuns(row, 0, width - 1);
    } else {
      pushRuns(row, 0, 0);
      pushRuns(row, width - 1, width - 1);
    }
    drain();
  }
  return any;
}

/** Which voxels belong to the scanned object: everything not reachable from outside through zeros. */

import { type NdArray, sizeOf } from "../array/nd_array.ts";

const BACKGROUND = 0;
const FOREGROUND = 1;
const OUTSIDE = 2;

/**
 * Marks voxels where any channel differs from 0, holes filled.
 *
 * A hole is background that no path of face neighbours connects to the border of the volume, as in
 * `scipy.ndimage.binary_fill_holes`. A volume one voxel thick along an axis therefore has none.
 *
 * @param data Intensities, (c, z, y, x).
 * @returns One byte a voxel, (z, y, x): 1 inside, 0 outside.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/cropping/cropping.py
 */
export function nonzeroMask(data: NdArray): Uint8Array<ArrayBuffer> {
  const [channels, depth, height, width] = data.shape;
  const size = sizeOf(data.shape.slice(1));
  const mask = new Uint8Array(size);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.data.subarray(channel * size, (channel + 1) * size);
    for (let i = 0; i < size; i++) if (values[i] !== 0) mask[i] = FOREGROUND;
  }
  floodFromBorder(mask, depth, height, width);
  for (let i = 0; i < size; i++) mask[i] = mask[i] === OUTSIDE ? 0 : 1;
  return mask;
}

/**
 * Turns background connected to the border into OUTSIDE. Works on runs along x, because pushing
 * single voxels of a mostly empty volume costs several times as much.
 */
function floodFromBorder(mask: Uint8Array, depth: number, height: number, width: number) {
  const rowCount = depth * height;
  /** Voxels to start a run from; always background when pushed. */
  const pending: number[] = [];

  const pushRuns = (row: number, first: number, last: number) => {
    let inRun = false;
    for (let i = row * width + first; i <= row * width + last; i++) {
      const background = mask[i] === BACKGROUND;
      if (background && !inRun) pending.push(i);
      inRun = background;
    }
  };

  const drain = () => {
    for (let start = pending.pop(); start !== undefined; start = pending.pop()) {
      if (mask[start] !== BACKGROUND) continue; // Reached by another run since it was pushed.
      const row = Math.floor(start / width);
      const rowStart = row * width;
      let first = start;
      while (first > rowStart && mask[first - 1] === BACKGROUND) first--;
      let last = start;
      while (last < rowStart + width - 1 && mask[last + 1] === BACKGROUND) last++;
      mask.fill(OUTSIDE, first, last + 1);
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
}

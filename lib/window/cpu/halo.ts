/** Extends cells by the voxels before them, which interpolation at their edges needs. */

import type { Zyx } from "../../array/nd_array.ts";
import type { LogitsBox } from "../../labels/logits_box.ts";
import type { Cell } from "./cells.ts";
import { newSharedMemory } from "../../platform/shared_memory.ts";

/** Adds a plane, row and column of earlier cells at the beginning of each cell. */
export class Halo {
  readonly #heads: number;
  readonly #size: Zyx;
  /** Memory of the box that `add()` returns. */
  readonly #buffer: ArrayBufferLike;
  /** Last plane of the cells before, last row of the cells above, last column of the cell before. */
  readonly #layers: [Float32Array, Float32Array, Float32Array];

  /**
   * @param heads Number of channels of the logits.
   * @param size Voxels of the volume, (z, y, x).
   * @param cells All cells of the volume.
   */
  constructor(heads: number, size: Zyx, cells: readonly Cell[]) {
    this.#heads = heads;
    this.#size = size;
    const largest = [0, 1, 2].map((axis) => Math.max(...cells.map((cell) => cell.size[axis])));
    const [z, y, x] = largest.map((extent, axis) => Math.min(extent + 1, size[axis]));
    this.#buffer = newSharedMemory(4 * heads * z * y * x);
    this.#layers = [
      new Float32Array(heads * size[1] * size[2]),
      new Float32Array(heads * (largest[0] + 1) * size[2]),
      new Float32Array(heads * (largest[0] + 1) * (largest[1] + 1)),
    ];
  }

  /**
   * Extends a cell. Cells must be added in order, the last axis fastest.
   *
   * @param cell The cell.
   * @param values The cell's logits, (heads, …cell).
   * @returns The cell with the voxels before it; overwritten by the next call.
   */
  add({ origin, size }: Cell, values: Float32Array): LogitsBox {
    const before = origin.map((position) => position > 0 ? 1 : 0);
    const [bz, by, bx] = before;
    const [sz, sy, sx] = size;
    const [z, y, x] = [sz + bz, sy + by, sx + bx];
    const [, height, width] = this.#size;
    const data = new Float32Array(this.#buffer, 0, this.#heads * z * y * x);
    const [planes, rows, columns] = this.#layers;
    // Each layer includes the voxels before its cells, so that it also provides the corners.
    for (let head = 0; head < this.#heads; head++) {
      for (let k = 0; k < z; k++) {
        for (let j = 0; j < y; j++) {
          const to = ((head * z + k) * y + j) * x;
          if (bx) data[to] = columns[(head * z + k) * y + j];
          if (by && j === 0) {
            const from = (head * z + k) * width + origin[2];
            data.set(rows.subarray(from, from + sx), to + bx);
          } else if (bz && k === 0) {
            const from = (head * height + origin[1] + j - by) * width + origin[2];
            data.set(planes.subarray(from, from + sx), to + bx);
          } else {
            const from = ((head * sz + k - bz) * sy + j - by) * sx;
            data.set(values.subarray(from, from + sx), to + bx);
          }
        }
      }
    }
    this.#keep({ origin, size }, [z, y, x], before, data);
    const [oz, oy, ox] = origin.map((position, axis) => position - before[axis]);
    return { shape: [this.#heads, z, y, x], data, origin: [oz, oy, ox] };
  }

  #keep(
    { origin, size }: Pick<Cell, "origin" | "size">,
    [z, y, x]: Zyx,
    [, by, bx]: readonly number[],
    data: Float32Array,
  ) {
    const [, height, width] = this.#size;
    const [planes, rows, columns] = this.#layers;
    for (let head = 0; head < this.#heads; head++) {
      for (let k = 0; k < z; k++) {
        for (let j = 0; j < y; j++) {
          const from = ((head * z + k) * y + j) * x;
          columns[(head * z + k) * y + j] = data[from + x - 1];
          const own = data.subarray(from + bx, from + bx + size[2]);
          if (j === y - 1) rows.set(own, (head * z + k) * width + origin[2]);
          if (k === z - 1 && j >= by) {
            planes.set(own, (head * height + origin[1] + j - by) * width + origin[2]);
          }
        }
      }
    }
  }
}

/** Cells of a volume with the voxels before them, which interpolation at their edge needs. */

import type { NdArray, Zyx } from "../../array/nd_array.ts";
import type { Cell } from "./cells.ts";

/** A box of logits, (heads, z, y, x), and where it lies in its volume. */
export interface LogitsBox extends NdArray<Float32Array> {
  readonly origin: Zyx;
}

/** One that several threads can read. */
export interface SharedBox extends NdArray<Float32Array<SharedArrayBuffer>> {
  readonly origin: Zyx;
}

/** Gives each cell one more plane, row and column at its beginning, of the cells before it. */
export class Halo {
  readonly #heads: number;
  readonly #size: Zyx;
  /** Of the box handed out last. */
  readonly #buffer: SharedArrayBuffer;
  /** Per axis the last layer of what came before: of all cells, of a row of cells, of one cell. */
  readonly #layers: [Float32Array, Float32Array, Float32Array];

  /** @param size Of the volume, (z, y, x). @param largest Of its cells, per axis. */
  constructor(heads: number, size: Zyx, largest: Zyx) {
    this.#heads = heads;
    this.#size = size;
    const [z, y, x] = largest.map((extent, axis) => Math.min(extent + 1, size[axis]));
    this.#buffer = new SharedArrayBuffer(4 * heads * z * y * x);
    this.#layers = [
      new Float32Array(heads * size[1] * size[2]),
      new Float32Array(heads * (largest[0] + 1) * size[2]),
      new Float32Array(heads * (largest[0] + 1) * (largest[1] + 1)),
    ];
  }

  /**
   * Cells must come in their order, the last axis fastest.
   *
   * @param values (heads, …cell)
   * @returns The cell and what lies before it; overwritten by the next call.
   */
  add({ origin, size }: Cell, values: Float32Array): SharedBox {
    const before = origin.map((position) => position > 0 ? 1 : 0);
    const [bz, by, bx] = before;
    const [sz, sy, sx] = size;
    const [z, y, x] = [sz + bz, sy + by, sx + bx];
    const [, height, width] = this.#size;
    const data = new Float32Array(this.#buffer, 0, this.#heads * z * y * x);
    const [planes, rows, columns] = this.#layers;
    // A layer holds its own lower edges too, so that corners are found in it.
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

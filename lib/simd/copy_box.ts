/** Copies boxes within scratch memory, for cropping, padding and mirroring. */

import { i32, type Int, loopWhile, type Statement, v128, type Variable } from "./instructions.ts";
import { compileKernels, kernel } from "./kernel.ts";
import type { ScratchArray } from "./scratch.ts";

/** Bytes of a vector. */
const VECTOR = i32.of(16);

/**
 * Builds a kernel that loops over planes, rows and the vectors of each row.
 *
 * @param move Copies one vector and advances the target.
 */
function rowKernel(move: (source: Int, target: Variable<"i32">) => readonly Statement[]) {
  return kernel(
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (
      [from, to, planes, rows, rowBytes, fromPlane, toPlane, fromRow, toRow],
      variable,
    ) => {
      const fromRowAt = variable("i32"), toRowAt = variable("i32"), left = variable("i32");
      const source = variable("i32"), target = variable("i32"), end = variable("i32");
      return [
        loopWhile(i32.less(i32.of(0), planes), [
          fromRowAt.set(from),
          toRowAt.set(to),
          left.set(rows),
          loopWhile(i32.less(i32.of(0), left), [
            source.set(fromRowAt),
            target.set(toRowAt),
            end.set(i32.add(fromRowAt, rowBytes)),
            loopWhile(i32.less(source, end), [
              ...move(source, target),
              source.set(i32.add(source, VECTOR)),
            ]),
            fromRowAt.set(i32.add(fromRowAt, fromRow)),
            toRowAt.set(i32.add(toRowAt, toRow)),
            left.set(i32.subtract(left, i32.of(1))),
          ]),
          from.set(i32.add(from, fromPlane)),
          to.set(i32.add(to, toPlane)),
          planes.set(i32.subtract(planes, i32.of(1))),
        ]),
      ];
    },
  );
}

/** Writes a row from its start. */
const copy = rowKernel((source, target) => [
  v128.store(target, v128.load(source)),
  target.set(i32.add(target, VECTOR)),
]);

/** Writes a row backwards from its end, with the elements of every vector reversed. */
const reverse = (bytesPerElement: number) => {
  const order = Array.from({ length: 16 }, (_, byte) => {
    const within = byte % bytesPerElement;
    return 16 - bytesPerElement - (byte - within) + within;
  });
  return rowKernel((source, target) => [
    target.set(i32.subtract(target, VECTOR)),
    v128.store(target, v128.shuffle(v128.load(source), order)),
  ]);
};

const kernels = compileKernels({ copy, reverse2: reverse(2), reverse4: reverse(4) });

/** The layout of a box within an array in scratch memory, in elements. */
export interface BoxPlace {
  readonly array: ScratchArray;
  /** Index of its first element. */
  readonly from: number;
  /** Steps from one plane, and from one row, to the next. */
  readonly planeStep: number;
  readonly rowStep: number;
}

/** Extents of a box in elements, each at least 1. */
export type BoxSize = readonly [planes: number, rows: number, width: number];

/**
 * Copies a box. This also overwrites up to 15 bytes after the target's last element.
 *
 * @param target Its rows and planes must be in ascending order.
 */
export function copyBox(source: BoxPlace, target: BoxPlace, size: BoxSize): void {
  // Where a row's last vector overlaps the next row, that row is written later.
  run(kernels.copy, source, source.from, target, target.from, size, 1);
}

/**
 * Copies a box with the elements of each row reversed. This also overwrites up to 15 bytes before
 * the target's first element.
 *
 * @param source Its elements must have two or four bytes.
 * @param target Its rows and planes must be in ascending order.
 */
export function copyReversed(source: BoxPlace, target: BoxPlace, size: BoxSize): void {
  // Runs from the last row to the first, because a row's last vector overlaps the previous row.
  const reverse = source.array.BYTES_PER_ELEMENT === 2 ? kernels.reverse2 : kernels.reverse4;
  const lastRow = ({ from, planeStep, rowStep }: BoxPlace) =>
    from + (size[0] - 1) * planeStep + (size[1] - 1) * rowStep;
  run(reverse, source, lastRow(source), target, lastRow(target) + size[2], size, -1);
}

function run(
  kernel: (...parameters: number[]) => void,
  source: BoxPlace,
  from: number,
  target: BoxPlace,
  to: number,
  [planes, rows, width]: BoxSize,
  direction: 1 | -1,
) {
  const bytes = source.array.BYTES_PER_ELEMENT, step = direction * bytes;
  kernel(
    source.array.byteOffset + from * bytes,
    target.array.byteOffset + to * bytes,
    planes,
    rows,
    width * bytes,
    source.planeStep * step,
    target.planeStep * step,
    source.rowStep * step,
    target.rowStep * step,
  );
}

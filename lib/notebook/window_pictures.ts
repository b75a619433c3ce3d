/** Draws how a window slides over a scan. */

import type { Shape } from "../array/nd_array.ts";
import type { Image } from "../image/image.ts";
import { requireKnown } from "../options/require_known.ts";
import { Output } from "./output.ts";
import { heat, type Slice, sliceRow } from "./slice_picture.ts";
import { type Slide, slides } from "./slides.ts";

/** Pixels of the longer side of a panel. */
const PANEL = 320;

/** Windows over a scan, as `tileOrigins()` of `nnunet/parts` places them. */
export interface ScanWindows {
  /** Size of all windows, (z, y, x). */
  readonly tile: Shape;
  /** First voxel of each window, (z, y, x). */
  readonly origins: readonly Shape[];
}

/**
 * Follows the windows through the middle slice of a scan with a slider: the window, and how many have
 * seen each voxel so far.
 *
 * @param image The scan; its first channel is drawn.
 * @param windows The windows.
 * @param options.steps Largest number of the slider's positions, 12 by default.
 * @returns The output.
 * @throws {RangeError} If no window crosses the slice.
 *
 * @example
 * ```ts
 * import { imageFrom } from "nnunet";
 * import { windowSlides } from "nnunet/notebook";
 * import { tileOrigins, tileStarts } from "nnunet/parts";
 * import assert from "node:assert/strict";
 *
 * const image = imageFrom(new Float32Array(64), { shape: [4, 4, 4], spacing: [1, 1, 1] });
 * const tile = [4, 2, 4];
 * const origins = tileOrigins(tileStarts(image.geometry.shape, tile, 0.5));
 * const { text } = await windowSlides(image, { tile, origins });
 * assert.equal(text, "window: 1 of 3, 2 of 3, 3 of 3");
 * ```
 */
export async function windowSlides(
  image: Image,
  windows: ScanWindows,
  options: { readonly steps?: number } = {},
): Promise<Output> {
  requireKnown(options, { steps: true }, "draw windows");
  const { steps = 12 } = options;
  const through = windowsThroughMiddle(image, windows);
  const { tile } = windows;
  const scan = middle(
    image,
    (row, column, z, [, height, width]) => image.data[(z * height + row) * width + column],
  );
  const covering = (some: readonly Shape[]) =>
    middle(
      image,
      (row, column) =>
        some.filter(([, top, left]) =>
          row >= top && row < top + tile[1] && column >= left && column < left + tile[2]
        ).length,
    );
  const items: Slide[] = [];
  const step = Math.max(1, Math.ceil(through.length / steps));
  for (let count = 1; count <= through.length; count += step) {
    const seen = covering(through.slice(0, count));
    items.push({
      label: `${count} of ${through.length}`,
      content: await sliceRow([
        {
          title: `window ${count}`,
          ...scan,
          labels: covering([through[count - 1]]).values,
        },
        {
          title: "windows so far",
          ...seen,
          values: Float32Array.from(seen.values, (times) => times / through.length),
          colors: heat,
          scale: { label: "windows", ends: ["0", `${through.length}`] },
        },
      ], { size: PANEL }),
    });
  }
  return slides("window", items, { title: "Windows", start: items.length >> 1 });
}

/**
 * Draws the weights of one window's voxels in the middle slice of a scan, and the sum of all windows'
 * weights, each relative to its largest value.
 *
 * @param image The scan.
 * @param windows The windows.
 * @param weights Weight of each of a window's voxels, as `gaussianWeights()` of `nnunet/parts` returns
 * them.
 * @returns The output.
 * @throws {RangeError} If no window crosses the slice.
 *
 * @example
 * ```ts ignore
 * import { windowWeights } from "nnunet/notebook";
 * import { gaussianWeights } from "nnunet/parts";
 *
 * await windowWeights(image, { tile, origins }, gaussianWeights(tile));
 * ```
 */
export async function windowWeights(
  image: Image,
  windows: ScanWindows,
  weights: ArrayLike<number>,
): Promise<Output> {
  const through = windowsThroughMiddle(image, windows);
  const [, rows, columns] = windows.tile;
  const weightsOf = (some: readonly Shape[]) =>
    relative(middle(image, (row, column, z) => {
      let sum = 0;
      for (const [first, top, left] of some) {
        const [j, i] = [row - top, column - left];
        if (j < 0 || j >= rows || i < 0 || i >= columns) continue;
        sum += weights[((z - first) * rows + j) * columns + i];
      }
      return sum;
    }));
  const drawn = { colors: heat, scale: { label: "weight", ends: ["0", "largest"] } } as const;
  return new Output({
    title: "Weights",
    text: "Weights of one window, and the sum of all windows' weights",
    png: await sliceRow([
      { title: "one window", ...weightsOf([through[through.length >> 1]]), ...drawn },
      { title: "all windows", ...weightsOf(through), ...drawn },
    ], { size: PANEL }),
  });
}

/** The windows that contain voxels of the middle slice. */
function windowsThroughMiddle({ geometry }: Image, { tile, origins }: ScanWindows): Shape[] {
  const z = geometry.shape[0] >> 1;
  const through = origins.filter(([first]) => first <= z && z < first + tile[0]);
  if (through.length > 0) return through;
  throw new RangeError(
    `Cannot draw windows: none of ${origins.length} crosses slice ${z}, expected at least one`,
  );
}

/** The middle slice of a volume on the scan's grid, with rows from top to bottom. */
function middle(
  { geometry: { shape } }: Image,
  valueAt: (row: number, column: number, slice: number, shape: Shape) => number,
): Slice {
  const [depth, height, width] = shape;
  const values = Float32Array.from(
    { length: height * width },
    (_, i) => valueAt(height - 1 - Math.floor(i / width), i % width, depth >> 1, shape),
  );
  return { values, width, height };
}

/** Divides the values by the largest. */
function relative({ values, ...size }: Slice): Slice {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  return { ...size, values: Float32Array.from(values, (value) => value / largest) };
}

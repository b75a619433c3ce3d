/** Assembles an image from the pages of a TIFF file. */

import { sizeOf } from "../../array/nd_array.ts";
import type { Geometry, Image } from "../image.ts";
import type { TiffDirectories, TiffPage } from "./tiff_directory.ts";
import { readTiffPage, requirePossible } from "./tiff_pixels.ts";

/** What the pages of a file stand for. */
export interface PageLayout {
  readonly slices: number;
  readonly channels: number;
  /** The page with each plane of the image: its slice, and its first channel. */
  readonly planes: readonly PlanePage[];
}

/** A page of a file and the plane that it stores. */
export interface PlanePage {
  /** Index of the page. */
  readonly page: number;
  readonly slice: number;
  /** Channel of the page's first sample; further samples are the next channels. */
  readonly channel: number;
}

/**
 * Reads an image whose pages all have the same size, samples and number type.
 *
 * @param geometry The grid, with as many slices as the layout and as many pixels as a page.
 * @returns The image, (c, z, y, x).
 * @throws {TypeError} If the compression is unknown.
 * @throws {RangeError} If pages differ, or a page is larger than the file can hold.
 */
export async function readTiffImage(
  content: Uint8Array<ArrayBuffer>,
  { pages, littleEndian }: TiffDirectories,
  { slices, channels, planes }: PageLayout,
  geometry: Geometry,
  path: string,
): Promise<Image> {
  const used = planes.map(({ page }) => pages[page]);
  requireOneKind(used, path);
  requirePossible(used, content.length, path);
  const [{ width, height, samples }] = used;
  const plane = height * width;
  const data = new Float32Array(channels * sizeOf(geometry.shape));
  for (const [i, { slice, channel }] of planes.entries()) {
    const values = await readTiffPage(content, used[i], littleEndian, path); // (c, y, x)
    for (let sample = 0; sample < samples; sample++) {
      const part = values.subarray(sample * plane, (sample + 1) * plane);
      data.set(part, ((channel + sample) * slices + slice) * plane);
    }
  }
  return { geometry, channels, data };
}

function requireOneKind(pages: readonly TiffPage[], path: string) {
  const kindOf = ({ width, height, samples, type }: TiffPage) =>
    `${width} × ${height} pixels of ${samples} ${type?.name ?? "bit"}`;
  const other = pages.findIndex((page) => kindOf(page) !== kindOf(pages[0]));
  if (other < 0) return;
  throw new RangeError(
    `Cannot read ${path}: page ${other + 1} has ${kindOf(pages[other])}, ` +
      `expected ${kindOf(pages[0])} as on the first`,
  );
}

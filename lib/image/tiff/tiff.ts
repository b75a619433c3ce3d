/** Decodes and encodes TIFF files: pictures with one page, and volumes with one page per slice. */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import { storedLabels, storedScan, type StoredVoxels } from "../file_content.ts";
import type { ImageFormat } from "../format.ts";
import { isPlanar } from "../geometry.ts";
import type { Geometry, Image } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { pictureGeometry, stackGeometry } from "../picture.ts";
import { readTiffDirectories, type TiffPage } from "./tiff_directory.ts";
import { readTiffPage, requirePossible } from "./tiff_pixels.ts";
import { packTiff } from "./tiff_writer.ts";

/**
 * The TIFF format. It is implemented here because available libraries read signed numbers as
 * unsigned or truncated files as ones with fewer slices, or have tens of megabytes.
 *
 * One page is a picture, as for nnU-Net's `NaturalImage2DIO`; several are slices, as for
 * `Tiff3DIO`, with their spacing in `CASE.json` (by default 1 mm). A single page is a volume if
 * tifffile's description says so. World position and orientation are not stored; axes are ITK's
 * defaults.
 *
 * @see https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
 */
export const tiff: ImageFormat = {
  name: "TIFF",
  endings: [".tif", ".tiff"],
  hasSpacingFile: true,
  decode: decodeTiff,
  encodeImage: ({ geometry, channels, data }, path) =>
    encode(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encode(geometry, 1, storedLabels(data), 6, path),
};

async function decodeTiff(source: ImageSource): Promise<Image> {
  const { path } = source;
  const content = await source.readAll();
  const { littleEndian, pages } = readTiffDirectories(content, path);
  requireOneKind(pages, path);
  requirePossible(pages, content.length, path);
  const [{ width, height, samples, description }] = pages;
  const { slices, axes } = declaredStack(description, samples);
  if (slices > pages.length) {
    throw new RangeError(
      `Cannot read ${path}: found ${pages.length} pages, expected the ${slices} of its description`,
    );
  }
  const shape: Zyx = [pages.length, height, width];
  const geometry = pages.length === 1 && axes !== 3
    ? pictureGeometry(width, height, path)
    : stackGeometry(shape, await source.readSpacing() ?? [1, 1, 1], path);

  const data = new Float32Array(samples * sizeOf(shape));
  const plane = height * width;
  for (const [slice, page] of pages.entries()) {
    const values = await readTiffPage(content, page, littleEndian, path); // (c, y, x)
    for (let channel = 0; channel < samples; channel++) {
      const part = values.subarray(channel * plane, (channel + 1) * plane);
      data.set(part, (channel * pages.length + slice) * plane);
    }
  }
  return { geometry, channels: samples, data };
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

/**
 * The number of slices and axes in a description by tifffile (`{"shape": [1, 5, 7]}`) or ImageJ
 * (`images=12`). For large files, ImageJ omits all directories but the first.
 */
function declaredStack(
  description: string,
  samples: number,
): { slices: number; axes?: number } {
  const images = description.match(/^ImageJ=[^]*^images=(\d+)/m);
  if (images) return { slices: Number(images[1]) };
  const shape = description.match(/^\{"shape": \[([\d, ]+)\]/);
  const axes = shape?.[1].split(",").length;
  return { slices: 1, axes: axes && axes - (samples > 1 ? 1 : 0) };
}

function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  level: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { shape } = geometry;
  const [slices, height, width] = shape;
  // Distinguishes a volume of one slice from a picture; tifffile understands it, too.
  const axes = channels > 1 ? [slices, channels, height, width] : shape;
  const description = isPlanar(geometry) ? undefined : `{"shape": [${axes.join(", ")}]}`;
  const layout = { width, height, slices, channels, type, description };
  return packTiff(bytes, layout, level, path);
}

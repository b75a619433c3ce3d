/** Decodes and encodes TIFF files: pictures with one page, and volumes with one page per slice. */

import { storedLabels, storedScan, type StoredVoxels } from "../file_content.ts";
import type { ImageFormat } from "../format.ts";
import { isPlanar } from "../geometry.ts";
import type { Geometry, Image } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { pictureGeometry, stackGeometry } from "../picture.ts";
import { type OmeImage, readOmeXml } from "./ome_xml.ts";
import { readTiffDirectories, type TiffDirectories } from "./tiff_directory.ts";
import { type PageLayout, readTiffImage } from "./tiff_image.ts";
import { packTiff } from "./tiff_writer.ts";

/**
 * The TIFF format. It is implemented here because available libraries read signed numbers as
 * unsigned or truncated files as ones with fewer slices, or have tens of megabytes.
 *
 * One page is a picture, as for nnU-Net's `NaturalImage2DIO`; several are slices, as for
 * `Tiff3DIO`, with their spacing in `CASE.json` (by default 1 mm). A single page is a volume if
 * tifffile's description or OME-XML says so. World position and orientation are not stored; axes are ITK's
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
  const file = readTiffDirectories(content, path);
  const [{ width, height, samples, description }] = file.pages;
  const ome = readOmeXml(description, file.pages.length, samples, path);
  const { axes, ...layout } = ome ? { ...ome, axes: axesOf(ome) } : stackOf(file, path);
  const geometry = layout.slices === 1 && axes !== 3
    ? pictureGeometry(width, height, path)
    : stackGeometry([layout.slices, height, width], await source.readSpacing() ?? [1, 1, 1], path);
  return await readTiffImage(content, file, layout, geometry, path);
}

/** A volume of one slice has a depth; nnU-Net's readers take no spacing from OME-XML. */
function axesOf({ spacing }: OmeImage): number {
  return spacing.z === undefined ? 2 : 3;
}

/** The layout of a file with one page per slice. */
function stackOf({ pages }: TiffDirectories, path: string): PageLayout & { axes?: number } {
  const [{ description, samples }] = pages;
  const { slices, axes } = declaredStack(description, samples);
  if (slices > pages.length) {
    throw new RangeError(
      `Cannot read ${path}: found ${pages.length} pages, expected the ${slices} of its description`,
    );
  }
  const planes = pages.map((_, page) => ({ page, slice: page, channel: 0 }));
  return { slices: pages.length, channels: samples, planes, axes };
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

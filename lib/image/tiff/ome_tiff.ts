/** Decodes and encodes OME-TIFF files: TIFF with slices, channels and voxel size in OME-XML. */

import { storedLabels, storedScan, type StoredVoxels } from "../file_content.ts";
import type { ImageFormat } from "../format.ts";
import { isPlanar } from "../geometry.ts";
import type { Geometry, Image } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { geometryOfItk, identityDirection } from "../itk_grid.ts";
import { stackGeometry } from "../picture.ts";
import { type OmeDescription, type OmeImage, readOmeXml, writeOmeXml } from "./ome_xml.ts";
import { readTiffDirectories } from "./tiff_directory.ts";
import { readTiffImage } from "./tiff_image.ts";
import { packTiff } from "./tiff_writer.ts";

/**
 * The OME-TIFF format of microscopes. The spacing is that of the OME-XML, in mm, or 1 mm if it has
 * none. World position and orientation are not stored; axes are ITK's defaults.
 *
 * @see https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
 */
export const omeTiff: ImageFormat = {
  name: "OME-TIFF",
  endings: [".ome.tif", ".ome.tiff"],
  datasetEnding: ".nii.gz",
  decode: decodeOmeTiff,
  encodeImage: ({ geometry, channels, data }, path) =>
    encode(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encode(geometry, 1, storedLabels(data), 6, path),
};

async function decodeOmeTiff(source: ImageSource): Promise<Image> {
  const { path } = source;
  const content = await source.readAll();
  const file = readTiffDirectories(content, path);
  const [{ width, height, samples, description }] = file.pages;
  const image = readOmeXml(description, file.pages.length, samples, path);
  if (!image) {
    throw new TypeError(
      `Cannot read ${path}: its first page has no OME-XML as its description, expected an ` +
        "OME-TIFF file; rename other TIFF files so that they end in .tif only",
    );
  }
  return await readTiffImage(content, file, image, geometryOf(image, width, height, path), path);
}

function geometryOf({ slices, spacing }: OmeImage, width: number, height: number, path: string) {
  const { x, y, z } = spacing;
  if (z === undefined && slices === 1) {
    const grid = { spacing: [x ?? 1, y ?? 1], origin: [0, 0], direction: identityDirection(2) };
    return geometryOfItk({ size: [width, height], ...grid }, path);
  }
  const known = [z, y, x].filter((length) => length !== undefined);
  if (known.length === 1 || known.length === 2) {
    throw new RangeError(
      `Cannot read ${path}: its OME-XML has ${known.length} of the lengths PhysicalSizeX, Y and Z, ` +
        "expected all three or none",
    );
  }
  return stackGeometry([slices, height, width], [z ?? 1, y ?? 1, x ?? 1], path);
}

function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  level: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { shape: [slices, height, width], spacing: [z, y, x] } = geometry;
  const description = writeOmeXml({
    size: { x: width, y: height, z: slices },
    channels,
    type: (type.name === "float32" ? "float" : type.name) as OmeDescription["type"],
    spacing: isPlanar(geometry) ? { x, y } : { x, y, z },
  });
  // A page has one channel of one slice.
  const layout = { width, height, slices: slices * channels, channels: 1, type, description };
  return packTiff(bytes, layout, level, path);
}

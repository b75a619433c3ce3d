/** Splits mosaics, with which Siemens scanners store a volume as tiles of one picture. */

import { crossProduct, dotProduct } from "./directions.ts";
import { type DataSet, tags } from "./dicom_elements.ts";
import { unpackPixels } from "./dicom_pixels.ts";
import type { DicomSlice } from "./dicom_slice.ts";
import { csaValues } from "./siemens_csa.ts";

/** Whether the elements say that the picture is a mosaic. */
export function isMosaic(dataSet: DataSet): boolean {
  return dataSet.string(tags.imageType)?.split("\\").some((part) => part.trim() === "MOSAIC") ===
    true;
}

/**
 * Returns the slices of a mosaic, in the order of their tiles.
 *
 * The tiles form a square, row by row, and the last ones may be empty. The stored position is that of
 * a picture of the mosaic's size around the centre of the first slice.
 *
 * @param mosaic The mosaic as one slice.
 * @throws {TypeError} If the scanner's private header is missing, which has the number of slices and
 * the direction in which they follow each other.
 * @throws {RangeError} If the tiles do not fill the picture, or the spacing of slices is missing.
 * @throws {Error} If packed pixels are damaged.
 * @see https://nipy.org/nibabel/dicom/dicom_mosaic.html
 */
export async function splitMosaic(mosaic: DicomSlice, dataSet: DataSet): Promise<DicomSlice[]> {
  const { path, rowDirection, columnDirection, pixelSpacing, sliceSpacing } = mosaic;
  const count = Number(csaValues(dataSet, "NumberOfImagesInMosaic")?.[0] ?? NaN);
  const normal = csaValues(dataSet, "SliceNormalVector")?.map(Number) ?? [];
  if (!(Number.isInteger(count) && count > 0) || normal.length !== 3) {
    throw new TypeError(
      `Cannot read ${path}: it is a Siemens mosaic, whose slices are tiles of one picture, without ` +
        "the private CSA header that has their number and direction; convert it with dcm2niix",
    );
  }
  const across = Math.ceil(Math.sqrt(count));
  const [rows, columns] = [mosaic.rows / across, mosaic.columns / across];
  const plane = crossProduct(rowDirection, columnDirection);
  const direction = dotProduct(plane, normal);
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    throw new RangeError(
      `Cannot read ${path}: it is a mosaic of ${count} slices in ${mosaic.rows} × ` +
        `${mosaic.columns} pixels, expected extents divisible by ${across}`,
    );
  }
  if (!(Math.abs(direction) > 0.99) || !(sliceSpacing !== undefined && sliceSpacing > 0)) {
    throw new RangeError(
      `Cannot read ${path}: the slices of its mosaic are ${
        sliceSpacing ?? "an unknown number of"
      } ` +
        `mm apart along ${normal.join(", ")}, expected a positive distance along ${
          plane.join(", ")
        }`,
    );
  }
  const [betweenRows, betweenColumns] = pixelSpacing;
  const corner = mosaic.position.map((value, axis) =>
    value + rowDirection[axis] * betweenColumns * (mosaic.columns - columns) / 2 +
    columnDirection[axis] * betweenRows * (mosaic.rows - rows) / 2
  );
  const step = Math.sign(direction) * sliceSpacing;
  const whole = { ...mosaic, pixels: await unpackPixels(mosaic) };
  return Array.from({ length: count }, (_, tile) => ({
    ...whole,
    rows,
    columns,
    position: corner.map((value, axis) => value + tile * step * plane[axis]),
    pixels: {
      ...whole.pixels,
      bytes: tileOf(whole, { rows, columns }, Math.floor(tile / across), tile % across),
    },
  }));
}

/** Copies the bytes of one tile. */
function tileOf(
  { columns: width, pixels: { bytes, type } }: DicomSlice,
  { rows, columns }: Pick<DicomSlice, "rows" | "columns">,
  down: number,
  right: number,
): Uint8Array<ArrayBuffer> {
  const line = columns * type.bytes;
  const tile = new Uint8Array(rows * line);
  for (let row = 0; row < rows; row++) {
    const start = ((down * rows + row) * width + right * columns) * type.bytes;
    tile.set(bytes.subarray(start, start + line), row * line);
  }
  return tile;
}

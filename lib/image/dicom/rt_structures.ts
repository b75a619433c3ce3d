/** Reads the contours of DICOM structure sets. */

import { sizeOf } from "../../array/nd_array.ts";
import { printable } from "../../untrusted/printable.ts";
import { drawContours } from "./contours.ts";
import { type DataSet, itemsOf, tags, textIn } from "./dicom_elements.ts";
import { bytesIn } from "./dicom_text.ts";
import {
  type DicomStructures,
  requireSameFrame,
  type StructureGrid,
  toVoxelsOf,
} from "./structure_grid.ts";

/** A structure's contours; each is the coordinates of its points, LPS mm. */
interface Roi {
  readonly name: string;
  readonly frameOfReference?: string;
  readonly contours: readonly (readonly number[])[];
}

/**
 * Reads the structures of a structure set.
 *
 * @param decode Decodes names.
 * @throws {RangeError} If a contour is damaged.
 */
export function readContours(
  dataSet: DataSet,
  path: string,
  decode: (bytes: Uint8Array) => string,
): DicomStructures {
  const contours = new Map(
    itemsOf(dataSet, tags.roiContours).map((item) => [
      textIn(item, tags.contourRoi),
      itemsOf(item, tags.contours).filter((one) =>
        /^CLOSED/.test(textIn(one, tags.contourType) ?? "")
      ).map((one) => pointsOf(one, path)),
    ]),
  );
  const rois: Roi[] = itemsOf(dataSet, tags.rois).map((item) => ({
    name: decode(bytesIn(item, tags.roiName) ?? new Uint8Array()),
    frameOfReference: textIn(item, tags.roiFrameOfReference),
    contours: contours.get(textIn(item, tags.roiNumber)) ?? [],
  })).filter(({ name }) => name !== "");
  const drawn = rois.filter(({ contours }) => contours.length > 0);
  const names = [...new Set(drawn.map(({ name }) => name))];
  return {
    path,
    names,
    empty: rois.map(({ name }) => name).filter((name) => !names.includes(name)),
    draw(name, grid, onWarning) {
      const mask = new Uint8Array(sizeOf(grid.geometry.shape));
      for (const roi of drawn) {
        if (roi.name === name) drawRoi(roi, grid, mask, { path, onWarning });
      }
      return mask;
    },
  };
}

function drawRoi(
  { name, frameOfReference, contours }: Roi,
  grid: StructureGrid,
  mask: Uint8Array,
  { path, onWarning }: { readonly path: string; readonly onWarning?: (message: string) => void },
) {
  requireSameFrame(frameOfReference, grid, path);
  const { shape } = grid.geometry;
  const own = new Uint8Array(mask.length);
  const { outside, oblique } = drawContours(contours, toVoxelsOf(grid), shape, own);
  if (oblique !== undefined) {
    throw new RangeError(
      `Cannot read ${path}: contour ${oblique + 1} of "${
        printable(name)
      }" is not parallel to the ` +
        "scan's slices, expected contours drawn on them",
    );
  }
  if (outside === contours.length) {
    throw new RangeError(
      `Cannot read ${path}: no contour of "${printable(name)}" is in the scan, ` +
        "expected structures of this scan",
    );
  }
  if (outside > 0) {
    onWarning?.(
      `${path}: ${outside} of ${contours.length} contours of "${printable(name)}" are outside of ` +
        "the scan's slices and not drawn",
    );
  }
  for (let i = 0; i < own.length; i++) mask[i] |= own[i];
}

function pointsOf(contour: DataSet, path: string): number[] {
  const values = textIn(contour, tags.contourData)?.split("\\").map(Number) ?? [];
  if (values.length > 0 && values.length % 3 === 0 && values.every(Number.isFinite)) return values;
  throw new RangeError(
    `Cannot read ${path}: a contour has ${values.length} coordinates or some that are no numbers, ` +
      "expected three for each point",
  );
}

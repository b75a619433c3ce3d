/** Reads a case's reference and prediction and checks that they can be compared. */

import { labelBesides } from "../array/labels.ts";
import { sameShape } from "../array/nd_array.ts";
import type { Segmentation } from "../image/image.ts";
import { readSegmentation } from "../image/image_files.ts";

/** Two label maps on the same grid. */
export interface LabelPair {
  readonly reference: Segmentation;
  readonly prediction: Segmentation;
}

/**
 * Reads two label maps of the same shape.
 *
 * @param options.reader Name of the reader to read both as.
 * @param options.declaredLabels Labels that the maps may have; any by default.
 * @throws {RangeError} If the maps differ in shape, or one has an undeclared label.
 * @throws {Error} If a map cannot be read.
 */
export async function readLabelPair(
  { referenceFile, predictionFile, reader, declaredLabels }: {
    readonly referenceFile: string;
    readonly predictionFile: string;
    readonly reader?: string;
    readonly declaredLabels?: readonly number[];
  },
): Promise<LabelPair> {
  const reference = await readSegmentation(referenceFile, { reader });
  const prediction = await readSegmentation(predictionFile, { reader });
  if (!sameShape(reference.geometry.shape, prediction.geometry.shape)) {
    throw new RangeError(
      `Cannot compare ${predictionFile} with ${referenceFile}: shape (z, y, x) is ` +
        `[${prediction.geometry.shape}], expected [${reference.geometry.shape}]`,
    );
  }
  if (declaredLabels) {
    requireDeclared(reference, referenceFile, declaredLabels);
    requireDeclared(prediction, predictionFile, declaredLabels);
  }
  return { reference, prediction };
}

function requireDeclared({ data }: Segmentation, path: string, declared: readonly number[]) {
  const other = labelBesides(data, declared);
  if (other === undefined) return;
  throw new RangeError(
    `Cannot evaluate ${path}: it has label ${other}, expected ${declared.join(", ")}, ` +
      "the labels in dataset.json",
  );
}

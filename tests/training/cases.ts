/** Creates small preprocessed cases to sample from. */

import { type Zyx, zyx } from "../../lib/array/nd_array.ts";
import type { PreprocessedCase } from "../../lib/preprocessing/preprocessed_case.ts";
import { type PatchSource, patchSourceInMemory } from "../../lib/training/batches/patch_source.ts";

/**
 * Creates a case whose intensities number its voxels from 1.
 *
 * @param foreground Voxels of each label, (z, y, x).
 */
export function numberedPreprocessedCase(
  name: string,
  shape: Zyx,
  foreground: Readonly<Record<number, readonly Zyx[]>> = {},
  channels = 1,
): PreprocessedCase {
  const voxels = shape[0] * shape[1] * shape[2];
  const labels = new Int8Array(voxels);
  const classLocations = new Map<number, Int32Array<ArrayBuffer>>();
  for (const [label, positions] of Object.entries(foreground)) {
    for (const [z, y, x] of positions) labels[(z * shape[1] + y) * shape[2] + x] = Number(label);
    classLocations.set(Number(label), Int32Array.from(positions.flat()));
  }
  return {
    name,
    data: {
      shape: [channels, ...shape],
      data: Float32Array.from({ length: channels * voxels }, (_, i) => i + 1),
    },
    segmentation: { shape, data: labels },
    classLocations,
    properties: uncroppedProperties(shape),
  };
}

/** Returns the properties of an uncropped case of 1 mm voxels. */
export function uncroppedProperties(shape: Zyx): PreprocessedCase["properties"] {
  return {
    geometry: {
      shape,
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    },
    shapeBeforeCropping: shape,
    cropBox: zyx(shape.map((extent) => [0, extent])),
    shapeAfterCropping: shape,
    spacingAfterTransposing: [1, 1, 1],
  };
}

/** Creates the same case, ready for sampling. */
export function numberedCase(...parts: Parameters<typeof numberedPreprocessedCase>): PatchSource {
  return patchSourceInMemory(numberedPreprocessedCase(...parts));
}

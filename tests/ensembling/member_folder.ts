/** Writes folders of predicted probabilities as `predict --save_probabilities` does. */

import { join } from "@std/path";
import type { Zyx } from "../../lib/array/nd_array.ts";
import type { Geometry } from "../../lib/image/image.ts";
import { encodeProperties } from "../../lib/interop/case_properties.ts";
import { writeNpz } from "../../lib/interop/npz.ts";

/** A grid with an origin and a rotation, to check that both are kept. */
export function gridOf(shape: Zyx): Geometry {
  return {
    shape,
    spacing: [3, 1, 0.5],
    affine: [0, -1, 0, 10, 0.5, 0, 0, -20, 0, 0, 3, 5, 0, 0, 0, 1],
  };
}

/** Writes `CASE.npz` and `CASE.pkl` to a folder. */
export async function writeMember(
  folder: string,
  name: string,
  probabilities: Float32Array,
  shape: readonly [heads: number, z: number, y: number, x: number],
) {
  const [, z, y, x] = shape;
  await writeNpz(join(folder, `${name}.npz`), {
    probabilities: { shape, pieces: [probabilities] },
  });
  await Deno.writeFile(
    join(folder, `${name}.pkl`),
    encodeProperties(gridOf([z, y, x]), {
      shapeBeforeCropping: [z, y, x],
      cropBox: [[0, z], [0, y], [0, x]],
      shapeAfterCropping: [z, y, x],
    }, "SimpleITKIO"),
  );
}

/** Returns a `dataset.json` with labels, or with regions and their order. */
export function datasetJson(
  labels: Readonly<Record<string, number | readonly number[] | undefined>>,
  regionsClassOrder?: readonly number[],
) {
  return JSON.stringify({
    channel_names: { 0: "CT" },
    labels,
    regions_class_order: regionsClassOrder,
    numTraining: 1,
    file_ending: ".nii.gz",
  });
}

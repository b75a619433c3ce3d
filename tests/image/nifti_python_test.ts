/** Opens written NIfTI files with nibabel and SimpleITK. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { directionOf, missingAxisSpacing, originOf } from "../../lib/image/geometry.ts";
import type { Image } from "../../lib/image/image.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { arbitraryImage, countingImage, plainGeometry, repeatingLabels } from "./sample_images.ts";
import { runPython, testWithPython } from "../with_python.ts";

interface Description {
  readonly shape: number[];
  readonly type: string;
  readonly codes: number[];
  readonly sform: number[];
  readonly qform: number[];
  readonly zooms: number[];
  readonly units: string;
  readonly values: number[];
  readonly itk_spacing: number[];
  readonly itk_origin: number[];
  readonly itk_direction: number[];
  readonly itk_values: number[];
}

testWithPython("Python opens scans with the geometry that was written", async (folder) => {
  const images = fc.sample(arbitraryImage, { seed: 7, numRuns: 25 }).map((image): Image => ({
    ...image,
    data: image.data.map((value) => Number.isFinite(value) ? value : 0), // As JSON requires.
  }));
  const paths = images.map((_, i) => join(folder, i % 2 ? `${i}.nii` : `${i}.nii.gz`));
  for (const [i, image] of images.entries()) await writeImage(paths[i], image);

  for (const [i, found] of (await describe(paths)).entries()) {
    const { geometry, channels, data } = images[i];
    const { shape: [z, y, x], spacing, affine } = geometry;
    assert.deepEqual(found.shape, channels > 1 ? [x, y, z, channels] : [x, y, z]);
    assert.deepEqual([found.type, found.units, ...found.codes], ["float32", "mm", 1, 1]);
    assertClose(found.sform, affine);
    assertClose(found.qform, affine);
    assertClose(found.zooms.slice(0, 3).reverse(), spacing);
    assertClose(found.itk_spacing.slice(0, 3).reverse(), spacing);
    assertClose(found.itk_origin, originOf(geometry).map(toItk));
    assertClose(
      found.itk_direction,
      directionOf(geometry).map((value, e) => e < 6 ? -value : value),
    );
    assert.deepEqual(Float32Array.from(found.values), data);
    assert.deepEqual(Float32Array.from(found.itk_values), data);
  }
});

testWithPython("Python opens label maps with one and two bytes per voxel", async (folder) => {
  const paths = ["small.nii.gz", "large.nii.gz"].map((name) => join(folder, name));
  await writeSegmentation(paths[0], repeatingLabels([2, 3, 4], [0, 1, 254]));
  await writeSegmentation(paths[1], repeatingLabels([2, 3, 4], [0, 1, 2035]));
  const [small, large] = await describe(paths);
  assert.deepEqual([small.type, large.type], ["uint8", "uint16"]);
  assert.deepEqual(small.itk_values.slice(0, 4), [0, 1, 254, 0]);
  assert.deepEqual(large.itk_values.slice(0, 4), [0, 1, 2035, 0]);
});

testWithPython("Python opens a 2D image as 2D", async (folder) => {
  const path = join(folder, "a.nii.gz");
  const spacing = [missingAxisSpacing([0.5, 0.75]), 0.5, 0.75] as const;
  const affine = [0, -0.5, 0, 3, 0.75, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0, 1];
  await writeImage(path, {
    ...countingImage([1, 3, 4]),
    geometry: { shape: [1, 3, 4], spacing, affine },
  });
  const [found] = await describe([path]);
  assert.deepEqual(found.shape, [4, 3]);
  assert.deepEqual(found.itk_spacing, [0.75, 0.5]);
  assertClose(found.qform, affine);
});

testWithPython("Python opens a sheared grid with the nearest rotation as qform", async (folder) => {
  const path = join(folder, "a.nii.gz");
  const affine = [1, 0.01, 0, 3, 0, 1, 0, 4, 0, 0, 1, 5, 0, 0, 0, 1];
  await writeImage(path, {
    ...countingImage([2, 3, 4]),
    geometry: { ...plainGeometry([2, 3, 4]), affine },
  });
  const [found] = await describe([path]);
  assertClose(found.sform, affine);
  const angle = 0.005; // Half of the shear rotates each axis.
  assertClose(found.qform, [1, angle, 0, 3, -angle, 1, 0, 4, 0, 0, 1, 5, 0, 0, 0, 1], 1e-4);
});

async function describe(paths: readonly string[]): Promise<Description[]> {
  const script = new URL("../golden/describe_nifti.py", import.meta.url).pathname;
  return JSON.parse(await runPython(script, ...paths));
}

/** Converts a coordinate to ITK's, in which x points left and y back. */
function toItk(value: number, axis: number): number {
  return axis < 2 ? -value : value;
}

/** Asserts equality to float32 precision of the largest number. */
function assertClose(actual: readonly number[], expected: readonly number[], tolerance = 2e-6) {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of actual.entries()) {
    assert.ok(
      Math.abs(value - expected[i]) <= tolerance * scale,
      `${actual}\ndiffers from\n${expected}`,
    );
  }
}

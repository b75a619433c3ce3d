import assert from "node:assert/strict";
import { join } from "@std/path";
import { renderComparison } from "../../lib/display/slices.ts";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { requireImage, requireSegmentation } from "../../lib/image/require_image.ts";
import { compare, show } from "../../lib/notebook/show.ts";
import { surfaceView } from "../../lib/notebook/surface_view.ts";
import { countingImage, repeatingLabels } from "./sample_images.ts";

const image = countingImage([2, 3, 4]);
const labels = repeatingLabels([2, 3, 4], [0, 1]);

Deno.test("requireImage() accepts scans and reports what other values lack", () => {
  requireImage(image, "go");
  const { geometry } = image;
  const mistakes: [unknown, string][] = [
    [undefined, "value is undefined, expected what imageFrom() or readImage() returns"],
    ["scan.nii.gz", "value is a string, expected what imageFrom() or readImage() returns"],
    [[1, 2], "value is a plain array, expected what imageFrom() or readImage() returns"],
    [
      Promise.resolve(image),
      "value is a Promise, expected what imageFrom() or readImage() returns; await it",
    ],
    [
      { ...image, data: Uint16Array.from(image.data) },
      "data is a Uint16Array, expected a Float32Array",
    ],
    [{ ...image, data: [...image.data] }, "data is a plain array, expected a Float32Array"],
    [
      { ...image, data: Float64Array.from(image.data) },
      "data is a Float64Array, expected a Float32Array",
    ],
    [
      { ...image, data: image.data.slice(1) },
      "data has 23 values, expected 24: 1 channel of 2 × 3 × 4 voxels",
    ],
    [
      { ...image, geometry: { ...geometry, affine: undefined } },
      "geometry lacks affine, expected shape and spacing, (z, y, x), and an affine, as imageFrom() " +
      "makes them",
    ],
    [
      { ...image, geometry: { ...geometry, affine: [1, 2] } },
      "affine is [1,2], expected 16 numbers, a 4×4 matrix row by row",
    ],
  ];
  for (const [value, found] of mistakes) {
    assert.throws(
      () => requireImage(value, "go"),
      new TypeError(`Cannot go: the image's ${found}`),
    );
  }
});

Deno.test("requireSegmentation() accepts only uint8 and uint16 labels", () => {
  requireSegmentation(labels, "go");
  requireSegmentation({ ...labels, data: Uint8Array.from(labels.data) }, "go");
  assert.throws(
    () => requireSegmentation({ ...labels, data: Int16Array.from(labels.data) }, "go", "truth"),
    new TypeError(
      "Cannot go: the truth's data is an Int16Array, expected a Uint8Array or Uint16Array",
    ),
  );
});

Deno.test("functions that take a scan or a label map check it", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "out");
  const noScan = { ...image, data: [...image.data] } as unknown as Image;
  const noLabels = { ...labels, data: labels.data.slice(1) } as Segmentation;
  const refused = /^TypeError: Cannot .*: the .*'s data (is a plain array|has 23 values), expected/;
  const about = { classNames: ["a"], title: "" };
  try {
    await assert.rejects(writeImage(`${file}.nii.gz`, noScan), refused);
    await assert.rejects(writeSegmentation(`${file}.nii.gz`, noLabels), refused);
    await assert.rejects(writeSegmentation(`${file}.png`, noLabels), refused);
    await assert.rejects(renderComparison({ image: noScan, ...about }), refused);
    await assert.rejects(renderComparison({ image, truth: noLabels, ...about }), refused);
    await assert.rejects(show(noScan, { file }), refused);
    await assert.rejects(show(noLabels, { file }), refused);
    await assert.rejects(show(image, { file, overlay: noLabels }), refused);
    await assert.rejects(compare(image, labels, noLabels, { file }), refused);
    await assert.rejects(surfaceView(noLabels, { classNames: ["a"] }), refused);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Compares nnU-Net's readers with this library's on scans of all orientations. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { sizeOf, type Zyx, zyx } from "../../lib/array/nd_array.ts";
import { imageFrom, segmentationFrom } from "../../lib/image/image_from.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import { axisCodes, isPlanar } from "../../lib/image/geometry.ts";
import { readerNames, readerOf } from "../../lib/image/reader.ts";
import { reorientGrid, segmentationAsStored } from "../../lib/image/reorient.ts";
import { axisCodesOf } from "../../lib/image/stored_orientation.ts";
import { orientationOf } from "../../lib/image/orientation.ts";
import type { Bounds } from "../../lib/array/box.ts";
import { decodeProperties, encodeProperties } from "../../lib/interop/case_properties.ts";
import golden from "../golden/readers.json" with { type: "json" };
import { arbitraryImage } from "./sample_images.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const { volumes, cases } = golden;

for (
  const reader of [
    "NibabelIO",
    "NibabelIOWithReorient",
    "SimpleITKIO",
    "SimpleITKIOWithReorient",
  ] as const
) {
  Deno.test(`${reader} reads scans and writes label maps of ${cases.length} orientations as in nnU-Net`, () =>
    withTemporaryFolder(async (folder) => {
      const [source, target] = [join(folder, "a.nii.gz"), join(folder, "b.nii.gz")];
      for (const one of cases) {
        const { shape, affine, values, readers } = one;
        const expected = readers[reader];
        const name = `${one.turn} ${one.permutation} ${one.signs}`;
        await writeSegmentation(
          source,
          segmentationFrom(Uint8Array.from(volumes[values]), {
            shape: shape.toReversed(),
            affine: [...affine, 0, 0, 0, 1],
          }),
        );
        const image = await readImage([source], { reader });
        assert.deepEqual(image.geometry.shape, expected.shape, name);
        assert.deepEqual(Array.from(image.data), volumes[expected.values], name);
        assertClose(image.geometry.spacing, expected.spacing, name);
        const labels = await readSegmentation(source, { reader });
        assert.deepEqual(Array.from(labels.data), volumes[expected.values], name);

        await writeSegmentation(target, labels);
        const written = await readSegmentation(target, { reader: "NibabelIO" });
        assert.deepEqual(Array.from(written.data), volumes[expected.written], name);
        assertClose(written.geometry.affine.slice(0, 12), expected.writtenAffine, name);
      }
    }));
}

for (const reader of ["NibabelIOWithReorient", "SimpleITKIOWithReorient"] as const) {
  Deno.test(`decodeProperties() finds the file's grid in the properties of ${reader}`, () => {
    const described = cases.filter(({ readers }) => "properties" in readers[reader]);
    assert.equal(described.length, 48);
    for (const { shape, affine, values, readers } of described) {
      const found = readers[reader] as { properties: string; shape: number[]; values: number };
      const bytes = Uint8Array.fromBase64(found.properties);
      const { geometry } = decodeProperties(bytes, zyx(found.shape), "a.pkl");
      const data = Uint8Array.from(volumes[found.values]);
      const stored = segmentationAsStored({ geometry, data });
      assert.deepEqual(stored.geometry.shape, shape.toReversed());
      assertClose(stored.geometry.affine.slice(0, 12), affine, reader);
      const { shape: whole } = geometry;
      const crop = { shapeBeforeCropping: whole, cropBox: boxOf(whole), shapeAfterCropping: whole };
      const again = decodeProperties(encodeProperties(geometry, crop, reader), whole, "b.pkl");
      assert.deepEqual(again.geometry.stored!.axes, geometry.stored!.axes);
      assert.deepEqual(again.geometry.stored!.flipped, geometry.stored!.flipped);
      assertClose(again.geometry.stored!.affine, geometry.stored!.affine, reader);
      assert.deepEqual(Array.from(stored.data), volumes[values]);
    }
  });
}

Deno.test("orientationOf() decides ties between axes as ITK does", () => {
  for (const { direction, codes } of golden.orientations) {
    const affine = [0, 1, 2].flatMap((row) => {
      const flip = row < 2 ? -1 : 1; // ITK's directions are in LPS.
      return [...direction.slice(3 * row, 3 * row + 3).map((value) => flip * value), 0];
    });
    const orientation = orientationOf([...affine, 0, 0, 0, 1], "ITK")!;
    assert.equal(axisCodesOf(orientation), codes, `${direction}`);
  }
});

const anyReader = fc.constantFrom(...readerNames);
const anyOrientation = fc.tuple(
  fc.constantFrom(...[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]),
  fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
);
const anyEnding = fc.constantFrom(".nii", ".nii.gz", ".nrrd", ".mha");

Deno.test("label maps of any orientation survive writing, reading with any reader, and writing", () =>
  withTemporaryFolder((folder) =>
    fc.assert(
      fc.asyncProperty(
        anyReader,
        anyOrientation,
        anyEnding,
        fc.tuple(
          fc.integer({ min: 2, max: 4 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 4 }),
        ),
        fc.infiniteStream(fc.constantFrom(0, 1, 2, 254, 300)),
        async (reader, [permutation, flips], ending, shape, labels) => {
          const spacing = [1, 1.5, 2.25];
          const affine = new Array<number>(16).fill(0);
          permutation.forEach((row, axis) => {
            affine[4 * row + axis] = flips[axis] ? -spacing[axis] : spacing[axis];
          });
          [affine[3], affine[7], affine[11], affine[15]] = [-7, 11, 3.5, 1];
          const data = Uint16Array.from({ length: sizeOf(shape) }, () => labels.next().value);
          const original = segmentationFrom(data, { shape, affine });
          const [first, second] = [join(folder, `a${ending}`), join(folder, `b${ending}`)];
          await writeSegmentation(first, original);
          const read = await readSegmentation(first, { reader });
          if (reader.endsWith("Reorient")) assert.equal(axisCodes(read.geometry), "RAS");
          await writeSegmentation(second, read);
          const again = await readSegmentation(second);
          assert.deepEqual(again.geometry, (await readSegmentation(first)).geometry);
          assert.deepEqual(Array.from(again.data), Array.from(data));
        },
      ),
      { numRuns: 200, endOnFailure: true },
    )
  ));

Deno.test("scans of several channels survive reading with reorientation and writing", () =>
  withTemporaryFolder((folder) =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("NibabelIOWithReorient", "SimpleITKIOWithReorient"),
        arbitraryImage,
        async (reader, image) => {
          fc.pre(!isPlanar(image.geometry));
          const [first, second] = [join(folder, "a.nii"), join(folder, "b.nii")];
          await writeImage(first, image);
          const stored = await readImage([first]);
          const read = await readImage([first], { reader });
          await writeImage(second, read);
          const again = await readImage([second]);
          // Axes are stored as single-precision numbers.
          const largest = Math.max(...stored.geometry.affine.map(Math.abs));
          for (const [i, value] of again.geometry.affine.entries()) {
            assert.ok(Math.abs(value - stored.geometry.affine[i]) <= 1e-6 * largest);
          }
          const { geometry } = stored;
          assert.deepEqual(
            { ...again, geometry: { ...again.geometry, affine: geometry.affine } },
            stored,
          );
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  ));

Deno.test("readImage() reorients each channel's file, and reads the same scan from any storage", () =>
  withTemporaryFolder(async (folder) => {
    const [upright, turned] = [join(folder, "a.nii"), join(folder, "b.nii")];
    await writeImage(
      upright,
      imageFrom(Float32Array.from({ length: 24 }, (_, i) => i), {
        shape: [2, 3, 4],
        affine: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
      }),
    );
    const reader = "NibabelIOWithReorient";
    const image = await readImage([upright], { reader });
    // The axes z, x and y of the first, x mirrored.
    const data = new Float32Array(24);
    for (let z = 0; z < 2; z++) {
      for (let y = 0; y < 3; y++) {
        for (let x = 0; x < 4; x++) {
          data[(y * 4 + (3 - x)) * 2 + z] = image.data[(z * 3 + y) * 4 + x];
        }
      }
    }
    const affine = [0, -1, 0, 3, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 1];
    await writeImage(turned, imageFrom(data, { shape: [3, 4, 2], affine }));
    const both = await readImage([upright, turned], { reader });
    assert.deepEqual(both.data, Float32Array.of(...image.data, ...image.data));
    await assert.rejects(readImage([upright, turned]), /shape is 3 × 4 × 2, expected 2 × 3 × 4/);
  }));

Deno.test("readers that reorient reject pictures and axes that do not span space", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.png");
    await writeSegmentation(
      path,
      segmentationFrom(Uint8Array.of(0, 1), { shape: [1, 2], spacing: [1, 1] }),
    );
    await assert.rejects(readSegmentation(path, { reader: "SimpleITKIOWithReorient" }), {
      name: "RangeError",
      message: `Cannot reorient ${path}: it is a picture without a depth, expected a volume`,
    });
    const flat = [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const grid = { shape: [2, 2, 2] as const, spacing: [1, 1, 1] as const, affine: flat };
    assert.throws(
      () => reorientGrid(grid, readerOf("NibabelIOWithReorient", path), path),
      /Cannot reorient .*: affine is 1 0 1 .*, expected three independent axes/,
    );
  }));

Deno.test("readImage() rejects a reader that nnU-Net does not have", async () => {
  await assert.rejects(readImage(["a.nii"], { reader: "MyReader" }), {
    name: "RangeError",
    message: 'Cannot read a.nii: the image reader is "MyReader", expected one of SimpleITKIO, ' +
      "SimpleITKIOWithReorient, NibabelIO, NibabelIOWithReorient, Tiff3DIO, NaturalImage2DIO",
  });
});

function boxOf([z, y, x]: Zyx): Bounds {
  return [[0, z], [0, y], [0, x]];
}

function assertClose(found: readonly number[], expected: readonly number[], name: string) {
  for (const [i, value] of found.entries()) {
    assert.ok(Math.abs(value - expected[i]) < 1e-4, `${name}: ${found}, expected ${expected}`);
  }
}

/** Opens written files with the libraries that nnU-Net uses. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { directionOf, originOf } from "../../lib/image/geometry.ts";
import type { Image } from "../../lib/image/image.ts";
import { pictureGeometry, stackGeometry } from "../../lib/image/picture.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { arbitraryImage, countingImage, repeatingLabels } from "./sample_images.ts";
import { runPython, testWithPython } from "../with_python.ts";

interface Description {
  readonly shape: number[];
  readonly type: string;
  readonly spacing: number[];
  readonly origin: number[];
  readonly direction: number[];
  readonly values: number[];
}

testWithPython(
  "Python opens NRRD, MetaImage and NIfTI pairs with their geometry",
  async (folder) => {
    const endings = [".nrrd", ".mha", ".nhdr", ".mhd", ".hdr"];
    const images = fc.sample(arbitraryImage, { seed: 7, numRuns: 24 }).map((image): Image => ({
      ...image,
      data: image.data.map((value) => Number.isFinite(value) ? value : 0), // As JSON requires.
    }));
    const paths = images.map((_, i) => join(folder, `${i}${endings[i % endings.length]}`));
    for (const [i, image] of images.entries()) await writeImage(paths[i], image);

    for (const [i, found] of (await describe(paths)).entries()) {
      const { geometry, channels, data } = images[i];
      const [z, y, x] = geometry.spacing;
      const flips = [-1, -1, 1];
      const direction = directionOf(geometry).map((value, e) => flips[Math.floor(e / 3)] * value);
      const axes = channels > 1 ? 4 : 3;
      assert.deepEqual(found.shape, [...channels > 1 ? [channels] : [], ...geometry.shape]);
      assert.equal(found.type, "float32");
      assertClose(found.spacing, [x, y, z, 1].slice(0, axes));
      const origin = originOf(geometry).map((value, row) => flips[row] * value);
      assertClose(found.origin, [...origin, 0].slice(0, axes));
      const inSpace = (_: number, e: number) => e % axes < 3 && e < 3 * axes;
      assertClose(found.direction.filter(inSpace), direction);
      assert.deepEqual(Float32Array.from(found.values), data);
    }
  },
);

testWithPython("Python opens 2D NRRD, MetaImage and TIFF files as 2D", async (folder) => {
  const paths = [".nrrd", ".mha", ".tif"].map((ending) => join(folder, `a${ending}`));
  const image = { ...countingImage([1, 3, 4]), geometry: pictureGeometry(4, 3, "a") };
  for (const path of paths) await writeImage(path, image);
  for (const { shape, spacing, values } of await describe(paths)) {
    assert.deepEqual(shape, [3, 4]);
    assert.ok(spacing.every((value) => value === 1));
    assert.deepEqual(values, Array.from(image.data));
  }
});

testWithPython("Python opens TIFF stacks with one slice and with several", async (folder) => {
  const paths = ["one.tif", "more.tiff", "channels.tif"].map((name) => join(folder, name));
  const images = [
    countingImage([1, 3, 5]),
    countingImage([4, 3, 5]),
    countingImage([4, 3, 5], { channels: 2 }),
  ];
  for (const [i, image] of images.entries()) await writeImage(paths[i], image);
  const [one, more, channels] = await describe(paths);
  assert.deepEqual([one.shape, more.shape], [[1, 3, 5], [4, 3, 5]]);
  assert.deepEqual([one.values, more.values], images.slice(0, 2).map(({ data }) => [...data]));
  assert.deepEqual(channels.shape, [4, 2, 3, 5]);
});

testWithPython("Python opens GIPL and OME-TIFF with their spacing", async (folder) => {
  const geometry = stackGeometry([2, 3, 5], [3, 2, 1.5], "sample");
  const image = { ...countingImage([2, 3, 5]), geometry };
  const paths = [".gipl", ".gipl.gz", ".ome.tif"].map((ending) => join(folder, `a${ending}`));
  for (const path of paths) await writeImage(path, image);
  const found = await describe(paths);
  for (const { shape, values } of found) {
    assert.deepEqual(shape, [2, 3, 5]);
    assert.deepEqual(values, Array.from(image.data));
  }
  for (const { spacing, type } of found.slice(0, 2)) {
    assert.deepEqual([spacing, type], [[1.5, 2, 3], "float32"]);
  }
  const two = join(folder, "two.ome.tif");
  await writeImage(two, { ...countingImage([2, 3, 5], { channels: 2 }), geometry });
  assert.deepEqual((await describe([two]))[0].shape, [2, 2, 3, 5]); // Channels, then slices.
  const ome = "import sys, tifffile; print(tifffile.TiffFile(sys.argv[1]).ome_metadata)";
  const xml = await runPython("-c", ome, two);
  assert.match(xml, /PhysicalSizeX="1.5" PhysicalSizeXUnit="mm".*PhysicalSizeZ="3"/);
});

testWithPython("Python opens label maps with one and two bytes per voxel", async (folder) => {
  const endings = [".nrrd", ".mha", ".tif", ".png", ".bmp"];
  const small = endings.map((ending) => join(folder, `small${ending}`));
  const large = endings.slice(0, 4).map((ending) => join(folder, `large${ending}`));
  for (const path of small) await writeSegmentation(path, repeatingLabels([1, 3, 5], [0, 1, 254]));
  for (const path of large) await writeSegmentation(path, repeatingLabels([1, 3, 5], [0, 1, 2035]));
  for (const { type, shape, values } of await describe(small)) {
    assert.equal(type, "uint8");
    assert.deepEqual(shape.slice(-2), [3, 5]);
    assert.deepEqual(values.slice(0, 4), [0, 1, 254, 0]);
  }
  for (const { type, values } of await describe(large)) {
    assert.equal(type, "uint16");
    assert.deepEqual(values.slice(0, 4), [0, 1, 2035, 0]);
  }
});

async function describe(paths: readonly string[]): Promise<Description[]> {
  const script = new URL("../golden/describe_images.py", import.meta.url).pathname;
  return JSON.parse(await runPython(script, ...paths));
}

/** Asserts equality to float32 precision of the largest number. */
function assertClose(actual: readonly number[], expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of actual.entries()) {
    const close = Math.abs(value - expected[i]) <= 2e-6 * scale;
    assert.ok(close, `${actual}\ndiffers from\n${expected}`);
  }
}

import assert from "node:assert/strict";
import { join } from "@std/path";
import { imageEndingOf } from "../../lib/image/registry.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import { countingImage, plainGeometry, repeatingLabels } from "./sample_images.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("imageEndingOf() finds the longest known ending and skips hidden files", () => {
  assert.equal(imageEndingOf("la_003.nii.gz"), ".nii.gz");
  assert.equal(imageEndingOf("LA_003.NII"), ".NII");
  for (const name of ["la_003.gz", "._la_003.nii.gz", ".nii.gz", "nii"]) {
    assert.equal(imageEndingOf(name), undefined, name);
  }
});

Deno.test("readImage() concatenates the channels of several files", () =>
  withTemporaryFolder(async (folder) => {
    const paths = ["b.nii", "a.nii"].map((name) => join(folder, name));
    await writeImage(paths[0], countingImage([1, 1, 2], { channels: 2 }));
    await writeImage(paths[1], countingImage([1, 1, 2], { start: 10 }));
    const image = await readImage(paths);
    assert.equal(image.channels, 3);
    assert.deepEqual(Array.from(image.data), [0, 1, 2, 3, 10, 11]);
    assert.deepEqual(image.geometry, plainGeometry([1, 1, 2]));
  }));

Deno.test("readImage() rejects channels of different shape or spacing, and no files", () =>
  withTemporaryFolder(async (folder) => {
    const [a, b, c] = ["a.nii", "b.nii", "c.nii"].map((name) => join(folder, name));
    const image = countingImage([1, 2, 3]);
    await writeImage(a, image);
    await writeImage(b, countingImage([1, 3, 2]));
    await writeImage(c, { ...image, geometry: { ...image.geometry, spacing: [1, 1, 2] } });
    await assert.rejects(readImage([a, b]), {
      name: "RangeError",
      message: `Cannot read ${b} as another channel of ${a}: shape is 1 × 3 × 2, ` +
        "expected 1 × 2 × 3",
    });
    await assert.rejects(readImage([a, c]), /spacing is 1 × 1 × 2 mm, expected 1 × 1 × 1 mm$/);
    await assert.rejects(readImage([]), /Cannot read image: found no files, expected one$/);
  }));

Deno.test("readImage() rejects one path in place of a list", async () => {
  await assert.rejects(readImage("scan.nii.gz" as never), {
    name: "TypeError",
    message: 'Cannot read image: paths is "scan.nii.gz", expected a list with one path per file',
  });
});

Deno.test("readSegmentation() uses as few bytes per label as needed", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii.gz");
    for (const [label, kind] of [[255, Uint8Array], [256, Uint16Array]] as const) {
      await writeSegmentation(path, repeatingLabels([1, 2, 2], [0, label]));
      const { data } = await readSegmentation(path);
      assert.ok(data instanceof kind);
      assert.deepEqual(Array.from(data), [0, label, 0, label]);
    }
  }));

Deno.test("readSegmentation() rejects files that are not label maps", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii");
    for (const value of [0.5, -1, 65536, NaN, Infinity]) {
      await writeImage(path, countingImage([1, 1, 1], { start: value }));
      await assert.rejects(readSegmentation(path), {
        name: "RangeError",
        message: `Cannot read labels of ${path}: found ${value}, expected integers from 0 to 65535`,
      });
    }
    await writeImage(path, countingImage([1, 1, 1], { channels: 2 }));
    await assert.rejects(readSegmentation(path), /found 2 channels, expected 1$/);
  }));

Deno.test("reading and writing an unknown ending lists the known ones", async () => {
  const refused =
    /Cannot (read|write) scan\.jpg: unknown file ending, expected one of \.nii\.gz, \.nii, /;
  await assert.rejects(readImage(["scan.jpg"]), refused);
  await assert.rejects(readSegmentation("scan.jpg"), refused);
  await assert.rejects(writeImage("scan.jpg", countingImage([1, 1, 1])), refused);
  await assert.rejects(writeSegmentation("scan.jpg", repeatingLabels([1, 1, 1], [0])), refused);
});

Deno.test("writeImage() rejects formats that store only pictures", async () => {
  await assert.rejects(writeImage("scan.png", countingImage([1, 1, 1])), {
    name: "TypeError",
    message: "Cannot write scan.png: PNG stores only pictures, expected a format for scans",
  });
});

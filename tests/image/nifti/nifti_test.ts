import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import fc from "fast-check";
import { isPlanar } from "../../../lib/image/geometry.ts";
import { nifti, niftiPair } from "../../../lib/image/nifti/nifti.ts";
import { readImage, writeImage, writeSegmentation } from "../../../lib/image/image_files.ts";
import golden from "../../golden/nifti.json" with { type: "json" };
import { testFormatContract } from "../format_contract.ts";
import { countingImage, plainGeometry, repeatingLabels } from "../sample_images.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

testFormatContract(nifti);
testFormatContract(niftiPair, { voxels: "scan.img" });

/** Headers that nibabel and ITK read differently; the golden file has ITK's answer. */
const judgedByItk = ["neither form", "micrometres", "metres"];

for (const { name, ending, file, shape, channels, spacing, affine, values } of golden.cases) {
  Deno.test(`readImage() reads as nibabel and ITK do: ${name}`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, `scan${ending}`);
      await Deno.writeFile(path, Uint8Array.fromBase64(file));
      const reader = judgedByItk.includes(name) ? "SimpleITKIO" : "NibabelIO";
      const image = await readImage([path], { reader });
      assert.deepEqual(image.geometry.shape, shape);
      assert.equal(image.channels, channels);
      // Both readers round scaling and headers to float32 in some places.
      assertClose(image.geometry.spacing, spacing, 1e-6);
      assertClose(image.geometry.affine, affine, 1e-5);
      assert.deepEqual(Array.from(image.data), values.map(Number));
    }));
}

Deno.test("readImage() recognises compressed files by content, not by name", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, packed] = [join(folder, "a.nii"), join(folder, "b.nii.gz")];
    await writeImage(plain, countingImage([2, 2, 2]));
    await Deno.rename(plain, packed);
    assert.equal((await readImage([packed])).data[7], 7);
  }));

Deno.test("readImage() ignores bytes after the last voxel", () =>
  withTemporaryFolder(async (folder) => {
    for (const name of ["a.nii", "a.nii.gz"]) {
      const bytes = new Uint8Array([...await plainFile(folder), 1, 2, 3]);
      await Deno.writeFile(join(folder, name), name.endsWith("gz") ? gzipSync(bytes) : bytes);
      assert.equal((await readImage([join(folder, name)])).data.length, 8);
    }
  }));

Deno.test("readImage() reads files of several pieces", () =>
  withTemporaryFolder(async (folder) => {
    const image = countingImage([33, 256, 256]); // 2.2 million voxels, 8.7 MB
    await writeImage(join(folder, "a.nii.gz"), image);
    const { data } = await readImage([join(folder, "a.nii.gz")]);
    assert.equal(data.length, image.data.length);
    assert.ok(data.every((value, i) => value === i));
  }));

Deno.test("readImage() and writeImage() yield to the event loop between pieces", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii.gz");
    const image = countingImage([64, 256, 256]); // 16 MiB
    image.data.fill(0); // Packed to a few kB, so that only the unpacked side has many pieces.
    assert.ok(await ticksDuring(writeImage(path, image)) >= 16);
    assert.ok(await ticksDuring(readImage([path])) >= 16);
  }));

Deno.test("readImage() allocates no memory for voxels that the file cannot hold", () =>
  withTemporaryFolder(async (folder) => {
    const bytes = await plainFile(folder);
    const header = new DataView(bytes.buffer);
    for (const axis of [1, 2, 3]) header.setInt16(40 + 2 * axis, 30000, true); // 108 TB of float32
    const path = join(folder, "a.nii");
    await Deno.writeFile(path, bytes);
    await assert.rejects(readImage([path]), {
      name: "RangeError",
      message: `Cannot read ${path}: file is cut short, found 384 bytes, expected 108000000000352`,
    });
    await Deno.writeFile(path, gzipSync(bytes));
    await assert.rejects(
      readImage([path]),
      /needs 108000000000352 bytes, expected at most the \d+/,
    );
  }));

Deno.test("readImage() reports what is wrong with a header", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii");
    const header = await plainFile(folder);
    const errorAfter = async (damage: (view: DataView) => void) => {
      const bytes = header.slice();
      damage(new DataView(bytes.buffer));
      await Deno.writeFile(path, bytes);
      return await readImage([path]).then(() => "no error", (error: Error) => error.message);
    };
    const expectations: [(view: DataView) => void, RegExp][] = [
      [(view) => view.setInt16(40, 9, true), /header has 9 axes, expected 2 to 7$/],
      [(view) => view.setInt16(42, -5, true), /shape -5 × 2 × 2, expected positive extents$/],
      [(view) => view.setInt16(42, 0, true), /shape 0 × 2 × 2, expected positive extents$/],
      [(view) => view.setInt16(70, 128, true), /data type is 128, expected one of 2 \(uint8\)/],
      [(view) => view.setFloat32(108, NaN, true), /start at byte NaN, expected 352 or more$/],
      [(view) => view.setFloat32(108, 100, true), /start at byte 100, expected 352 or more$/],
      [(view) => view.setFloat32(280, Infinity, true), /affine is Infinity .*expected finite/],
      [(view) => view.setInt32(0, 7, true), /wrong size, expected 348 \(NIfTI-1\) or 540/],
      [(view) => view.setUint8(345, 0x69), /half of an \.hdr\/\.img pair, expected a single/],
      [(view) => view.setUint8(344, 0), /has no NIfTI magic, expected n\+1 or n\+2$/],
      [
        (view) => [40, 48, 50].forEach((at, i) => view.setInt16(at, [5, 2, 2][i], true)),
        /shape 2 × 2 × 2 × 2 × 2, expected at most one axis of channels/,
      ],
    ];
    for (const [damage, message] of expectations) assert.match(await errorAfter(damage), message);
    const flat = header.slice();
    new DataView(flat.buffer).setFloat32(280, 0, true);
    new DataView(flat.buffer).setInt16(252, 0, true);
    await Deno.writeFile(path, flat);
    await assert.rejects(
      readImage([path], { reader: "SimpleITKIO" }),
      /it has no qform, and the axes of its sform, 0 .*, are not perpendicular, expected/,
    );
    await readImage([path], { reader: "NibabelIO" });
  }));

Deno.test("readImage() does not follow extensions that form a cycle", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii");
    const bytes = new Uint8Array(352 + 64 + 32);
    bytes.set(await plainFile(folder));
    const view = new DataView(bytes.buffer);
    view.setFloat32(108, 352 + 64, true);
    view.setUint8(348, 1);
    view.setInt32(352, 16, true);
    view.setInt32(368, -16, true);
    await Deno.writeFile(path, bytes);
    assert.equal((await readImage([path])).data.length, 8);
  }));

Deno.test("readImage() reads any header bytes or throws a clear error", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii");
    const header = await plainFile(folder);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 300, maxLength: 300 }), async (noise) => {
        header.set(noise, 40); // Size and magic stay, so that all fields are read.
        await Deno.writeFile(path, header);
        await readImage([path]).catch((error) =>
          assert.match(String(error), /(Type|Range)Error: Cannot read .*expected/s)
        );
      }),
      { numRuns: 300 },
    );
  }));

Deno.test("writeSegmentation() stores bytes until a label reaches 255", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii");
    for (const [label, typeCode, bits] of [[254, 2, 8], [255, 512, 16], [2035, 512, 16]]) {
      await writeSegmentation(path, repeatingLabels([1, 1, 4], [0, label]));
      const view = new DataView((await Deno.readFile(path)).buffer);
      assert.deepEqual([view.getInt16(70, true), view.getInt16(72, true)], [typeCode, bits]);
    }
  }));

Deno.test("writeImage() writes the same bytes every time", () =>
  withTemporaryFolder(async (folder) => {
    const paths = ["a.nii.gz", "b.nii.gz"].map((name) => join(folder, name));
    for (const path of paths) await writeImage(path, countingImage([2, 3, 4]));
    assert.deepEqual(await Deno.readFile(paths[0]), await Deno.readFile(paths[1]));
  }));

Deno.test("writeImage() rejects an axis too long for NIfTI-1", async () => {
  await assert.rejects(
    writeImage("never.nii", countingImage([1, 1, 32768])),
    /Cannot write never\.nii: an axis has 32768 entries, expected at most 32767$/,
  );
});

Deno.test("isPlanar() is true only for nnU-Net's 2D spacing", () => {
  const geometry = plainGeometry([1, 4, 4]);
  assert.equal(isPlanar(geometry), false);
  assert.equal(isPlanar({ ...geometry, spacing: [999, 1, 1] }), true);
  assert.equal(isPlanar({ ...geometry, spacing: [999, 1, 1], shape: [2, 4, 4] }), false);
});

/** Counts the event loop's iterations until a promise settles. */
async function ticksDuring(work: Promise<unknown>): Promise<number> {
  let ticks = 0;
  let running = true;
  const count = () => {
    ticks++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await work;
  running = false;
  return ticks;
}

/** A file of 2 × 2 × 2 float32 voxels. */
Deno.test("readImage() scales values by a negative slope, and not at all by a slope of 0", () =>
  withTemporaryFolder(async (folder) => {
    const bytes = await plainFile(folder);
    const view = new DataView(bytes.buffer);
    const path = join(folder, "scaled.nii");
    const read = async (slope: number, intercept: number) => {
      view.setFloat32(112, slope, true);
      view.setFloat32(116, intercept, true);
      await Deno.writeFile(path, bytes);
      return Array.from((await readImage([path])).data);
    };
    // The header defines value = slope · stored + intercept; the stored values are 0 to 7.
    assert.deepEqual(await read(-2, 3), [3, 1, -1, -3, -5, -7, -9, -11]);
    assert.deepEqual(await read(0.5, -1), [-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5]);
    assert.deepEqual(await read(0, 3), [0, 1, 2, 3, 4, 5, 6, 7]);
  }));

async function plainFile(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(folder, "plain.nii");
  await writeImage(path, countingImage([2, 2, 2]));
  return await Deno.readFile(path);
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance: number) {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(value - expected[i]) <= allowed, `${actual} differs from ${expected}`);
  }
}

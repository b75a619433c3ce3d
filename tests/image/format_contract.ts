/** The contract of image formats, which the test of each format runs. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { allClose, missingAxisSpacing } from "../../lib/image/geometry.ts";
import { decodeImageFile } from "../../lib/image/decode_file.ts";
import type { ImageFormat } from "../../lib/image/format.ts";
import type { Geometry, Image, Segmentation } from "../../lib/image/image.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import {
  arbitraryImage,
  arbitrarySegmentation,
  countingImage,
  plainGeometry,
  repeatingLabels,
} from "./sample_images.ts";

/** What a format can store, if it is limited. */
export interface Abilities {
  /** Scans that the format stores without loss; by default all. Ignored without `encodeImage`. */
  readonly images?: fc.Arbitrary<Image>;
  /** Label maps that the format stores without loss; by default all. */
  readonly segmentations?: fc.Arbitrary<Segmentation>;
  /** The grid of the small examples, by shape. */
  readonly grid?: (shape: Zyx) => Geometry;
  /** Number of slices of the small examples, if the format stores only one. */
  readonly slices?: 1;
  /** Names of the files written along with `scan`. */
  readonly companions?: readonly string[];
  /** Name of the file with the voxels, if they are not in the file that is read. */
  readonly voxels?: string;
}

/** Registers the contract's tests for one format, once for each of its endings. */
export function testFormatContract(format: ImageFormat, abilities: Abilities = {}) {
  const {
    images = arbitraryImage,
    segmentations = arbitrarySegmentation,
    grid = plainGeometry,
    slices,
    voxels,
    companions = voxels === undefined ? [] : [voxels],
  } = abilities;
  const writeSample = async (file: string, shape: Zyx) => {
    const geometry = grid([slices ?? shape[0], shape[1], shape[2]]);
    const labels = { ...repeatingLabels(geometry.shape, [0, 1, 2, 7]), geometry };
    if (!format.encodeImage) return await writeSegmentation(file, labels);
    await writeImage(file, { ...countingImage(geometry.shape), geometry });
  };

  for (const ending of format.endings) {
    const test = (behaviour: string, run: (file: string, folder: string) => Promise<void>) =>
      Deno.test(`${format.name} as ${ending} ${behaviour}`, async () => {
        const folder = await Deno.makeTempDir();
        try {
          await run(join(folder, `scan${ending}`), folder);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      });

    if (format.encodeImage) {
      test("reads back every scan that it writes", (file) =>
        fc.assert(
          fc.asyncProperty(images, async (image) => {
            await writeImage(file, image);
            const read = await readImage([file]);
            assertSameGrid(read.geometry, image.geometry);
            assert.equal(read.channels, image.channels);
            assert.deepEqual(read.data, image.data);
          }),
          { numRuns: 40 },
        ));
    }

    test("reads back every label map that it writes", (file) =>
      fc.assert(
        fc.asyncProperty(segmentations, async (segmentation) => {
          await writeSegmentation(file, segmentation);
          const read = await readSegmentation(file);
          assertSameGrid(read.geometry, segmentation.geometry);
          assert.deepEqual(Array.from(read.data), Array.from(segmentation.data));
        }),
        { numRuns: 40 },
      ));

    test("keeps a 2D image 2D", async (file) => {
      const geometry = {
        ...grid([1, 3, 4]),
        spacing: [missingAxisSpacing([1, 1]), 1, 1] as const,
      };
      await writeSegmentation(file, { ...repeatingLabels([1, 3, 4], [0, 1]), geometry });
      const read = await readImage([file]);
      assert.deepEqual(read.geometry.shape, geometry.shape);
      assert.deepEqual(read.geometry.spacing, geometry.spacing);
    });

    test("replaces an existing file and leaves no others behind", async (file, folder) => {
      await writeSample(file, [2, 2, 2]);
      await writeSample(file, [3, 1, 3]);
      assert.deepEqual((await readImage([file])).geometry.shape, [slices ?? 3, 1, 3]);
      assert.deepEqual(
        Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(),
        [...companions, `scan${ending}`].sort(),
      );
    });

    test("names a file that is missing, empty or of another format", async (file) => {
      const namesFile = (error: Error) =>
        error.message.startsWith(`Cannot read ${file}: `) && !/\.$/.test(error.message);
      await assert.rejects(readImage([file]), namesFile);
      await Deno.writeFile(file, new Uint8Array());
      await assert.rejects(readImage([file]), namesFile);
      await Deno.writeTextFile(file, "This is a letter and no scan. ".repeat(40));
      await assert.rejects(readImage([file]), namesFile);
    });

    test("rejects a file truncated anywhere", async (file, folder) => {
      await writeSample(file, [3, 4, 5]);
      const cut = voxels === undefined ? file : join(folder, voxels);
      const whole = await Deno.readFile(cut);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
          await Deno.writeFile(cut, whole.subarray(0, length));
          await assert.rejects(readImage([file]), isReadableError);
        }),
        { numRuns: 60 },
      );
    });

    test("reads a damaged file or throws a clear error", async (file, folder) => {
      await writeSample(file, [3, 4, 5]);
      for (const damaged of voxels === undefined ? [file] : [file, join(folder, voxels)]) {
        const whole = await Deno.readFile(damaged);
        const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
          minLength: 1,
          maxLength: 20,
        });
        const read = async (bytes: Uint8Array) => {
          await Deno.writeFile(damaged, bytes);
          await readImage([file]).catch((error) => assert.ok(isReadableError(error), error));
        };
        await fc.assert(
          fc.asyncProperty(damage, async (changes) => {
            const bytes = whole.slice();
            for (const [position, value] of changes) bytes[position] = value;
            await read(bytes);
          }),
          { numRuns: 200 },
        );
        if (voxels !== undefined) await read(whole.subarray(0, whole.length / 2));
        await Deno.writeFile(damaged, whole);
      }
    });

    if (voxels !== undefined) {
      test("names the file with the voxels if it is missing", async (file, folder) => {
        await writeSample(file, [3, 4, 5]);
        await Deno.remove(join(folder, voxels));
        await assert.rejects(
          readImage([file]),
          (error: Error) =>
            error.message.startsWith(`Cannot read ${file}: its voxels are in ${voxels} (`) &&
            error.message.endsWith("expected that file next to it"),
        );
      });

      test("is read from memory with the bytes of both files", async (file, folder) => {
        await writeSample(file, [3, 4, 5]);
        const [header, data] = [
          await Deno.readFile(file),
          await Deno.readFile(join(folder, voxels)),
        ];
        const image = await decodeImageFile(`scan${ending}`, header, { files: { [voxels]: data } });
        assert.deepEqual(image, await readImage([file]));
        await assert.rejects(decodeImageFile(`scan${ending}`, header), /`files`/);
      });
    }
  }
}

/** Asserts that grids agree to float32 precision, which is what formats store. */
export function assertSameGrid(actual: Geometry, expected: Geometry) {
  assert.deepEqual(actual.shape, expected.shape);
  assert.ok(allClose(actual.spacing, expected.spacing), `${actual.spacing} ${expected.spacing}`);
  const scale = Math.max(...expected.affine.map(Math.abs));
  for (const [i, value] of actual.affine.entries()) {
    assert.ok(Math.abs(value - expected.affine[i]) <= 1e-6 * scale, `affine ${actual.affine}`);
  }
}

function isReadableError(error: unknown): boolean {
  return error instanceof Error && /^Cannot read .*scan.*: .*expected/s.test(error.message);
}

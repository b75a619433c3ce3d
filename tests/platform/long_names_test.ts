/** Tests that the longest names that file systems allow can be written. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";

import { readSegmentation, writeSegmentation } from "../../lib/image/image_files.ts";
import type { Segmentation } from "../../lib/image/image.ts";
import { writeZarr } from "../../lib/interop/zarr_array.ts";
import { writeZipFile } from "../../lib/interop/zip_file.ts";
import { writeFolderAtomically } from "../../lib/platform/atomic_folder.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { listCases, removeOtherCases } from "../../lib/preprocessing/case_files.ts";
import type { PreprocessedCase } from "../../lib/preprocessing/preprocessed_case.ts";
import { readCase, writeCase } from "../../lib/preprocessing/storage.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const LONGEST = 255;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Returns a name of exactly as many bytes, which begins with characters of two bytes. */
function nameOf(bytes: number, ending: string, letter = "é"): string {
  const free = bytes - bytesOf(ending);
  const letters = letter.repeat(Math.floor(free / bytesOf(letter)));
  return letters + "x".repeat(free - bytesOf(letters)) + ending;
}

const map: Segmentation = {
  data: Uint8Array.of(0, 1, 1, 0),
  geometry: {
    shape: [1, 2, 2],
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  },
};

/** Everything that writes a file or folder under a given path. */
const writers: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  writeFileAtomically: (path) => writeFileAtomically(path, "x"),
  writeFolderAtomically: (path) =>
    writeFolderAtomically(path, (partial) => writeFileAtomically(join(partial, "a"), "x"), {
      overwrite: true,
    }),
  copyFileAtomically: (path) => copyFileAtomically(import.meta.filename!, path),
  writeZipFile: (path) => writeZipFile(path, [{ name: "a", content: [Uint8Array.of(1)] }]),
  writeZarr: (path) => writeZarr(path, { shape: [1, 2, 2], data: new Int8Array(4) }, [1, 2, 2]),
};

for (const [writer, write] of Object.entries(writers)) {
  for (const letter of ["x", "é", "図", "🧠"]) {
    Deno.test(`${writer}() writes a name of 255 bytes in "${letter}", twice`, () =>
      withTemporaryFolder(async (folder) => {
        const name = nameOf(LONGEST, ".x", letter);
        assert.equal(bytesOf(name), LONGEST);
        await write(join(folder, name));
        await write(join(folder, name));
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [name]);
      }));
  }
}

for (const ending of [".nii.gz", ".nii", ".nrrd", ".mha", ".png", ".bmp", ".tif"]) {
  Deno.test(`writeSegmentation() writes the longest names ending in ${ending}`, () =>
    withTemporaryFolder(async (folder) => {
      // The spacing of TIFF is in a second file, whose ending is longer by a letter.
      const bytes = ending === ".tif" ? LONGEST - 1 : LONGEST;
      const path = join(folder, nameOf(bytes, ending));
      await writeSegmentation(path, map);
      assert.deepEqual([...(await readSegmentation(path)).data], [0, 1, 1, 0]);
    }));
}

/** A preprocessed case under a name. */
function caseNamed(name: string): PreprocessedCase {
  const { geometry } = map;
  const { shape } = geometry;
  return {
    name,
    data: { shape: [1, ...shape], data: Float32Array.of(1, 2, 3, 4) },
    segmentation: { shape, data: Int8Array.of(0, 1, 1, 0) },
    classLocations: new Map([[1, Int32Array.of(0, 0, 1, 0, 1, 0)]]),
    properties: {
      geometry,
      shapeBeforeCropping: shape,
      cropBox: [[0, 1], [0, 2], [0, 2]],
      shapeAfterCropping: shape,
      spacingAfterTransposing: [1, 1, 1],
    },
  };
}

Deno.test("preprocessed cases may have every name that their scans may have", () =>
  withTemporaryFolder(async (folder) => {
    const longest = LONGEST - "_0000.png".length;
    // These differ only at their ends, where the names of their files are shortened.
    const names = ["a", "b"].map((last) => nameOf(longest - 1, "") + last);
    const short = nameOf(100, "");
    for (const name of [...names, short]) await writeCase(folder, caseNamed(name));
    assert.deepEqual(await listCases(folder), [...names, short].sort());
    for (const name of names) assert.deepEqual(await readCase(folder, name), caseNamed(name));

    await removeOtherCases(folder, new Set([names[0]]));
    assert.deepEqual(await listCases(folder), [names[0]]);
    assert.deepEqual(await readCase(folder, names[0]), caseNamed(names[0]));
    assert.equal([...Deno.readDirSync(folder)].length, 4);
  }));

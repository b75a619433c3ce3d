/** Compares reading DICOM with SimpleITK and pydicom, on pydicom's own test files and on made ones. */

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { fileURLToPath } from "node:url";
import { directionOf, originOf } from "../../../lib/image/geometry.ts";
import { readImage } from "../../../lib/image/image_files.ts";
import { readGrid } from "../../../lib/image/read_grid.ts";
import { packageFile } from "../../../lib/platform/package_file.ts";
import { runPython } from "../../with_python.ts";
import { testWithPydicom } from "./with_pydicom.ts";

/** Lossy pictures of 12 bits, whose transform libjpeg computes with whole numbers. */
const tolerances: Readonly<Record<string, number>> = { "JPEG-lossy": 1, "JPGExtended": 1 };

testWithPydicom("readImage() reads DICOM as SimpleITK and pydicom do", async (folder) => {
  const script = fileURLToPath(new URL("./reference_series.py", import.meta.url));
  const decoder = dirname(packageFile("jpeg-lossless-decoder-js/package.json"));
  await runPython(script, folder, join(decoder, "tests", "data"));
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)).sort();
  assert.ok(names.length >= 45, `${names.length} series`);
  for (const name of names) {
    const path = join(folder, name);
    const { shape, spacing, origin, direction } = JSON.parse(
      await Deno.readTextFile(`${path}.json`),
    );
    const warnings: string[] = [];
    const { geometry, data } = await readImage([path], { onWarning: (one) => warnings.push(one) });
    assert.deepEqual(geometry.shape, shape, name);
    assert.deepEqual((await readGrid(path)).geometry, geometry, name);
    assert.equal(warnings.length, name === "tilted" ? 1 : 0, `${warnings}`);
    assertClose(data, await floats(`${path}.pydicom`), tolerances[name] ?? 0, `${name}, pydicom`);
    if (!spacing) continue;
    assertClose(data, await floats(`${path}.itk`), tolerances[name] ?? 0, `${name}, SimpleITK`);
    const flips = [-1, -1, 1];
    const near = (found: readonly number[], expected: readonly number[], what: string) =>
      assertClose(found, expected, 1e-4, `${name}: ${what} ${found}, expected ${expected}`);
    // The spacing of a single slice is its thickness; GDCM takes 1 mm for some kinds of files.
    const axes = shape[0] === 1 ? 2 : 3;
    near([...geometry.spacing].reverse().slice(0, axes), spacing.slice(0, axes), "spacing");
    near(originOf(geometry).map((value, axis) => flips[axis] * value), origin, "origin");
    near(
      directionOf(geometry).map((value, entry) => flips[Math.floor(entry / 3)] * value),
      direction,
      "direction",
    );
  }
});

async function floats(path: string): Promise<Float32Array> {
  return new Float32Array((await Deno.readFile(path)).buffer);
}

function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  message: string,
) {
  assert.equal(found.length, expected.length, message);
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - expected[i]) - 1e-6 * Math.abs(expected[i]));
  }
  assert.ok(worst <= tolerance, `${message}: differs by ${worst}`);
}

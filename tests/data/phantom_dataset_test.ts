import assert from "node:assert/strict";
import { join } from "@std/path";
import { generateDataset } from "../../data/phantom_dataset.ts";
import { phantomLabels } from "../../data/phantom.ts";
import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import { listImages } from "../../lib/image/scan_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const small = { seed: 3, spacing: [6, 6, 6], workers: 1 } as const;

Deno.test("generateDataset() writes scans and labels that can be read back", () =>
  withTemporaryFolder(async (folder) => {
    const progress: string[] = [];
    const cases = await generateDataset({
      ...small,
      folder,
      cases: 2,
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    assert.deepEqual(cases, ["phantom_01", "phantom_02"]);
    assert.deepEqual(progress, ["0/2", "1/2", "2/2"]);
    for (const name of cases) {
      const image = await readImage([join(folder, "input", `${name}.nii.gz`)]);
      const labels = await readSegmentation(join(folder, "ground_truth", `${name}.nii.gz`));
      assert.deepEqual(image.geometry, labels.geometry);
      assert.deepEqual(image.geometry.spacing, [6, 6, 6]);
      assert.deepEqual(
        [...new Set(labels.data)].sort().slice(0, 3),
        Object.values(phantomLabels).slice(0, 3),
      );
    }
  }));

Deno.test("generateDataset() keeps existing cases and leaves exactly the requested ones", () =>
  withTemporaryFolder(async (folder) => {
    const first = join(folder, "input", "phantom_01.nii.gz");
    await generateDataset({ ...small, folder, cases: 2 });
    const before = await Deno.readFile(first);
    await Deno.writeTextFile(first, "kept"); // Represents a file that takes long to generate.
    await Deno.remove(join(folder, "ground_truth", "phantom_02.nii.gz"));

    const counts: number[] = [];
    await generateDataset({ ...small, folder, cases: 3, onProgress: (done) => counts.push(done) });
    assert.deepEqual(counts, [1, 2, 3]);
    assert.equal(await Deno.readTextFile(first), "kept");

    await generateDataset({ ...small, folder, cases: 1 });
    assert.deepEqual(await listImages(join(folder, "input")), ["phantom_01.nii.gz"]);
    assert.equal(await Deno.readTextFile(first), "kept");

    await generateDataset({ ...small, folder, cases: 1, difficulty: 2 });
    assert.notDeepEqual(await Deno.readFile(first), before);
    await generateDataset({ ...small, folder, cases: 1 });
    assert.deepEqual(await Deno.readFile(first), before);
  }));

Deno.test("generateDataset() stops when aborted and resumes when called again", () =>
  withTemporaryFolder(async (folder) => {
    const stop = new AbortController();
    const aborted = generateDataset({
      ...small,
      folder,
      cases: 3,
      signal: stop.signal,
      onProgress: (done) => done === 1 && stop.abort(new Error("Enough")),
    });
    await assert.rejects(aborted, { message: "Enough" });
    assert.deepEqual(await listImages(join(folder, "input")), ["phantom_01.nii.gz"]);

    const counts: number[] = [];
    await generateDataset({ ...small, folder, cases: 3, onProgress: (done) => counts.push(done) });
    assert.deepEqual(counts, [1, 2, 3]);
  }));

Deno.test("generateDataset() rejects invalid options before it changes the folder", () =>
  withTemporaryFolder(async (folder) => {
    await assert.rejects(generateDataset({ ...small, folder, cases: 0 }), {
      name: "RangeError",
      message: "Cannot generate data set: cases is 0, expected a positive integer",
    });
    await assert.rejects(generateDataset({ folder, spacing: [1, -1, 1] }), RangeError);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

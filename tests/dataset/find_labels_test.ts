import assert from "node:assert/strict";
import { join } from "@std/path";
import { findLabels, labelsIn } from "../../lib/dataset/find_labels.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { repeatingLabels } from "../image/sample_images.ts";
import { withFolders } from "./sample_folders.ts";

Deno.test("labelsIn() lists each label once, ascending", () => {
  assert.deepEqual(labelsIn(repeatingLabels([2, 2, 2], [7, 0, 65535, 7])), [0, 7, 65535]);
});

Deno.test("findLabels() returns the labels of all files in a folder", () =>
  withFolders(async ({ labels }) => {
    await writeSegmentation(join(labels, "a.nii.gz"), repeatingLabels([1, 2, 2], [0, 3]));
    await writeSegmentation(join(labels, "b.nii"), repeatingLabels([1, 2, 2], [2035, 0]));
    await Deno.writeTextFile(join(labels, "notes.txt"), "not an image");
    await Deno.writeTextFile(join(labels, "._a.nii.gz"), "left by macOS");
    const steps: string[] = [];
    const found = await findLabels(labels, { onProgress: (...step) => steps.push(step.join("/")) });
    assert.deepEqual(found, [0, 3, 2035]);
    assert.deepEqual(steps, ["1/2", "2/2"]);
    await assert.rejects(findLabels(labels, { signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
  }));

Deno.test("findLabels() rejects a folder without images", () =>
  withFolders(async ({ labels }) => {
    await assert.rejects(findLabels(labels), /found no image files, expected label maps$/);
  }));

import assert from "node:assert/strict";
import { join } from "@std/path";
import { readPostprocessing } from "../../lib/files/postprocessing_file.ts";
import { formatPostprocessingReport } from "../../lib/files/postprocessing_format.ts";
import { readSegmentation, writeSegmentation } from "../../lib/image/image_files.ts";
import { applyPostprocessing } from "../../lib/postprocessing/apply_to_folder.ts";
import { determinePostprocessing } from "../../lib/postprocessing/determine.ts";
import { classesOf, decodeLabels, goldenRuns, writeGoldenRun } from "./golden_run.ts";

for (const run of goldenRuns) {
  Deno.test(`determinePostprocessing() decides as nnU-Net does: ${run.name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const folders = await writeGoldenRun(folder, run);
      const progress: number[] = [];
      const decision = await determinePostprocessing({
        ...folders,
        ...classesOf(run),
        workers: 1,
        onProgress: (done, total) => progress.push(done / total),
      });
      assert.equal(formatPostprocessingReport(decision), run.json);
      assert.equal(progress.at(-1), 1);

      const pickle = join(folder, "postprocessing.pkl");
      await Deno.writeFile(pickle, Uint8Array.fromBase64(run.pickle));
      const steps = await readPostprocessing(pickle);
      assert.deepEqual(steps, decision.steps);
      const output = join(folder, "after");
      await applyPostprocessing({
        input: folders.predictions,
        output,
        steps,
        fileEnding: ".nii.gz",
        workers: 1,
      });
      for (const [index, { after }] of run.cases.entries()) {
        const { data } = await readSegmentation(join(output, `c${index}.nii.gz`));
        assert.deepEqual(data, decodeLabels(after));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("determinePostprocessing() rejects undeclared labels", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const folders = await writeGoldenRun(folder, goldenRuns[0]);
    await assert.rejects(
      determinePostprocessing({
        ...folders,
        labels: [1, 2],
        foregroundLabels: [1, 2],
        fileEnding: ".nii.gz",
      }),
      /Cannot evaluate .*c\d\.nii\.gz: it has label 3, expected 0, 1, 2/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Decides on a prediction and its reference, both of one row of voxels written as digits. */
async function decideOnRow(
  rows: { reference: string; prediction: string },
  classes: { labels: number[]; foregroundLabels: number[] },
) {
  const folder = await Deno.makeTempDir();
  const geometry = {
    shape: [1, 1, rows.reference.length],
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  } as const;
  try {
    for (const [name, digits] of Object.entries(rows)) {
      const segmentation = { geometry, data: decodeLabels(digits) };
      await writeSegmentation(join(folder, name, "a.nii.gz"), segmentation);
    }
    return await determinePostprocessing({
      predictions: join(folder, "prediction"),
      groundTruth: join(folder, "reference"),
      fileEnding: ".nii.gz",
      workers: 1,
      ...classes,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("determinePostprocessing() chooses no step that leaves the scores as they are", async () => {
  const row = "0111220000";
  const { steps } = await decideOnRow({ reference: row, prediction: row }, {
    labels: [1, 2],
    foregroundLabels: [1, 2],
  });
  assert.deepEqual(steps, []);
});

Deno.test("determinePostprocessing() tries classes one by one only if several are scored", async () => {
  // The union's largest component is label 2's, so label 1 would vanish with the rest.
  const rows = { reference: "01110000222220", prediction: "01110100222220" };
  const foregroundLabels = [1, 2];
  assert.deepEqual((await decideOnRow(rows, { labels: [1], foregroundLabels })).steps, []);
  assert.deepEqual((await decideOnRow(rows, { labels: [1, 2], foregroundLabels })).steps, [
    { keepLargest: 1 },
  ]);
});

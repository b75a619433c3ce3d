import assert from "node:assert/strict";
import { join } from "@std/path";
import { readPostprocessing } from "../../lib/files/postprocessing_file.ts";
import { formatPostprocessingReport } from "../../lib/files/postprocessing_format.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
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

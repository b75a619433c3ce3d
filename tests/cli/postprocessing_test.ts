import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSummary } from "../../lib/files/summary_file.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import {
  datasetJsonOf,
  decodeLabels,
  goldenRuns,
  writeGoldenRun,
} from "../postprocessing/golden_run.ts";
import { runCli } from "./run_cli.ts";

Deno.test("determine_postprocessing and apply_postprocessing match nnU-Net's", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const run = goldenRuns.find(({ name }) => name === "single labels help")!;
    const { groundTruth, predictions } = await writeGoldenRun(folder, run);
    await Deno.writeTextFile(
      join(predictions, "dataset.json"),
      JSON.stringify(datasetJsonOf(run)),
    );
    const determined = await runCli(
      ...["determine_postprocessing", "-i", predictions, "-ref", groundTruth, "-np", "1"],
    );
    assert.equal(determined.code, 0, determined.err);
    assert.match(determined.out, /largest component of 1 helps\n.*largest component of 3 helps\n/);
    assert.equal(await Deno.readTextFile(join(predictions, "postprocessing.json")), run.json);
    const { foregroundMean } = await readSummary(join(predictions, "postprocessed/summary.json"));
    assert.equal(foregroundMean.dice, JSON.parse(run.json).postprocessed.foreground_mean.Dice);

    const output = join(folder, "after");
    const apply = (pickle: string) =>
      runCli("apply_postprocessing", "-i", predictions, "-o", output, "-pp_pkl_file", pickle);
    const bad = await apply(join(predictions, "c0.nii.gz"));
    assert.match(bad.err, /Cannot read postprocessing .*c0\.nii\.gz/);
    await assert.rejects(Deno.stat(output), Deno.errors.NotFound);

    const applied = await apply(join(predictions, "postprocessing.pkl"));
    assert.equal(applied.code, 0, applied.err);
    const { data } = await readSegmentation(join(output, "c1.nii.gz"));
    assert.deepEqual(data, decodeLabels(run.cases[1].after));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

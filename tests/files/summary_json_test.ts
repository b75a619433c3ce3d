import assert from "node:assert/strict";
import { join } from "@std/path";
import { compareLabels } from "../../lib/evaluation/overlap.ts";
import { summarize } from "../../lib/evaluation/summary.ts";
import type { LabelOrRegion } from "../../lib/files/summary.ts";
import { formatSummary } from "../../lib/files/summary_json.ts";
import { readSummary, writeSummary } from "../../lib/files/summary_file.ts";
import golden from "../golden/evaluation.json" with { type: "json" };

const runs = Object.entries(golden.summaries);

function evaluateGolden(labels: readonly LabelOrRegion[], ignoreLabel?: number) {
  return summarize(
    labels,
    golden.cases.map(({ name, reference, prediction }) => ({
      referenceFile: `reference/${name}.nii.gz`,
      predictionFile: `prediction/${name}.nii.gz`,
      overlaps: compareLabels(
        Uint8Array.from(reference),
        Uint8Array.from(prediction),
        labels,
        ignoreLabel,
      ),
    })),
  );
}

for (const [name, { labels, ignoreLabel, text }] of runs) {
  Deno.test(`formatSummary() writes nnU-Net's bytes: ${name}`, () => {
    assert.equal(formatSummary(evaluateGolden(labels, ignoreLabel ?? undefined)), text);
  });

  Deno.test(`readSummary() reads what nnU-Net wrote: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "summary.json");
      await Deno.writeTextFile(path, text);
      const summary = await readSummary(path);
      const byLabel = (label: LabelOrRegion) =>
        summary.labels.findIndex((l) => `${l}` === `${label}`);
      const expected = evaluateGolden(labels, ignoreLabel ?? undefined);
      assert.equal(summary.labels.length, labels.length);
      for (const [i, label] of labels.entries()) {
        assert.deepEqual(summary.labels[byLabel(label)], label);
        assert.deepEqual(summary.mean[byLabel(label)], expected.mean[i]);
        assert.deepEqual(summary.cases[1].overlaps[byLabel(label)], expected.cases[1].overlaps[i]);
      }
      assert.deepEqual(summary.foregroundMean, expected.foregroundMean);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("writeSummary() and readSummary() are inverse", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "summary.json");
    const summary = evaluateGolden([1, 2, 3]);
    await writeSummary(path, summary);
    assert.deepEqual(await readSummary(path), summary);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readSummary() names an invalid file and the problem", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "summary.json");
    await assert.rejects(readSummary(path), { message: new RegExp(`^Cannot read ${path}: `) });
    await Deno.writeTextFile(path, `{"mean": {}, "metric_per_case": []}`);
    await assert.rejects(readSummary(path), (error: Error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, /Cannot read summary .*foreground_mean/s);
      return true;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

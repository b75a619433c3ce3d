import assert from "node:assert/strict";
import { formatDiceTable } from "../../lib/evaluation/dice_table.ts";
import { compareLabels } from "../../lib/evaluation/overlap.ts";
import { summarize } from "../../lib/evaluation/summary.ts";

const summary = summarize(
  [1, 2],
  [["a.nii.gz", [1, 1, 2]], ["case_b.c.png", [1, 0, 0]]].map(([file, labels]) => ({
    referenceFile: `reference/${file}`,
    predictionFile: `prediction/${file}`,
    overlaps: compareLabels(
      Uint8Array.from(labels as number[]),
      Uint8Array.from((labels as number[]).map((label, voxel) => voxel === 1 ? 0 : label)),
      [1, 2],
    ),
  })),
);

Deno.test("formatDiceTable() aligns cases, classes and means", () => {
  assert.equal(
    formatDiceTable(summary, ["anterior", "cyst"]),
    [
      "case      anterior    cyst    mean",
      "a           0.6667  1.0000  0.8333",
      "case_b.c    1.0000       -  1.0000",
      "mean        0.8333  1.0000  0.9167",
      "",
    ].join("\n"),
  );
});

Deno.test("formatDiceTable() requires one name per label", () => {
  assert.throws(() => formatDiceTable(summary, ["anterior"]), RangeError);
});

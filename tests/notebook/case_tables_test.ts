import assert from "node:assert/strict";
import { evaluateFolderInDetail, segmentationFrom, writeSegmentation } from "nnunet";
import { confusionTable, worstCasesTable, worstFirst } from "../../lib/notebook/mod.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const grid = { shape: [1, 2, 4], spacing: [10, 10, 10] };
const truth = [1, 1, 1, 0, 2, 2, 0, 0];
/** Predictions by case: all right; half of class 2 missed; class 1 missed, and 2 found in its place. */
const predictions = {
  good: truth,
  fair: [1, 1, 1, 0, 2, 0, 0, 0],
  bad: [2, 2, 2, 2, 2, 2, 0, 0],
};

async function evaluated(cases: Readonly<Record<string, readonly number[]>>, all = truth) {
  return await withTemporaryFolder(async (folder) => {
    const save = (name: string, values: readonly number[]) =>
      writeSegmentation(
        `${folder}/${name}.nii.gz`,
        segmentationFrom(Uint8Array.from(values), grid),
      );
    for (const [name, values] of Object.entries(cases)) {
      await save(`truth/${name}`, all);
      await save(`predictions/${name}`, values);
    }
    return await evaluateFolderInDetail({
      groundTruth: `${folder}/truth`,
      predictions: `${folder}/predictions`,
      labels: [1, 2],
      fileEnding: ".nii.gz",
      workers: 1,
    });
  });
}

Deno.test("worstFirst() ranks cases by their mean Dice, and names the worst class", async () => {
  const { summary } = await evaluated(predictions);
  const ranked = worstFirst(summary);
  assert.deepEqual(ranked.map(({ name }) => name), ["bad", "fair", "good"]);
  assert.deepEqual(ranked.map(({ worstClass }) => worstClass), [0, 1, 0]);
  assert.deepEqual(ranked.map(({ index }) => index), [0, 1, 2]);
  assert.equal(ranked[0].meanDice, 0.25);
});

Deno.test("worstCasesTable() shows the worst class's Dice, distance and volumes", async () => {
  const { summary, details } = await evaluated(predictions);
  const rows = worstCasesTable(summary, details, ["liver", "tumour"]).text.split("\n");
  assert.match(rows[1], /^bad +0\.250 +liver +0\.000 +– +0\.000 of 3\.00 ml +−100\.0 %$/);
  assert.match(rows[2], /^fair +0\.833 +tumour +0\.667 +\d+\.\d mm +1\.00 of 2\.00 ml +−50\.0 %$/);
  assert.match(rows[3], /^good +1\.000 +liver +1\.000 +0\.0 mm +3\.00 of 3\.00 ml +0\.0 %$/);
});

Deno.test("a case without any class is last, and has dashes", async () => {
  const nothing = truth.map(() => 0);
  const { summary, details } = await evaluated({ a: nothing }, nothing);
  assert.equal(worstFirst(summary)[0].worstClass, -1);
  assert.match(worstCasesTable(summary, details, ["liver", "tumour"]).text, /\na +– +– +– +–/);
});

Deno.test("confusionTable() shows what each class was predicted as", async () => {
  const { details } = await evaluated({ bad: predictions.bad });
  const [, , liver, tumour] = confusionTable(details.cases[0], ["nothing", "liver", "tumour"]).text
    .split("\n");
  assert.match(liver, /^liver +0\.0 % +0\.0 % +100\.0 %$/);
  assert.match(tumour, /^tumour +0\.0 % +0\.0 % +100\.0 %$/);
});

import assert from "node:assert/strict";
import { nnunetTraining } from "../../../lib/augmentation/nnunet_pipeline.ts";
import { createBatchSource } from "../../../lib/training/batches/batch_source.ts";
import { numberedCase } from "../cases.ts";

const options = {
  read: (name: string) =>
    name === "broken"
      ? Promise.reject(new Error("the file is empty"))
      : Promise.resolve(numberedCase(name, [6, 6, 6], { 1: [[3, 3, 3]] })),
  caseNames: ["a", "b", "c"],
  batchSize: 2,
  pipeline: nnunetTraining([4, 4, 4]),
  seed: 11,
};

Deno.test("createBatchSource() makes the same batch for the same index, in any order", async () => {
  const source = createBatchSource(options);
  const [zero, one] = [await source(0), await source(1)];
  const other = createBatchSource(options);
  assert.deepEqual(await other(1), one);
  assert.deepEqual(await other(0), zero);
  assert.notDeepEqual(zero.data, one.data);
  assert.notDeepEqual((await createBatchSource({ ...options, seed: 12 })(0)).data, zero.data);
});

Deno.test("createBatchSource() names the batch and its cases if one cannot be read", async () => {
  const source = createBatchSource({ ...options, caseNames: ["broken"] });
  await assert.rejects(source(3), {
    message: "Cannot make batch 3 of broken, broken: the file is empty",
  });
});

import assert from "node:assert/strict";
import { nnunetTraining, nnunetValidation } from "../../../lib/augmentation/nnunet_pipeline.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { batchGenerator, drawCases, makeBatch } from "../../../lib/training/batches/batch.ts";
import { patchSourceInMemory } from "../../../lib/training/batches/patch_source.ts";
import { numberedCase, numberedPreprocessedCase } from "../cases.ts";

const preprocessed = [
  numberedPreprocessedCase("a", [5, 6, 7], { 1: [[2, 3, 4]] }, 2),
  numberedPreprocessedCase("b", [7, 6, 5], { 2: [[1, 1, 1]] }, 2),
];
const cases = preprocessed.map((one) => patchSourceInMemory(one));

Deno.test("makeBatch() concatenates examples", () => {
  const whole = numberedCase("whole", [1, 2, 2], { 3: [[0, 1, 0]] }, 2);
  const batch = makeBatch(
    [whole, whole],
    { pipeline: nnunetValidation([2, 2]) },
    createGenerator(1),
  );
  assert.deepEqual(Array.from(batch.data), [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(Array.from(batch.target), [0, 0, 3, 0, 0, 0, 3, 0]);
  assert.deepEqual(batch.caseNames, ["whole", "whole"]);
  assert.deepEqual(batch.shape, { batchSize: 2, channels: 2, patchSize: [2, 2] });
});

Deno.test("makeBatch() centres the last examples on foreground", () => {
  const large = numberedCase("large", [30, 30, 30], { 1: [[15, 15, 15]] });
  const pipeline = nnunetValidation([3, 3, 3]);
  const many = Array.from({ length: 9 }, () => large);
  const centre = (15 * 30 + 15) * 30 + 15 + 1;
  const { data } = makeBatch(many, { pipeline }, createGenerator(1));
  const centred = many.map((_, index) => data[27 * index + 13] === centre);
  assert.deepEqual(centred, [0, 0, 0, 0, 0, 0, 1, 1, 1].map(Boolean));
  const all = makeBatch(many, { pipeline, oversampling: { share: 1 } }, createGenerator(1));
  assert.ok(many.every((_, index) => all.data[27 * index + 13] === centre));
});

Deno.test("makeBatch() depends only on cases and generator, and writes into buffers that fit", () => {
  const options = { pipeline: nnunetTraining([4, 4, 4]) };
  const before = structuredClone(preprocessed);
  const first = makeBatch(cases, options, createGenerator(7));
  assert.deepEqual(makeBatch(cases, options, createGenerator(7)), first);
  assert.notDeepEqual(makeBatch(cases, options, createGenerator(8)).data, first.data);
  assert.deepEqual(preprocessed, before);

  const buffers = { data: new Float32Array(256).fill(NaN), target: new Uint8Array(128).fill(9) };
  const reused = makeBatch(cases, { ...options, buffers }, createGenerator(7));
  assert.equal(reused.data, buffers.data);
  assert.equal(reused.target, buffers.target);
  assert.deepEqual(reused, first);

  const tooSmall = { data: new Float32Array(1), target: new Uint8Array(1) };
  const fresh = makeBatch(cases, { ...options, buffers: tooSmall }, createGenerator(7));
  assert.deepEqual(fresh, first);
});

Deno.test("makeBatch() names the case it cannot use", () => {
  const options = { pipeline: nnunetValidation([2, 2, 2]) };
  const other = numberedCase("one", [5, 5, 5], {}, 1);
  assert.throws(() => makeBatch([cases[0], other], options, createGenerator(1)), {
    name: "RangeError",
    message: 'Cannot make a batch: case "one" has 1 channels, expected 2 as in case "a"',
  });
  const segmentation = { shape: [2, 2, 2], data: new Int16Array(8).fill(256) };
  const large = patchSourceInMemory({
    ...numberedPreprocessedCase("large", [2, 2, 2]),
    segmentation,
  });
  assert.throws(() => makeBatch([large], options, createGenerator(1)), {
    name: "RangeError",
    message: 'Cannot make a batch: case "large" has label 256, expected 0 to 255',
  });
});

Deno.test("drawCases() draws cases uniformly, with replacement", () => {
  const drawn = drawCases(createGenerator(1), ["a", "b", "c", "d"], 4000);
  for (const name of ["a", "b", "c", "d"]) {
    const share = drawn.filter((other) => other === name).length / drawn.length;
    assert.ok(Math.abs(share - 0.25) < 0.04);
  }
});

Deno.test("batchGenerator() gives every batch of a run different random numbers", () => {
  const first = (seed: number, index: number) => batchGenerator(seed, index).uniform();
  assert.equal(first(1, 5), first(1, 5));
  const drawn = Array.from({ length: 2000 }, (_, index) => first(1, index));
  assert.equal(new Set(drawn).size, 2000);
  const mean = drawn.reduce((sum, value) => sum + value) / drawn.length;
  assert.ok(Math.abs(mean - 0.5) < 0.03);
  assert.notEqual(first(1, 1), first(2, 0));
});

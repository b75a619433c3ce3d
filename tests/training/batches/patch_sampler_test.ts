import assert from "node:assert/strict";
import fc from "fast-check";
import { centredBox } from "../../../lib/array/box.ts";
import { cropSample } from "../../../lib/augmentation/crop_sample.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import {
  drawPatchBox,
  foregroundChoice,
  isCentredOnForeground,
  originBounds,
  type Oversampling,
  samplePatch,
} from "../../../lib/training/batches/patch_sampler.ts";
import { patchSourceInMemory } from "../../../lib/training/batches/patch_source.ts";
import { numberedCase, numberedPreprocessedCase } from "../cases.ts";

Deno.test("isCentredOnForeground() chooses the last third of a batch", () => {
  const chosen = (batchSize: number, share: number) =>
    Array.from({ length: batchSize }, (_, index) => isCentredOnForeground(index, batchSize, share));
  assert.deepEqual(chosen(2, 0.33), [false, true]);
  assert.deepEqual(chosen(9, 0.33).indexOf(true), 6);
  assert.deepEqual(chosen(5, 0.5), [false, false, true, true, true]); // 2.5 rounds to 2.
  assert.deepEqual(chosen(2, 0), [false, false]);
  assert.deepEqual(chosen(2, 1), [true, true]);
});

Deno.test("originBounds() lets final patches reach every border", () => {
  // 73 is 33 more than 40: 17 voxels before the volume, 17 past its end.
  assert.deepEqual(originBounds([50, 50], [73, 40], [40, 40]), {
    lower: [-17, 0],
    upper: [-6, 10],
  });
  // A volume of 30 lacks 43 voxels.
  assert.deepEqual(originBounds([30], [73], [40]), { lower: [-22], upper: [-21] });
});

Deno.test("drawPatchBox() reaches both bounds and never passes them", () => {
  const generator = createGenerator(1);
  const sizes = { initialPatchSize: [5, 4, 3], patchSize: [3, 4, 2] };
  const trainingCase = numberedCase("a", [6, 5, 4]);
  const { lower, upper } = originBounds([6, 5, 4], sizes.initialPatchSize, sizes.patchSize);
  const origins = Array.from(
    { length: 400 },
    () => drawPatchBox(generator, trainingCase, sizes, false).origin,
  );
  for (const axis of [0, 1, 2]) {
    const drawn = origins.map((origin) => origin[axis]);
    assert.equal(Math.min(...drawn), lower[axis]);
    assert.equal(Math.max(...drawn), upper[axis]);
  }
});

Deno.test("drawPatchBox() centres on a stored voxel, moved to the lower bound only", () => {
  const sizes = { initialPatchSize: [3, 3, 3], patchSize: [3, 3, 3] };
  const originFor = (voxel: [number, number, number]) =>
    drawPatchBox(createGenerator(1), numberedCase("a", [8, 8, 8], { 1: [voxel] }), sizes, true)
      .origin;
  assert.deepEqual(originFor([4, 5, 3]), [3, 4, 2]);
  assert.deepEqual(originFor([0, 7, 7]), [0, 6, 6]);
});

Deno.test("drawPatchBox() draws labels equally often, however many voxels they have", () => {
  const many = Array.from({ length: 30 }, (_, i) => [1, 1, i % 6] as const);
  const trainingCase = numberedCase("a", [4, 6, 6], { 1: many, 2: [[3, 5, 5]], 3: [] });
  const generator = createGenerator(2);
  const sizes = { initialPatchSize: [1, 1, 1], patchSize: [1, 1, 1] };
  const drawn = Array.from(
    { length: 1000 },
    () => drawPatchBox(generator, trainingCase, sizes, true).origin,
  );
  const share = drawn.filter(([z]) => z === 3).length / drawn.length;
  assert.ok(Math.abs(share - 0.5) < 0.08);
});

Deno.test("drawPatchBox() falls back to any position without foreground", () => {
  const generator = createGenerator(3);
  const sizes = { initialPatchSize: [2, 2, 2], patchSize: [2, 2, 2] };
  const trainingCase = numberedCase("a", [4, 4, 4], { 1: [] });
  const origins = Array.from(
    { length: 100 },
    () => drawPatchBox(generator, trainingCase, sizes, true).origin.join(),
  );
  assert.ok(new Set(origins).size > 10);
});

Deno.test("samplePatch() on foreground has foreground in the final patch", () => {
  const extent = fc.integer({ min: 1, max: 14 });
  const axis = fc.tuple(extent, extent, fc.integer({ min: 0, max: 6 }), fc.nat());
  fc.assert(fc.property(axis, axis, axis, fc.integer(), (...[z, y, x, seed]) => {
    const axes = [z, y, x];
    const [shape, patchSize] = [0, 1].map((i) => axes.map((values) => values[i]));
    const initialPatchSize = axes.map(([, patch, more]) => patch + more);
    const voxel = axes.map(([extent, , , position]) => position % extent);
    const trainingCase = numberedCase("a", [shape[0], shape[1], shape[2]], {
      5: [[voxel[0], voxel[1], voxel[2]]],
    });
    const sizes = { initialPatchSize, patchSize };
    const { image, segmentation } = samplePatch(createGenerator(seed), trainingCase, sizes, true);
    const box = centredBox(
      [initialPatchSize[0], initialPatchSize[1], initialPatchSize[2]],
      [patchSize[0], patchSize[1], patchSize[2]],
    );
    const final = cropSample({ image, segmentation }, box, patchSize);
    assert.ok(final.segmentation.data.includes(5));
  }));
});

Deno.test("samplePatch() keeps image and labels together, 0 and -1 outside", () => {
  const trainingCase = numberedCase("a", [3, 4, 5], { 2: [[1, 2, 3]] }, 2);
  const sizes = { initialPatchSize: [6, 6, 6], patchSize: [4, 4, 4] };
  const number = (1 * 4 + 2) * 5 + 3 + 1;
  for (let seed = 0; seed < 20; seed++) {
    const { image, segmentation } = samplePatch(createGenerator(seed), trainingCase, sizes, false);
    assert.deepEqual(image.shape, [2, 6, 6, 6]);
    segmentation.data.forEach((label, i) => {
      const value = image.data[i];
      assert.equal(label, value === 0 ? -1 : value === number ? 2 : 0);
      assert.equal(image.data[216 + i], value === 0 ? 0 : value + 60);
    });
    assert.ok(segmentation.data.includes(2));
  }
});

Deno.test("samplePatch() reads whole slices for 2D patches", () => {
  const trainingCase = numberedCase("a", [3, 4, 4], { 1: [[2, 1, 1]] });
  const sizes = { initialPatchSize: [4, 4], patchSize: [4, 4] };
  const generator = createGenerator(1);
  const seen = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const { image, segmentation } = samplePatch(generator, trainingCase, sizes, false);
    assert.deepEqual(image.shape, [1, 4, 4]);
    assert.deepEqual(segmentation.shape, [4, 4]);
    const z = Math.floor((image.data[0] - 1) / 16);
    assert.equal(image.data[15], 16 * z + 16);
    seen.add(z);
  }
  assert.deepEqual([...seen].sort(), [0, 1, 2]);
  const forced = samplePatch(generator, trainingCase, sizes, true);
  assert.ok(forced.segmentation.data.includes(1));
});

Deno.test("samplePatch() rejects cases without a segmentation", () => {
  const preprocessed = numberedPreprocessedCase("la_003", [2, 2, 2]);
  const unlabelled = patchSourceInMemory({ ...preprocessed, segmentation: undefined });
  const sizes = { initialPatchSize: [2, 2, 2], patchSize: [2, 2, 2] };
  assert.throws(() => samplePatch(createGenerator(1), unlabelled, sizes, false), {
    name: "TypeError",
    message: 'Cannot train on case "la_003": it has no segmentation',
  });
});

Deno.test("drawPatchBox() centres on annotated voxels if there is an ignore label", () => {
  const sizes = { initialPatchSize: [1, 1, 1], patchSize: [1, 1, 1] };
  const trainingCase = numberedCase("a", [8, 8, 8], { 1: [[1, 2, 3]] });
  const annotated = [[1, 2, 3], [4, 5, 6], [7, 7, 7]];
  const locations = (more: Iterable<readonly [number | string, Int32Array<ArrayBuffer>]>) => ({
    shape: trainingCase.shape,
    classLocations: new Map<number | string, Int32Array<ArrayBuffer>>([
      ...more,
      ["-1,0,1", Int32Array.from(annotated.flat())],
    ]),
  });
  const drawn = (onForeground: boolean, of: ReturnType<typeof locations>) => {
    const generator = createGenerator(1);
    const origins = Array.from(
      { length: 100 },
      () => drawPatchBox(generator, of, sizes, onForeground).origin.join(),
    );
    return [...new Set(origins)].sort();
  };
  const all = annotated.map((voxel) => voxel.join());
  assert.deepEqual(drawn(false, locations(trainingCase.classLocations)), all);
  assert.deepEqual(drawn(true, locations(trainingCase.classLocations)), ["1,2,3"]);
  assert.deepEqual(drawn(true, locations([])), all);
});

Deno.test("foregroundChoice() chooses the last samples of a batch, or each at random", () => {
  const generator = createGenerator(3);
  const shareOf = (batchSize: number, oversampling: Oversampling) => {
    let count = 0;
    for (let batch = 0; batch < 1000; batch++) {
      const isChosen = foregroundChoice(generator, batchSize, oversampling);
      for (let index = 0; index < batchSize; index++) count += isChosen(index) ? 1 : 0;
    }
    return count / batchSize / 1000;
  };
  assert.equal(shareOf(2, {}), 0.5);
  assert.equal(shareOf(9, { share: 1 }), 1);
  // Without a share, the probability is that of choosing by position: one of two, three of nine.
  assert.ok(Math.abs(shareOf(2, { atRandom: true }) - 0.5) < 0.05);
  assert.ok(Math.abs(shareOf(9, { atRandom: true }) - 1 / 3) < 0.03);
  assert.ok(Math.abs(shareOf(2, { atRandom: true, share: 0.1 }) - 0.1) < 0.03);
  const choices = Array.from(
    { length: 100 },
    () => foregroundChoice(generator, 2, { atRandom: true }),
  );
  assert.ok(choices.some((isChosen) => isChosen(0)), "the first sample is chosen, too");
});

import assert from "node:assert/strict";
import type { TransformFunction } from "../../../lib/augmentation/custom_transform.ts";
import { writeLabelMap } from "../../../lib/preprocessing/label_map_storage.ts";
import { writeCase } from "../../../lib/preprocessing/storage.ts";
import type { Batch } from "../../../lib/training/batches/batch.ts";
import {
  BatchLoader,
  type BatchLoaderOptions,
} from "../../../lib/training/batches/batch_loader.ts";
import { numberedPreprocessedCase } from "../cases.ts";

/** Runs a test on a folder of three small cases. */
async function withCases(run: (options: BatchLoaderOptions) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const caseNames = ["a", "b", "c"];
    for (const name of caseNames) {
      await writeCase(folder, numberedPreprocessedCase(name, [6, 7, 8], { 1: [[3, 3, 3]] }, 2));
    }
    await run({
      folder,
      caseNames,
      patchSize: [4, 4, 4],
      batchSize: 2,
      seed: 5,
      pipeline: { purpose: "training" },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns copies of a loader's first batches, which it recycles. */
async function take(options: BatchLoaderOptions, count: number): Promise<Batch[]> {
  const loader = await BatchLoader.open(options);
  try {
    const batches: Batch[] = [];
    for (let i = 0; i < count; i++) {
      const batch = await loader.next();
      batches.push(structuredClone(batch));
      loader.recycle(batch);
    }
    return batches;
  } finally {
    loader.close();
  }
}

Deno.test("BatchLoader makes the same batches with any number of workers", async () => {
  await withCases(async (options) => {
    const alone = await take(options, 5);
    assert.deepEqual(await take({ ...options, workers: 2, prefetch: 5 }, 5), alone);
    assert.deepEqual(await take({ ...options, prefetch: 1, cacheBytes: 0 }, 5), alone);
    assert.deepEqual(alone[0].shape, { batchSize: 2, channels: 2, patchSize: [4, 4, 4] });
    assert.equal(new Set(alone.map(({ data }) => data.join())).size, 5);
  });
});

Deno.test("BatchLoader varies augmentation and oversampling in its workers", async () => {
  await withCases(async (options) => {
    const [standard] = await take(options, 1);
    const varied = {
      ...options,
      pipeline: { purpose: "training", scheme: "DA5", nearest: "all" },
      oversampling: { atRandom: true, share: 0.1 },
    } as const;
    const batches = await take(varied, 4);
    assert.deepEqual(await take({ ...varied, workers: 2 }, 4), batches);
    assert.deepEqual(batches[0].shape, standard.shape);
    assert.notDeepEqual(batches[0].data, standard.data);
  });
});

Deno.test("BatchLoader appends the previous stage's labels as channels", async () => {
  await withCases(async (options) => {
    const previousStage = { folder: `${options.folder}/next`, labels: [1, 2] };
    for (const name of options.caseNames) {
      // The ground truth plus one voxel.
      const data = new Uint8Array(6 * 7 * 8);
      data[(3 * 7 + 3) * 8 + 3] = 1;
      data[(3 * 7 + 3) * 8 + 4] = 2;
      await writeLabelMap(previousStage.folder, name, { shape: [6, 7, 8], data });
    }
    const pipeline = { purpose: "validation" } as const;
    for (const cacheBytes of [0, 2 ** 20]) {
      const [batch] = await take({ ...options, pipeline, previousStage, cacheBytes }, 1);
      assert.equal(batch.shape.channels, 4);
      const voxels = 64;
      const second = batch.data.subarray(4 * voxels); // The example with foreground.
      const labels = [...second.subarray(2 * voxels, 3 * voxels)];
      assert.deepEqual(labels, [...batch.target.subarray(voxels)]);
      assert.equal(second.indexOf(1, 3 * voxels), 3 * voxels + labels.indexOf(1) + 1);
    }
    const training = await take({ ...options, previousStage }, 2);
    assert.deepEqual(training.map(({ shape }) => shape.channels), [4, 4]);

    await writeLabelMap(previousStage.folder, "b", { shape: [1, 1, 1], data: Uint8Array.of(1) });
    await assert.rejects(take({ ...options, caseNames: ["b"], previousStage }, 1), {
      message: 'Cannot make batch 0 of b, b: Cannot use the previous stage\'s "b" in ' +
        `${previousStage.folder}: its shape is [1,1,1], expected [6,7,8]`,
    });
  });
});

Deno.test("BatchLoader applies a user's transforms in its workers", async () => {
  await withCases(async (options) => {
    const constant: TransformFunction = ({ image: { shape, data }, ...rest }) => ({
      ...rest,
      image: { shape, data: new Float32Array(data.length).fill(3) },
    });
    const [batch] = await take({ ...options, transforms: [{ transform: constant }] }, 1);
    assert.ok(batch.data.every((value) => value === 3));
    const outside = 3;
    const lacking: TransformFunction = (sample) => outside ? sample : sample;
    await assert.rejects(take({ ...options, transforms: [{ transform: lacking }] }, 1), {
      message: /^Cannot use transform "lacking": outside is not defined/,
    });
  });
});

Deno.test("BatchLoader resumes a run at any batch", async () => {
  await withCases(async (options) => {
    const whole = await take(options, 4);
    assert.deepEqual(await take({ ...options, startAt: 2 }, 2), whole.slice(2));
  });
});

Deno.test("BatchLoader returns batches in order, even if many are requested at once", async () => {
  await withCases(async (options) => {
    const expected = await take(options, 4);
    const loader = await BatchLoader.open({ ...options, workers: 2, prefetch: 1 });
    const batches = await Promise.all(expected.map(() => loader.next()));
    loader.close();
    assert.deepEqual(batches, expected);
  });
});

Deno.test("BatchLoader transfers recycled buffers instead of copying them", async () => {
  await withCases(async (options) => {
    const loader = await BatchLoader.open({ ...options, prefetch: 1 });
    const first = await loader.next();
    loader.recycle(first);
    await loader.next();
    assert.equal(first.data.length, 0);
    assert.equal(first.target.length, 0);
    loader.close();
  });
});

Deno.test("BatchLoader names the case it cannot read, and continues", async () => {
  await withCases(async (options) => {
    await Deno.remove(`${options.folder}/b.image.zarr`, { recursive: true });
    const loader = await BatchLoader.open({ ...options, batchSize: 1 });
    const outcomes: string[] = [];
    for (let i = 0; i < 12; i++) {
      outcomes.push(
        await loader.next().then(({ caseNames }) => caseNames[0], (error) => error.message),
      );
    }
    loader.close();
    assert.ok(outcomes.includes("a") && outcomes.includes("c"));
    const failures = outcomes.filter((outcome) => outcome.length > 1);
    assert.ok(failures.length > 0);
    for (const failure of failures) assert.match(failure, /^Cannot make batch \d+ of b: .*b/);
  });
});

Deno.test("BatchLoader.close() rejects pending batches", async () => {
  await withCases(async (options) => {
    const loader = await BatchLoader.open(options);
    const waiting = loader.next();
    loader.close();
    await assert.rejects(waiting, { message: "The batch loader was closed" });
    await assert.rejects(loader.next(), { message: "The batch loader was closed" });
    loader.close();
  });
});

Deno.test("BatchLoader.open() rejects invalid options", async () => {
  const options: BatchLoaderOptions = {
    folder: "cases",
    caseNames: ["a"],
    patchSize: [2, 2],
    batchSize: 2,
    seed: 1,
    pipeline: { purpose: "validation" },
  };
  await assert.rejects(BatchLoader.open({ ...options, caseNames: [] }), {
    name: "RangeError",
    message: "Cannot load batches from cases: the list of cases is empty",
  });
  await assert.rejects(BatchLoader.open({ ...options, workers: 0 }), {
    name: "RangeError",
    message: "Cannot load batches: workers is 0, expected an integer of at least 1",
  });
  await assert.rejects(BatchLoader.open({ ...options, batchSize: 1.5 }), RangeError);
  // The worker detects this.
  const pipeline = { purpose: "training" } as const;
  await assert.rejects(BatchLoader.open({ ...options, pipeline, patchSize: [2] }), {
    name: "RangeError",
    message: "Cannot use shape [2]: expected 2 or 3 spatial axes",
  });
});

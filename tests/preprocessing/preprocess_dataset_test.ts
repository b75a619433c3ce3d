import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import type { Configuration, PlansData } from "../../lib/files/plans.ts";
import { LockedError } from "../../lib/platform/file_lock.ts";
import { exists } from "../../lib/platform/files.ts";
import { hostName, ownerToken, thisProcess } from "../../lib/platform/process_owner.ts";
import { preprocessDataset } from "../../lib/preprocessing/preprocess_dataset.ts";
import { listCases, readCase } from "../../lib/preprocessing/storage.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import golden from "../golden/images.json" with { type: "json" };

const configuration: Configuration = {
  name: "3d_fullres",
  dataIdentifier: "nnUNetPlans_3d_fullres",
  batchSize: 2,
  patchSize: [4, 4, 4],
  medianImageSize: [4, 4, 4],
  spacing: [1, 1, 1],
  normalizationSchemes: ["NoNormalization"],
  useMaskForNorm: [false],
  architecture: {
    networkClassName: "PlainConvUNet",
    dimensions: 3,
    featuresPerStage: [32],
    kernelSizes: [[3, 3, 3]],
    strides: [[1, 1, 1]],
    convsPerStage: [2],
    convsPerStageDecoder: [],
  },
  batchDice: false,
};
const plansData: PlansData = {
  datasetName: "Dataset001_Tiny",
  plansName: "nnUNetPlans",
  originalMedianSpacing: [1, 1, 1],
  originalMedianShape: [4, 4, 4],
  imageReaderWriter: "SimpleITKIO",
  transposeForward: [0, 1, 2],
  transposeBackward: [0, 1, 2],
  configurations: { "3d_fullres": configuration },
  experimentPlannerUsed: "ExperimentPlanner",
  intensityProperties: [],
};
const geometry = {
  shape: [4, 4, 4] as const,
  spacing: [1, 1, 1] as const,
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
};

/** The files of one DICOM series. */
const slices = golden.cases.find(({ name }) => name === "DICOM upright")!.files
  .map(({ file }) => Uint8Array.fromBase64(file));

/** Runs a test with three tiny cases; all voxels of a case have its number as value. */
async function withCases(
  run: (options: Parameters<typeof preprocessDataset>[0]) => Promise<void>,
) {
  const root = await Deno.makeTempDir();
  try {
    const cases = ["a", "b", "c"].map((name) => ({
      name,
      images: [join(root, `${name}_0000.nii.gz`)],
      label: join(root, `${name}.nii.gz`),
    }));
    for (const [i, { images, label }] of cases.entries()) {
      const data = new Float32Array(64).fill(i + 1);
      await writeImage(images[0], { geometry, channels: 1, data });
      await writeSegmentation(label, { geometry, data: new Uint8Array(64).fill(i) });
    }
    const folder = join(root, "preprocessed");
    await run({ cases, plansData, configuration, labels: [1, 2], folder, workers: 2 });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Modification time of each case's JSON file. */
async function timesOf(folder: string) {
  const names = await listCases(folder);
  const times = names.map(async (name) =>
    (await Deno.stat(join(folder, `${name}.json`))).mtime!.getTime()
  );
  return Promise.all(times);
}

Deno.test("preprocessDataset() writes every case and reports progress", () =>
  withCases(async (options) => {
    const progress: string[] = [];
    await preprocessDataset({
      ...options,
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    assert.deepEqual(progress, ["0/3", "1/3", "2/3", "3/3"]);
    assert.deepEqual(await listCases(options.folder), ["a", "b", "c"]);
    const { data, segmentation, classLocations } = await readCase(options.folder, "c");
    assert.deepEqual(data, { shape: [1, 4, 4, 4], data: new Float32Array(64).fill(3) });
    assert.deepEqual(segmentation!.data, new Int8Array(64).fill(2));
    assert.deepEqual([...classLocations.keys()], [2]);
  }));

Deno.test("preprocessDataset() lets one run at a time write to a folder, and ends a killed one's lock", () =>
  withCases(async (options) => {
    const lock = join(options.folder, "..", ".preprocessed.lock");
    const twice = await Promise.allSettled([
      preprocessDataset(options),
      preprocessDataset(options),
    ]);
    const failures = twice.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.equal(failures.length, 1);
    assert.ok(failures[0] instanceof LockedError);
    assert.match(failures[0].message, /^Cannot preprocess .*preprocessed: this process has been/);
    assert.deepEqual(await listCases(options.folder), ["a", "b", "c"]);
    assert.equal(await exists(lock), false);

    const killed = new Deno.Command(Deno.execPath(), { args: ["eval", ""] }).spawn();
    await killed.status;
    const holder = { host: hostName(), pid: killed.pid, since: new Date().toISOString() };
    const process = ownerToken({ ...thisProcess(), pid: killed.pid, start: 1 });
    await Deno.writeTextFile(lock, JSON.stringify({ ...holder, process, token: "abc" }));
    await preprocessDataset(options);
    assert.equal(await exists(lock), false);
  }));

Deno.test("preprocessDataset() needs no lock where nothing is to be done", () =>
  withCases(async (options) => {
    await preprocessDataset(options);
    // It may be read-only, which root's tests cannot tell.
    const changed = async () => (await Deno.stat(join(options.folder, ".."))).mtime!.getTime();
    const before = await changed();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await preprocessDataset(options);
    assert.equal(await changed(), before);
  }));

Deno.test("preprocessDataset() preprocesses only changed cases again", () =>
  withCases(async (options) => {
    await preprocessDataset(options);
    const first = await timesOf(options.folder);

    await preprocessDataset({ ...options, configuration: { ...configuration, batchSize: 9 } });
    assert.deepEqual(await timesOf(options.folder), first);

    const data = new Float32Array(64).fill(7);
    await writeImage(options.cases[1].images[0], { geometry, channels: 1, data });
    await preprocessDataset(options);
    const second = await timesOf(options.folder);
    assert.deepEqual([second[0], second[2]], [first[0], first[2]]);
    assert.equal((await readCase(options.folder, "b")).data.data[0], 7);

    await preprocessDataset({
      ...options,
      configuration: { ...configuration, spacing: [2, 2, 2] },
    });
    assert.deepEqual((await readCase(options.folder, "a")).data.shape, [1, 2, 2, 2]);
  }));

Deno.test("preprocessDataset() preprocesses a case again when its spacing or a slice changes", () =>
  withCases(async (options) => {
    const { folder } = options;
    const inputs = join(folder, "..", "inputs");
    const stack = join(inputs, "stack_0000.tif");
    await writeImage(stack, { geometry, channels: 1, data: new Float32Array(64).fill(1) });
    const series = join(inputs, "series");
    await Deno.mkdir(series);
    for (const [i, slice] of slices.entries()) {
      await Deno.writeFile(join(series, `${i}.dcm`), slice);
    }
    const cases = [{ name: "series", images: [series] }, { name: "stack", images: [stack] }];
    await preprocessDataset({ ...options, cases });
    const first = await timesOf(folder);
    await preprocessDataset({ ...options, cases });
    assert.deepEqual(await timesOf(folder), first);
    const before = await readCase(folder, "series");

    await Deno.writeTextFile(join(inputs, "stack.json"), '{ "spacing": [2, 1, 1] }');
    await Deno.writeFile(
      join(series, "1.dcm"),
      slices[1].map((byte, i, { length }) => i < length - 2 ? byte : 9),
    ); // The last voxel.
    await preprocessDataset({ ...options, cases });
    assert.deepEqual((await readCase(folder, "stack")).data.shape, [1, 8, 4, 4]);
    assert.notDeepEqual((await readCase(folder, "series")).data, before.data);
  }));

Deno.test("preprocessDataset() removes cases that are no longer listed, and no other files", () =>
  withCases(async ({ cases, ...options }) => {
    const { folder } = options;
    await preprocessDataset({ ...options, cases });
    const first = await timesOf(folder);
    const complete = namesIn(folder);
    for (const file of ["notes.json", "c.pkl", "a.json.bak"]) {
      await Deno.writeTextFile(join(folder, file), "{}");
    }
    await Deno.mkdir(join(folder, "lost.image.zarr")); // Left over from an interrupted case.

    await preprocessDataset({ ...options, cases: [] });
    assert.deepEqual((await timesOf(folder)).slice(0, 3), first);

    await preprocessDataset({ ...options, cases: cases.slice(0, 2) });
    assert.deepEqual((await timesOf(folder)).slice(0, 2), first.slice(0, 2));
    assert.deepEqual(
      namesIn(folder),
      [...complete.filter((name) => !name.startsWith("c.")), "notes.json", "c.pkl", "a.json.bak"]
        .sort(),
    );
  }));

Deno.test("preprocessDataset() names the failing case and keeps the others", () =>
  withCases(async (options) => {
    await Deno.writeTextFile(options.cases[2].images[0], "not an image");
    await assert.rejects(preprocessDataset({ ...options, workers: 1 }), (error: Error) => {
      assert.match(error.message, /^Cannot preprocess case "c": .*c_0000\.nii\.gz/);
      assert.ok(error.cause instanceof Error);
      return true;
    });
    assert.deepEqual(await listCases(options.folder), ["a", "b"]);
  }));

Deno.test("preprocessDataset() names the case whose file is missing", () =>
  withCases(async (options) => {
    await Deno.remove(options.cases[0].label!);
    await assert.rejects(
      preprocessDataset(options),
      /^FailedCasesError: Cannot preprocess case "a": .*a\.nii\.gz/,
    );
  }));

Deno.test("preprocessDataset() stops when aborted and resumes later", () =>
  withCases(async (options) => {
    const controller = new AbortController();
    const aborted = preprocessDataset({
      ...options,
      workers: 1,
      signal: controller.signal,
      onProgress: (done) => done === 1 && controller.abort(new Error("enough")),
    });
    await assert.rejects(aborted, /enough/);
    assert.deepEqual(await listCases(options.folder), ["a"]);

    const progress: number[] = [];
    await preprocessDataset({ ...options, onProgress: (done) => progress.push(done) });
    assert.deepEqual(progress, [1, 2, 3]);
    assert.deepEqual(await listCases(options.folder), ["a", "b", "c"]);
  }));

Deno.test("preprocessDataset() rejects cases above the memory limit before any work", () =>
  withCases(async (options) => {
    await assert.rejects(preprocessDataset({ ...options, memoryLimitBytes: 1e6 }), {
      name: "MemoryError",
      message: /Cannot preprocess "a": the case needs about .* MB of memory, .* at most 1\.00 MB/,
    });
    assert.deepEqual(await listCases(options.folder), []);
    await preprocessDataset({ ...options, memoryLimitBytes: 100e6 });
    assert.deepEqual(await listCases(options.folder), ["a", "b", "c"]);
  }));

Deno.test("preprocessDataset() makes a case again if any of its parts is damaged", async () => {
  await withCases(async (options) => {
    const { folder } = options;
    const damages = [
      () => Deno.truncate(join(folder, "b.image.zarr/c/0/0/0/0")),
      () => Deno.remove(join(folder, "b.labels.zarr"), { recursive: true }),
      () => Deno.remove(join(folder, "b.image.zarr/zarr.json")),
      () => Deno.truncate(join(folder, "b.locations.i32"), 1),
    ];
    await preprocessDataset(options);
    const whole = await readCase(folder, "b");
    const other = Deno.statSync(join(folder, "a.json")).mtime;
    for (const damage of damages) {
      await damage();
      await assert.rejects(readCase(folder, "b"));
      await preprocessDataset(options);
      assert.deepEqual(await readCase(folder, "b"), whole);
    }
    assert.deepEqual(Deno.statSync(join(folder, "a.json")).mtime, other, "the others stay");
  });
});

Deno.test("preprocessDataset() names a label map with a label that is not allowed", () =>
  withCases(async (options) => {
    await assert.rejects(preprocessDataset({ ...options, allowedLabels: [0, 1] }), {
      name: "FailedCasesError",
      message: /case "c": .*c\.nii\.gz: it has the label 2, expected only 0, 1, the labels in/,
    });
    assert.deepEqual(await listCases(options.folder), ["a", "b"]);
    await preprocessDataset({ ...options, allowedLabels: [0, 1, 2] });
  }));

Deno.test("preprocessDataset() ends with what onCase throws", () =>
  withCases((options) =>
    assert.rejects(
      preprocessDataset({
        ...options,
        onCase() {
          throw new Error("mine");
        },
      }),
      { name: "Error", message: "mine" },
    )
  ));

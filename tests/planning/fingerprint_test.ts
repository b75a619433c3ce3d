import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Zyx } from "../../lib/array/nd_array.ts";
import type { TrainingCase } from "../../lib/dataset/case.ts";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import { extractFingerprint } from "../../lib/planning/fingerprint.ts";
import { extractFingerprintInWorkers } from "../../lib/planning/fingerprint_in_workers.ts";
import { writeTinyScans } from "../tiny_scans.ts";

interface Scan {
  readonly shape: Zyx;
  readonly spacing: Zyx;
  /** Intensities, one list per channel. */
  readonly channels: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** Makes cases that are read from memory. */
function inMemory(scans: readonly Scan[]) {
  const cases: TrainingCase[] = scans.map((_, i) => ({
    name: `c${i}`,
    images: [`${i}`],
    label: `${i}`,
  }));
  const geometryOf = ({ shape, spacing }: Scan) => ({ shape, spacing, affine: [] });
  const readImage = ([index]: readonly string[]): Promise<Image> => {
    const scan = scans[Number(index)];
    const data = new Float32Array(scan.channels.flat());
    return Promise.resolve({ geometry: geometryOf(scan), channels: scan.channels.length, data });
  };
  const readSegmentation = (index: string): Promise<Segmentation> => {
    const scan = scans[Number(index)];
    return Promise.resolve({ geometry: geometryOf(scan), data: new Uint8Array(scan.labels) });
  };
  return { cases, readers: { readImage, readSegmentation } };
}

const first: Scan = {
  shape: [1, 2, 4],
  spacing: [5, 1, 0.5],
  channels: [[0, 2, 4, 6, 0, 1, 1, 1], [0, 9, 9, 7, 0, 0, 0, 0]],
  labels: [0, 1, 2, 0, 0, 0, 0, 1],
};
const second: Scan = {
  shape: [1, 2, 2],
  spacing: [4, 1, 1],
  channels: [[10, 10, 10, 10], [1, 1, 1, 1]],
  labels: [3, 0, 0, 0],
};

Deno.test("extractFingerprint() measures images after cropping to nonzero", async () => {
  const { cases, readers } = inMemory([first, second]);
  const fingerprint = await extractFingerprint(cases, readers);
  assert.deepEqual(fingerprint.spacings, [[5, 1, 0.5], [4, 1, 1]]);
  assert.deepEqual(fingerprint.shapesAfterCrop, [[1, 2, 3], [1, 2, 2]]);
  assert.equal(fingerprint.medianRelativeSizeAfterCropping, (6 / 8 + 1) / 2);
});

Deno.test("extractFingerprint() describes the labelled voxels of each channel", async () => {
  const { cases, readers } = inMemory([first]);
  const { intensityProperties } = await extractFingerprint(cases, readers);
  assert.equal(intensityProperties.length, 2);
  const { mean, std, median, min, max } = intensityProperties[0]; // Intensities are 2, 4 and 1.
  assert.deepEqual([mean, median, min, max], [7 / 3, 2, 1, 4]);
  assert.ok(Math.abs(std - Math.sqrt(14 / 9)) < 1e-12);
  assert.deepEqual(intensityProperties[1].mean, 6); // Intensities are 9, 9 and 0.
});

Deno.test("extractFingerprint() ignores intensities of cases without labels", async () => {
  const { cases, readers } = inMemory([first, { ...second, labels: [0, 0, 0, 0] }]);
  const alone = inMemory([first]);
  const both = await extractFingerprint(cases, readers);
  const one = await extractFingerprint(alone.cases, alone.readers);
  assert.deepEqual(both.intensityProperties, one.intensityProperties);
  assert.equal(both.spacings.length, 2);
});

Deno.test("extractFingerprint() reports progress and stops when aborted", async () => {
  const { cases, readers } = inMemory([first, second]);
  const controller = new AbortController();
  const steps: string[] = [];
  const onProgress = (done: number, total: number) => {
    steps.push(`${done}/${total}`);
    controller.abort(new Error("Enough"));
  };
  await assert.rejects(
    extractFingerprint(cases, { ...readers, onProgress, signal: controller.signal }),
    { message: "Enough" },
  );
  assert.deepEqual(steps, ["1/2"]);
});

Deno.test("extractFingerprint() rejects with what onCase throws, and blames no case", async () => {
  const mine = new Error("Mine");
  const onCase = () => {
    throw mine;
  };
  const { cases, readers } = inMemory([first, second]);
  await assert.rejects(extractFingerprint(cases, { ...readers, onCase }), mine);
  const folder = await Deno.makeTempDir();
  try {
    const { images, labels } = await writeTinyScans(folder, { cases: 2 });
    const files = ["c0", "c1"].map((name) => ({
      name,
      images: [join(images, `${name}.nii.gz`)],
      label: join(labels, `${name}.nii.gz`),
    }));
    await assert.rejects(extractFingerprintInWorkers(files, { onCase, workers: 1 }), mine);
    const names: string[] = [];
    await extractFingerprintInWorkers(files, { onCase: (name) => names.push(name) });
    assert.deepEqual(names.sort(), ["c0", "c1"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("extractFingerprint() names the case that it cannot use", async () => {
  const wrongShape = inMemory([first, { ...second, shape: [1, 4, 1] }]);
  const { readSegmentation } = inMemory([first, second]).readers;
  await assert.rejects(
    extractFingerprint(wrongShape.cases, { ...wrongShape.readers, readSegmentation }),
    /^FailedCasesError: Cannot extract a fingerprint of case "c1": .*shape/,
  );
  const { cases, readers } = inMemory([{ ...second, channels: [[NaN, 1, 1, 1]] }]);
  await assert.rejects(
    extractFingerprint(cases, readers),
    /case "c0": .* 1 of its 4 values are NaN/,
  );
});

Deno.test("extractFingerprint() requires cases, labels and the same number of channels in each", async () => {
  const run = (scans: readonly Scan[]) => {
    const { cases, readers } = inMemory(scans);
    return extractFingerprint(cases, readers);
  };
  await assert.rejects(run([]), { name: "RangeError", message: /no training cases/ });
  await assert.rejects(
    run([{ ...second, labels: [0, 0, 0, 0] }]),
    /found no foreground label in any case/,
  );
  await assert.rejects(run([first, { ...second, channels: [[1, 1, 1, 1]] }]), /2 and 1 channels/);
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { generatePhantom, phantomLabels } from "../../data/phantom.ts";

/** Coarse voxels, which take an eighth of the time. */
const coarse: Zyx = [4, 4, 4];

function volumes({ labels }: ReturnType<typeof generatePhantom>): number[] {
  const [dz, dy, dx] = labels.geometry.spacing;
  const volumes = new Array(5).fill(0);
  for (const label of labels.data) volumes[label] += dz * dy * dx;
  return volumes;
}

function hash(data: Float32Array<ArrayBuffer> | Uint8Array | Uint16Array): string {
  return createHash("sha256").update(new Uint8Array(data.buffer)).digest("hex").slice(0, 16);
}

Deno.test("generatePhantom() reproduces the recorded voxels", () => {
  // If these change, increment `version` in data/phantom_dataset.ts so that old files are not kept.
  const { image, labels } = generatePhantom({ seed: 7, spacing: [3, 3, 3], shape: [12, 14, 10] });
  assert.equal(hash(image.data), "18af65e97352018c");
  assert.equal(hash(labels.data), "0d6d413f542efcd9");
});

Deno.test("generatePhantom() makes labels of plausible volume", () => {
  for (const seed of [1, 2, 3]) {
    const found = volumes(generatePhantom({ seed, spacing: coarse }));
    const head = found.reduce((a, b) => a + b);
    const shares = found.map((volume) => volume / head);
    const between = (label: keyof typeof phantomLabels, low: number, high: number) => {
      const share = shares[phantomLabels[label]];
      assert.ok(share > low && share < high, `seed ${seed}: ${label} fills ${share}`);
    };
    between("non brain", 0.7, 0.9);
    between("cortical gray", 0.07, 0.16);
    between("cortical white", 0.01, 0.06);
    between("cerebellum gray", 0.007, 0.03);
    between("cerebellum white", 0.003, 0.02);
  }
});

Deno.test("generatePhantom() makes white matter brighter than gray, and both brighter than air", () => {
  const { image, labels } = generatePhantom({ seed: 4, spacing: [3, 3, 3] });
  const mean = (label: number) => {
    const values = image.data.filter((_, voxel) => labels.data[voxel] === label);
    return values.reduce((a, b) => a + b) / values.length;
  };
  const corner = image.data[image.data.length - 1];
  assert.ok(mean(phantomLabels["cortical white"]) > 1.15 * mean(phantomLabels["cortical gray"]));
  assert.ok(
    mean(phantomLabels["cerebellum white"]) > 1.1 * mean(phantomLabels["cerebellum gray"]),
  );
  assert.ok(mean(phantomLabels["cerebellum gray"]) > 3 * corner);
});

Deno.test("generatePhantom() places scan and labels on the same RAS grid around the origin", () => {
  const { image, labels } = generatePhantom({ seed: 5, spacing: [6, 4, 5] });
  assert.deepEqual(image.geometry, labels.geometry);
  const { shape: [z, y, x], spacing, affine } = image.geometry;
  assert.deepEqual(spacing, [6, 4, 5]);
  assert.equal(image.channels, 1);
  assert.equal(image.data.length, z * y * x);
  assert.equal(labels.data.length, z * y * x);
  assert.deepEqual([affine[0], affine[5], affine[10]], [5, 4, 6]);
  const middle = [
    affine[3] + 5 * (x - 1) / 2,
    affine[7] + 4 * (y - 1) / 2,
    affine[11] + 6 * (z - 1) / 2,
  ];
  assert.ok(middle.every((millimetres) => Math.abs(millimetres) < 4.01), `middle at ${middle}`);
});

Deno.test("generatePhantom() makes different subjects for different seeds", () => {
  const subjects = [1, 2, 3, 4].map((seed) => generatePhantom({ seed, spacing: coarse }));
  assert.equal(new Set(subjects.map(({ image }) => hash(image.data))).size, 4);
  assert.equal(new Set(subjects.map(({ labels }) => hash(labels.data))).size, 4);
  assert.equal(new Set(subjects.map(({ image }) => image.geometry.affine.join())).size, 4);
});

Deno.test("generatePhantom() keeps the anatomy when the spacing changes", () => {
  const fine = generatePhantom({ seed: 6, spacing: [3, 3, 3] });
  const thick = generatePhantom({ seed: 6, spacing: [5, 3, 3] });
  for (const axis of [0, 1, 2]) {
    const extent = ({ image: { geometry } }: typeof fine) =>
      geometry.shape[axis] * geometry.spacing[axis];
    assert.ok(Math.abs(extent(fine) - extent(thick)) <= 4, `axis ${axis}`);
  }
  const [a, b] = [volumes(fine), volumes(thick)];
  for (const label of [1, 3]) {
    assert.ok(Math.abs(a[label] / b[label] - 1) < 0.2, `label ${label}: ${a[label]}, ${b[label]}`);
  }
});

Deno.test("generatePhantom() crops to the given shape", () => {
  const { image } = generatePhantom({ seed: 8, spacing: coarse, shape: [3, 5, 4] });
  assert.deepEqual(image.geometry.shape, [3, 5, 4]);
  assert.equal(image.data.length, 60);
});

Deno.test("generatePhantom() makes harder scans noisier", () => {
  // The corner is air and contains only noise.
  const corner = (difficulty: number) => {
    const { image } = generatePhantom({ seed: 9, spacing: coarse, difficulty });
    return image.data.subarray(-4).reduce((a, b) => a + b);
  };
  assert.ok(corner(3) > 1.5 * corner(1));
  assert.ok(corner(1) > corner(0));
});

Deno.test("generatePhantom() rejects options out of range", () => {
  assert.throws(() => generatePhantom({ seed: 0.5 }), RangeError);
  assert.throws(() => generatePhantom({ seed: 1, spacing: [1, 0, 1] }), {
    name: "RangeError",
    message: "Cannot generate a phantom: spacing is [1,0,1], expected 3 values above 0",
  });
  assert.throws(() => generatePhantom({ seed: 1, shape: [4, 4, 0] }), RangeError);
  assert.throws(() => generatePhantom({ seed: 1, difficulty: -1 }), RangeError);
});

import assert from "node:assert/strict";
import type { Image } from "../../lib/image/image.ts";
import { zyx } from "../../lib/array/nd_array.ts";
import { preprocessCase } from "../../lib/preprocessing/preprocess_case.ts";
import { assertClose, golden } from "./golden.ts";

const { image: written, labels, spacing, intensity, transposeForward } = golden.case;
const image: Image = {
  geometry: {
    shape: zyx(written.shape.slice(1)),
    spacing: zyx(spacing),
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  },
  channels: 2,
  data: Float32Array.from(written.data),
};
const properties = {
  ...intensity,
  percentile005: intensity.percentile_00_5,
  percentile995: intensity.percentile_99_5,
};
const options = {
  name: "golden",
  image,
  plansData: {
    transposeForward: transposeForward as [number, number, number],
    intensityProperties: [properties, properties],
  },
  labels: [1, 2],
};

function configurationOf(spacing: number[]) {
  return {
    spacing,
    normalizationSchemes: ["ZScoreNormalization", "CTNormalization"] as const,
    useMaskForNorm: [true, false],
  };
}

for (const expected of golden.case.results) {
  Deno.test(`preprocessCase() agrees with nnU-Net: ${expected.configuration}`, async () => {
    const actual = await preprocessCase({
      ...options,
      image: { ...image, data: image.data.slice() },
      segmentation: { geometry: image.geometry, data: Uint8Array.from(labels.data) },
      configuration: configurationOf(expected.spacing),
    });
    assertClose(actual.data, expected.data, "data");
    assert.deepEqual(actual.segmentation!.shape, expected.segmentation.shape);
    assert.deepEqual([...actual.segmentation!.data], expected.segmentation.data);
    assert.deepEqual(actual.properties.cropBox, expected.box);
    assert.deepEqual(actual.properties.shapeBeforeCropping, expected.shapeBeforeCropping);
    assert.deepEqual(actual.properties.shapeAfterCropping, expected.shapeAfterCropping);
    assert.deepEqual(actual.properties.spacingAfterTransposing, [0.9, 1.5, 0.8]);
    const locations = [...actual.classLocations].map(([label, flat]) => [String(label), [...flat]]);
    assert.deepEqual(Object.fromEntries(locations), expected.locations);
  });
}

Deno.test("preprocessCase() returns the same image shape without ground truth", async () => {
  const [expected] = golden.case.results;
  const configuration = configurationOf(expected.spacing);
  const actual = await preprocessCase({
    ...options,
    image: { ...image, data: image.data.slice() },
    configuration,
  });
  // Without labels, the mask alone determines where z-scores are computed: one voxel differs here.
  assert.deepEqual(actual.data.shape, expected.data.shape);
  assert.equal(actual.segmentation, undefined);
  assert.equal(actual.classLocations.size, 0);
});

Deno.test("preprocessCase() rejects a spacing that leaves no voxels", async () => {
  const configuration = configurationOf([100, 1, 1]);
  await assert.rejects(
    preprocessCase({
      ...options,
      image: { ...image, data: image.data.slice() },
      configuration,
    }),
    {
      name: "RangeError",
      message: /Cannot preprocess "golden": .* become empty when resampled to/,
    },
  );
});

/** What nnU-Net's trainers vary, against batchgeneratorsv2 (golden/augmentation_variants.py). */

import assert from "node:assert/strict";
import { type Nearest, spatial } from "../../lib/augmentation/spatial.ts";
import golden from "../golden/augmentation_variants.json" with { type: "json" };

for (const example of golden.nearest) {
  const { shape, patchSize, angles, scaling } = example;
  Deno.test(`spatial() turns ${example.nearest} of [${shape}] by the nearest voxel`, () => {
    const transform = spatial({
      patchSize,
      slicewise: false,
      rotationProbability: 1,
      maxRotation: 1,
      scalingProbability: 1,
      scaling: [0.7, 1.4],
      nearest: example.nearest as Nearest,
    });
    const sample = {
      image: { shape: [1, ...shape], data: Float32Array.from(example.image) },
      segmentation: { shape, data: Int16Array.from(example.labels) },
    };
    const { image, segmentation } = transform.apply(sample, { angles, scaling });
    assert.deepEqual(Array.from(segmentation.data), example.turnedLabels);
    // torch computes positions in float32; neighbouring voxels differ by up to 100.
    image.data.forEach((value, i) => {
      assert.ok(Math.abs(value - example.turnedImage[i]) < 2e-3, `voxel ${i}: ${value}`);
    });
    // Displacements of nothing take the other way to the same.
    const still = new Float32Array(patchSize.length * segmentation.data.length);
    const deformed = transform.apply(sample, { angles, scaling, displacement: still });
    assert.deepEqual(deformed.segmentation, segmentation);
  });
}

import assert from "node:assert/strict";
import { featureMapElements } from "../../lib/planning/feature_map_elements.ts";
import { plainUnet } from "../../lib/planning/plain_unet.ts";
import { planTopology } from "../../lib/planning/topology.ts";

function estimate(spacing: number[], size: number[], labels: number): number {
  const topology = planTopology(spacing, size);
  return featureMapElements(plainUnet(topology, 32), topology.patchSize, labels);
}

Deno.test("featureMapElements() counts the outputs of two stages", () => {
  const topology = { strides: [[1, 1], [2, 2]], kernelSizes: [[3, 3], [3, 3]] };
  const network = plainUnet(topology, 10);
  // Full resolution, 64 voxels: encoder 2 × 10, decoder 10 upsampled and 2 × 10, head 3.
  // Bottleneck, 16 voxels: 2 × 20.
  assert.equal(featureMapElements(network, [8, 8], 3), 64 * (20 + 10 + 20 + 3) + 16 * 40);
});

Deno.test("featureMapElements() agrees with upstream for well-known patches", () => {
  assert.equal(estimate([1, 1, 1], [40, 56, 40], 3), 19_174_400);
  assert.equal(estimate([1, 1], [56, 40], 3), 651_840);
  assert.equal(estimate([1, 1, 1], [128, 128, 128], 4), 454_893_568);
  assert.equal(estimate([1, 1, 1], [128, 128, 128], 3), 452_796_416);
  assert.equal(estimate([3.6, 0.625, 0.625], [20, 320, 256], 3), 483_315_200);
  assert.equal(estimate([5, 1.5625, 1.5625], [20, 256, 224], 4), 310_481_920);
});

Deno.test("plainUnet() caps features at 320 in 3D and 512 in 2D", () => {
  const features = (dimensions: number) => {
    const stage = new Array<number>(dimensions).fill(1);
    const stages = new Array<number[]>(7).fill(stage);
    return plainUnet({ strides: stages, kernelSizes: stages }, 32).featuresPerStage;
  };
  assert.deepEqual(features(3), [32, 64, 128, 256, 320, 320, 320]);
  assert.deepEqual(features(2), [32, 64, 128, 256, 512, 512, 512]);
});

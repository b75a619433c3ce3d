/** Checks that a configuration can be built, before anything is allocated for it. */

import { sizeOf } from "../array/nd_array.ts";
import {
  MAX_CONVOLUTIONS,
  MAX_FEATURE_MAP,
  MAX_KERNEL,
  MAX_STAGES,
  MAX_WEIGHTS,
} from "../untrusted/limits.ts";
import type { Architecture, Configuration } from "./plans.ts";

/**
 * Checks a configuration's numbers of axes and its sizes.
 *
 * @throws {SyntaxError} If lists do not have one entry per axis, or a size is beyond the limits for
 * plans in `lib/untrusted/limits.ts`.
 */
export function requireBuildable(configuration: Configuration): void {
  const { architecture, patchSize } = configuration;
  const { dimensions, kernelSizes, strides } = architecture;
  if (strides.length === 0) throw new SyntaxError("n_stages is 0, expected at least 1");
  requireAtMost("n_stages", strides.length, MAX_STAGES);
  const perAxis = {
    patch_size: patchSize,
    spacing: configuration.spacing,
    ...configuration.medianImageSize.length > 0 &&
      { median_image_size_in_voxels: configuration.medianImageSize },
    ...Object.fromEntries(kernelSizes.map((sizes, i) => [`kernel_sizes[${i}]`, sizes])),
    ...Object.fromEntries(strides.map((sizes, i) => [`strides[${i}]`, sizes])),
  };
  for (const [name, values] of Object.entries(perAxis)) {
    if (values.length !== dimensions) {
      throw new SyntaxError(
        `${name} has ${values.length} values, expected ${dimensions}, one per axis`,
      );
    }
  }
  requireAtMost("kernel_sizes", Math.max(...kernelSizes.flat()), MAX_KERNEL);
  const convolutions = [...architecture.convsPerStage, ...architecture.convsPerStageDecoder];
  requireAtMost("convolutions per stage", Math.max(...convolutions), MAX_CONVOLUTIONS);
  requireAtMost("the number of weights", weightsOf(architecture), MAX_WEIGHTS);
  requireAtMost("features × batch × voxels", widestMap(configuration), MAX_FEATURE_MAP);
  for (const axis of patchSize.keys()) {
    const reduction = sizeOf(strides.map((sizes) => sizes[axis]));
    if (reduction > patchSize[axis]) {
      throw new SyntaxError(
        `patch_size is ${
          patchSize.join(" × ")
        }, expected at least ${reduction} along axis ${axis}, ` +
          `the product of its strides`,
      );
    }
  }
}

function requireAtMost(name: string, found: number, limit: number): void {
  if (found > limit) {
    throw new SyntaxError(`${name} is ${found}, expected at most ${limit}`);
  }
}

/** Estimates a network's weights from below: those of its convolutions. */
function weightsOf(architecture: Architecture): number {
  const { featuresPerStage, kernelSizes, convsPerStage, convsPerStageDecoder } = architecture;
  const { stemFeatures = 0, bottleneckFeatures = [] } = architecture;
  const inside = bottleneckFeatures.reduce(
    (sum, features, stage) => sum + sizeOf(kernelSizes[stage]) * features ** 2,
    0,
  );
  return inside + sizeOf(kernelSizes[0]) * stemFeatures +
    featuresPerStage.reduce((sum, features, stage) => {
      const kernel = sizeOf(kernelSizes[stage]);
      const before = featuresPerStage[stage - 1] ?? 1;
      const inStage = convsPerStage[stage] - 1 + (convsPerStageDecoder[stage] ?? 0);
      return sum + kernel * features * (before + inStage * features);
    }, 0);
}

/** Elements of the widest feature map of a training step. */
function widestMap({ architecture, batchSize, patchSize }: Configuration): number {
  const { featuresPerStage, strides, stemFeatures = 0, bottleneckFeatures } = architecture;
  let voxels = batchSize * sizeOf(patchSize);
  const stem = stemFeatures * voxels;
  return Math.max(
    stem,
    ...featuresPerStage.map((features, stage) => {
      voxels /= sizeOf(strides[stage]);
      return Math.max(features, bottleneckFeatures?.[stage] ?? 0) * voxels;
    }),
  );
}

/** Rotation and scaling in one resampling, from the enlarged patch to the final one. */

import type { Shape, Zyx } from "../array/nd_array.ts";
import { centredBox } from "./crop_or_pad.ts";
import { cropSample } from "./crop_sample.ts";
import { resampleImage, resampleLabels } from "./resample_patch.ts";
import { type Matrix3, samplingMatrix } from "./sampling_matrix.ts";
import type { Sample, Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** What one sample is turned and scaled by. */
export interface SpatialParameters {
  /** Radians about each spatial axis; one angle where only a plane is turned. */
  readonly angles: readonly number[];
  /** Factor on the sampling grid, the same for all axes: above 1 objects get smaller. */
  readonly scaling: number;
}

/** How often and how far samples are turned and scaled. */
export interface SpatialOptions {
  /** Spatial shape of the result, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
  readonly rotationProbability: number;
  /** Angles are drawn from ± this, in radians, one for each axis. */
  readonly maxRotation: number;
  readonly scalingProbability: number;
  readonly scaling: readonly [low: number, high: number];
  /** Turn and scale the slices of a 3D patch, all alike, as anisotropic data needs. */
  readonly slicewise: boolean;
}

/**
 * Rotation and scaling about the patch's centre.
 *
 * Images are interpolated linearly with zeros outside, labels by the most weight of the eight
 * voxels around with −1 outside. A sample neither turned nor scaled is cropped to its centre,
 * without interpolating.
 *
 * @throws {RangeError} From `apply`, if the sample and the patch differ in axes, or a slicewise one
 * in the number of slices.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py
 */
export function spatial(options: SpatialOptions): Transform<SpatialParameters | undefined> {
  const { patchSize, maxRotation, slicewise } = options;
  const size = asVolumeShape(patchSize);
  const planar = slicewise || patchSize.length === 2;
  return {
    name: "spatial",
    draw(generator) {
      const rotates = generator.uniform() < options.rotationProbability;
      const scales = generator.uniform() < options.scalingProbability;
      if (!rotates && !scales) return undefined;
      return {
        angles: Array.from(
          { length: planar ? 1 : 3 },
          () => rotates ? generator.uniform(-maxRotation, maxRotation) : 0,
        ),
        scaling: scales ? generator.uniform(...options.scaling) : 1,
      };
    },
    apply(sample, parameters, mayOverwrite) {
      const { shape } = sample.segmentation;
      if (shape.length !== patchSize.length || (slicewise && shape[0] !== patchSize[0])) {
        throw new RangeError(`Cannot take a patch of [${patchSize}] out of one of [${shape}]`);
      }
      return parameters === undefined
        ? cropCentre(sample, patchSize, size, mayOverwrite)
        : resample(sample, patchSize, size, matrixOf(parameters));
    },
  };
}

/** One angle turns the (y, x) plane and leaves z alone, three turn the volume. */
function matrixOf({ angles, scaling }: SpatialParameters): Matrix3 {
  return angles.length === 1
    ? samplingMatrix([angles[0], 0, 0], [1, scaling, scaling])
    : samplingMatrix([angles[0], angles[1], angles[2]], [scaling, scaling, scaling]);
}

function resample(sample: Sample, patchSize: Shape, size: Zyx, matrix: Matrix3): Sample {
  const { image, segmentation, previousStage } = sample;
  const shape = asVolumeShape(segmentation.shape);
  const turned = ({ data }: Sample["segmentation"]) => ({
    shape: patchSize,
    data: resampleLabels(data, shape, matrix, size),
  });
  return {
    image: {
      shape: [image.shape[0], ...patchSize],
      data: resampleImage(image.data, shape, matrix, size),
    },
    segmentation: turned(segmentation),
    ...previousStage && { previousStage: turned(previousStage) },
  };
}

/** The middle of a sample; where the patch is larger, zeros and labels of −1 around it. */
function cropCentre(sample: Sample, patchSize: Shape, size: Zyx, mayOverwrite?: boolean): Sample {
  const box = centredBox(asVolumeShape(sample.segmentation.shape), size);
  return cropSample(sample, box, patchSize, mayOverwrite);
}

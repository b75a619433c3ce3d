/** Rotation, scaling and elastic deformation in one resampling, from the enlarged patch to the final one. */

import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";
import { centredBox } from "../array/box.ts";
import { cropSample } from "./crop_sample.ts";
import { drawDisplacement, type ElasticOptions } from "./elastic_field.ts";
import { deformedPositions, resampleImageAt, resampleLabelsAt } from "./resample_deformed.ts";
import { resampleNearest, resampleNearestAt } from "./resample_nearest.ts";
import { resampleImage, resampleLabels } from "./resample_patch.ts";
import { type Matrix3, samplingMatrix } from "./sampling_matrix.ts";
import type { Sample, Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** What one sample is turned and scaled by. */
export interface SpatialParameters {
  /** Radians about each spatial axis; one angle where only a plane is turned. */
  readonly angles: readonly number[];
  /** Factor on the sampling grid, or one for each axis that is turned: above 1 objects get smaller. */
  readonly scaling: number | readonly number[];
  /**
   * By how many voxels each voxel is displaced before that: a field for each axis, one after the
   * other, of the patch's shape, or of a slice's where slices are turned.
   */
  readonly displacement?: Float32Array;
}

/** How often and how far samples are turned and scaled. */
export interface SpatialOptions {
  /** Spatial shape of the result, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
  readonly rotationProbability: number;
  /** Angles are drawn from ± this, in radians, one for each axis. */
  readonly maxRotation: number;
  /** Probability that a sample is turned about an axis, if it is turned; 1 by default. */
  readonly axisProbability?: number;
  readonly scalingProbability: number;
  readonly scaling: readonly [low: number, high: number];
  /** Whether all axes are scaled by one factor, true by default; otherwise each by its own. */
  readonly scalesAxesAlike?: boolean;
  /** Elastic deformation, none if left out. */
  readonly elastic?: ElasticOptions;
  /** Turn and scale the slices of a 3D patch, all alike, as anisotropic data needs. */
  readonly slicewise: boolean;
  /** What takes the nearest voxel's value instead of being interpolated; nothing by default. */
  readonly nearest?: Nearest;
}

/** What is resampled by the nearest voxel: labels, or images, too. */
export type Nearest = "labels" | "all";

/**
 * Rotation and scaling about the patch's centre, and elastic deformation where it is asked for.
 *
 * Images are interpolated linearly with zeros outside, labels by the most weight of the eight
 * voxels around with −1 outside. A sample neither turned nor scaled nor deformed is cropped to its centre,
 * without interpolating.
 *
 * @throws {RangeError} From `apply`, if the sample and the patch differ in axes, or a slicewise one
 * in the number of slices.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py
 */
export function spatial(options: SpatialOptions): Transform<SpatialParameters | undefined> {
  const { patchSize, maxRotation, slicewise, elastic } = options;
  const { axisProbability = 1, scalesAxesAlike = true } = options;
  const size = asVolumeShape(patchSize);
  const planar = slicewise || patchSize.length === 2;
  return {
    name: "spatial",
    draw(generator) {
      const rotates = generator.uniform() < options.rotationProbability;
      const scales = generator.uniform() < options.scalingProbability;
      const deforms = elastic !== undefined && generator.uniform() < elastic.probability;
      if (!rotates && !scales && !deforms) return undefined;
      const turns = () =>
        rotates && (axisProbability === 1 || generator.uniform() < axisProbability);
      const drawScaling = () => generator.uniform(...options.scaling);
      return {
        angles: Array.from(
          { length: planar ? 1 : 3 },
          () => turns() ? generator.uniform(-maxRotation, maxRotation) : 0,
        ),
        scaling: !scales
          ? 1
          : scalesAxesAlike
          ? drawScaling()
          : Array.from({ length: planar ? 2 : 3 }, drawScaling),
        ...deforms && {
          displacement: drawDisplacement(generator, patchSize.slice(planar ? -2 : -3), elastic),
        },
      };
    },
    apply(sample, parameters, mayOverwrite) {
      const { shape } = sample.segmentation;
      if (shape.length !== patchSize.length || (slicewise && shape[0] !== patchSize[0])) {
        throw new RangeError(`Cannot take a patch of [${patchSize}] out of one of [${shape}]`);
      }
      return parameters === undefined
        ? cropCentre(sample, patchSize, size, mayOverwrite)
        : resample(sample, patchSize, size, parameters, options.nearest);
    },
  };
}

/** One angle turns the (y, x) plane and leaves z alone, three turn the volume. */
function matrixOf({ angles, scaling }: SpatialParameters): Matrix3 {
  const factors = typeof scaling === "number" ? [scaling, scaling, scaling] : scaling;
  return angles.length === 1
    ? samplingMatrix([angles[0], 0, 0], [1, factors[0], factors[1]])
    : samplingMatrix(zyx(angles), zyx(factors));
}

function resample(
  sample: Sample,
  patchSize: Shape,
  size: Zyx,
  parameters: SpatialParameters,
  nearest: Nearest | undefined,
): Sample {
  const matrix = matrixOf(parameters);
  const { image, segmentation, previousStage } = sample;
  const shape = asVolumeShape(segmentation.shape);
  const { displacement } = parameters;
  const positions = displacement && deformedPositions(shape, matrix, size, displacement);
  const nearestOf = <T extends Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>>(
    data: T,
    outside: number,
  ) =>
    positions
      ? resampleNearestAt(data, shape, positions, outside)
      : resampleNearest(data, shape, matrix, size, outside);
  const votedOf = (labels: Int16Array) =>
    positions
      ? resampleLabelsAt(labels, shape, positions)
      : resampleLabels(labels, shape, matrix, size);
  const interpolatedOf = (values: Float32Array) =>
    positions
      ? resampleImageAt(values, shape, positions)
      : resampleImage(values, shape, matrix, size);
  const turned = ({ data }: Sample["segmentation"]) => ({
    shape: patchSize,
    data: nearest ? nearestOf(data, -1) : votedOf(data),
  });
  return {
    image: {
      shape: [image.shape[0], ...patchSize],
      data: nearest === "all" ? nearestOf(image.data, 0) : interpolatedOf(image.data),
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

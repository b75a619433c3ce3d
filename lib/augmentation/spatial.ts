/** Rotates, scales and deforms patches in a single resampling. */

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
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Rotation, scaling and displacement of one sample. */
export interface SpatialParameters {
  /** Angles in radians about z, y, x; a single angle for rotation within the (y, x) plane. */
  readonly angles: readonly number[];
  /** Factor on the sampling grid, or one per rotated axis; above 1, objects become smaller. */
  readonly scaling: number | readonly number[];
  /**
   * Displacement of each voxel, in voxels, before rotation and scaling: (axis, z, y, x), or
   * (axis, y, x) if only slices are rotated.
   */
  readonly displacement?: Float32Array;
}

/** Options of {@link spatial}. */
export interface SpatialOptions {
  /** Spatial shape of the result, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
  /** Probability that a sample is rotated. */
  readonly rotationProbability: number;
  /** Largest angle in radians; one angle per axis is drawn from ± this value. */
  readonly maxRotation: number;
  /** Probability that a rotated sample is rotated about each axis; 1 by default. */
  readonly axisProbability?: number;
  /** Probability that a sample is scaled. */
  readonly scalingProbability: number;
  /** Range of factors on the sampling grid. */
  readonly scaling: readonly [low: number, high: number];
  /** Whether one factor scales all axes, true by default. */
  readonly scalesAxesAlike?: boolean;
  /** Elastic deformation; none by default. */
  readonly elastic?: ElasticOptions;
  /** Whether to transform all slices of a 3D patch alike within their plane, for anisotropic data. */
  readonly slicewise: boolean;
  /** What is resampled by the nearest voxel instead of interpolated; nothing by default. */
  readonly nearest?: Nearest;
}

const spatialOptions: KnownOptions<SpatialOptions> = {
  patchSize: true,
  rotationProbability: true,
  maxRotation: true,
  axisProbability: true,
  scalingProbability: true,
  scaling: true,
  scalesAxesAlike: true,
  elastic: true,
  slicewise: true,
  nearest: true,
};

/** What is resampled by the nearest voxel: labels only, or labels and images. */
export type Nearest = "labels" | "all";

/**
 * Rotates and scales samples about their centre, and optionally deforms them elastically.
 *
 * Images are interpolated linearly, with zeros outside. Labels take the one with the most weight
 * among the eight surrounding voxels, with −1 outside. A sample that is neither rotated, scaled nor
 * deformed is cropped to its centre without interpolation.
 *
 * @param options Ranges and probabilities of rotation, scaling and deformation.
 * @returns The transform.
 * @throws {RangeError} From `apply`, if sample and patch differ in their number of axes or, with
 * `slicewise`, of slices.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py
 *
 * @example Half a turn
 * ```ts
 * import assert from "node:assert/strict";
 * import { spatial } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const turn = spatial({
 *   patchSize: [2, 2],
 *   rotationProbability: 0.2,
 *   maxRotation: Math.PI,
 *   scalingProbability: 0.2,
 *   scaling: [0.7, 1.4],
 *   slicewise: false,
 * });
 * const { segmentation } = turn.apply(sample, { angles: [Math.PI], scaling: 1 });
 * assert.deepEqual(segmentation.data, Int16Array.of(1, 1, 0, 0));
 * ```
 */
export function spatial(options: SpatialOptions): Transform<SpatialParameters | undefined> {
  requireKnown(options, spatialOptions, "make spatial()");
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
      const rotatesAxis = () =>
        rotates && (axisProbability === 1 || generator.uniform() < axisProbability);
      const drawScaling = () => generator.uniform(...options.scaling);
      return {
        angles: Array.from(
          { length: planar ? 1 : 3 },
          () => rotatesAxis() ? generator.uniform(-maxRotation, maxRotation) : 0,
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
        throw new RangeError(
          `Cannot take a patch of shape [${patchSize}] from a sample of shape [${shape}]`,
        );
      }
      return parameters === undefined
        ? cropCentre(sample, patchSize, size, mayOverwrite)
        : resample(sample, patchSize, size, parameters, options.nearest);
    },
  };
}

/** A single angle rotates within the (y, x) plane; three rotate the volume. */
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
  const resampled = ({ data }: Sample["segmentation"]) => ({
    shape: patchSize,
    data: nearest ? nearestOf(data, -1) : votedOf(data),
  });
  return {
    image: {
      shape: [image.shape[0], ...patchSize],
      data: nearest === "all" ? nearestOf(image.data, 0) : interpolatedOf(image.data),
    },
    segmentation: resampled(segmentation),
    ...previousStage && { previousStage: resampled(previousStage) },
  };
}

/** Crops a sample to its centre; where the patch is larger, pads with 0 and labels with −1. */
function cropCentre(sample: Sample, patchSize: Shape, size: Zyx, mayOverwrite?: boolean): Sample {
  const box = centredBox(asVolumeShape(sample.segmentation.shape), size);
  return cropSample(sample, box, patchSize, mayOverwrite);
}

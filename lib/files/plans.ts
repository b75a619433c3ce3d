/**
 * What the planner decides, in our own words. nnU-Net's spelling of the same lives in
 * `lib/files/plans_json.ts`, the only place that translates.
 *
 * Spatial lists are in the transposed axis order of the plan: (z, y, x) after
 * `transposeForward`, or (y, x) for the 2d configuration.
 */

import type { Shape } from "../array/nd_array.ts";

/** The configurations nnU-Net knows. */
export type ConfigurationName = "2d" | "3d_fullres" | "3d_lowres" | "3d_cascade_fullres";

/** How a channel's intensities are normalised. */
export type NormalizationScheme =
  | "ZScoreNormalization"
  | "CTNormalization"
  | "NoNormalization"
  | "RescaleTo01Normalization"
  | "RGBTo01Normalization";

/** Upstream's class of the plain U-Net. */
export const PLAIN_UNET = "dynamic_network_architectures.architectures.unet.PlainConvUNet";
/** Upstream's class of the U-Net with a residual encoder. */
export const RESIDUAL_ENCODER_UNET =
  "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet";

/** A U-Net, plain or with a residual encoder, stage by stage, highest resolution first. */
export interface Architecture {
  /** Upstream's class, e.g. `dynamic_network_architectures.architectures.unet.PlainConvUNet`. */
  readonly networkClassName: string;
  /** Spatial dimensions of the network. */
  readonly dimensions: 2 | 3;
  readonly featuresPerStage: readonly number[];
  /** Kernel extent per stage and axis. */
  readonly kernelSizes: readonly Shape[];
  /** Stride per stage and axis; the first stage's is all ones. */
  readonly strides: readonly Shape[];
  /** Convolutions per encoder stage; residual blocks where the encoder is residual. */
  readonly convsPerStage: readonly number[];
  /** Convolutions per decoder stage, one entry fewer than stages. */
  readonly convsPerStageDecoder: readonly number[];
}

/** One configuration of a plan. */
export interface Configuration {
  readonly name: ConfigurationName;
  /** Name of the folder with its preprocessed cases. */
  readonly dataIdentifier: string;
  readonly batchSize: number;
  /** Voxels per axis of a training patch. */
  readonly patchSize: Shape;
  readonly medianImageSize: Shape;
  /** Target spacing in mm; two values for 2d. */
  readonly spacing: readonly number[];
  /** One per channel. */
  readonly normalizationSchemes: readonly NormalizationScheme[];
  readonly useMaskForNorm: readonly boolean[];
  readonly architecture: Architecture;
  /** Dice over the whole batch (true) or per sample (false). */
  readonly batchDice: boolean;
  readonly previousStage?: ConfigurationName;
  readonly nextStage?: ConfigurationName;
}

/** Intensities inside the foreground of one channel. */
export interface IntensityProperties {
  readonly mean: number;
  readonly median: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  readonly percentile005: number;
  readonly percentile995: number;
}

/** Facts about a data set from which everything else is planned. */
export interface Fingerprint {
  /** Per case, (z, y, x), mm. */
  readonly spacings: readonly (readonly number[])[];
  /** Per case, (z, y, x), voxels, after cropping to nonzero. */
  readonly shapesAfterCrop: readonly Shape[];
  readonly medianRelativeSizeAfterCropping: number;
  /** One per channel. */
  readonly intensityProperties: readonly IntensityProperties[];
}

/** A complete plan for a data set. */
export interface PlansData {
  readonly datasetName: string;
  readonly plansName: string;
  readonly originalMedianSpacing: readonly number[];
  readonly originalMedianShape: Shape;
  readonly imageReaderWriter: string;
  /** Axis of the stored image that becomes axis i of the planned one. */
  readonly transposeForward: readonly [number, number, number];
  readonly transposeBackward: readonly [number, number, number];
  readonly configurations: Readonly<Partial<Record<ConfigurationName, Configuration>>>;
  readonly experimentPlannerUsed: string;
  readonly intensityProperties: readonly IntensityProperties[];
}

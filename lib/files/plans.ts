/**
 * Types of plans and fingerprints. `plans_json.ts` and `fingerprint_json.ts` convert them to
 * nnU-Net's files.
 *
 * Spatial lists are in the transposed axis order of the plans: (z, y, x) after `transposeForward`,
 * or (y, x) for the 2d configuration.
 */

import type { Shape } from "../array/nd_array.ts";
import type { PlannedResampling } from "./resampling.ts";

/** Names of the configurations that nnU-Net plans. */
export type PlannedConfigurationName = "2d" | "3d_fullres" | "3d_lowres" | "3d_cascade_fullres";

/** Name of a configuration: one that nnU-Net plans, or one that was added to the plans file. */
export type ConfigurationName = PlannedConfigurationName | (string & Record<never, never>);

/** Names of nnU-Net's normalisations of a channel. */
export type NormalizationScheme =
  | "ZScoreNormalization"
  | "CTNormalization"
  | "NoNormalization"
  | "RescaleTo01Normalization"
  | "RGBTo01Normalization";

/** Name of upstream's class for plain U-Nets. */
export const PLAIN_UNET = "dynamic_network_architectures.architectures.unet.PlainConvUNet";
/** Name of upstream's class for U-Nets with residual encoders. */
export const RESIDUAL_ENCODER_UNET =
  "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet";

/** Name of upstream's class for U-Nets with residual encoders and decoders. */
export const RESIDUAL_UNET = "dynamic_network_architectures.architectures.unet.ResidualUNet";

/** A normalisation of feature maps. */
export interface Normalization {
  /**
   * What mean and variance are computed over: the voxels of each sample, as in instance
   * normalisation, or of the whole batch. Batch normalisation predicts with running statistics.
   */
  readonly over: "sample" | "batch";
  /** Added to the variance. */
  readonly epsilon: number;
  /** Whether parameters scale and shift each channel. */
  readonly affine: boolean;
  /**
   * In batch normalisation, the newest batch's share of the running statistics; null for the mean
   * of all batches. 0.1 by default.
   */
  readonly momentum?: number | null;
}

/** A nonlinearity; a ReLU is a leaky one of slope 0. */
export type Nonlinearity =
  | { readonly kind: "leakyRelu"; readonly slope: number }
  | { readonly kind: "elu"; readonly alpha: number }
  | { readonly kind: "silu" }
  | { readonly kind: "gelu" }
  | { readonly kind: "prelu"; readonly initialSlope: number };

/** A dropout after convolutions. */
export interface Dropout {
  /** Probability that a value is dropped. */
  readonly probability: number;
  /** Whether whole feature maps are dropped, or each voxel by itself. */
  readonly wholeMaps: boolean;
}

/** The normalisation of nnU-Net's own plans. */
export const INSTANCE_NORMALIZATION: Normalization = {
  over: "sample",
  epsilon: 1e-5,
  affine: true,
};

/** The nonlinearity of nnU-Net's own plans. */
export const LEAKY_RELU: Nonlinearity = { kind: "leakyRelu", slope: 0.01 };

/**
 * A plain or residual U-Net; lists per stage begin with the highest resolution. What is left out is
 * as in nnU-Net's own plans.
 */
export interface Architecture {
  /** Name of upstream's class, such as {@link PLAIN_UNET}. */
  readonly networkClassName: string;
  /** Number of spatial dimensions. */
  readonly dimensions: 2 | 3;
  /** Number of feature maps per stage. */
  readonly featuresPerStage: readonly number[];
  /** Kernel size per stage and axis. */
  readonly kernelSizes: readonly Shape[];
  /** Stride per stage and axis; all ones in the first stage. */
  readonly strides: readonly Shape[];
  /** Number of convolutions per encoder stage, or of residual blocks in residual encoders. */
  readonly convsPerStage: readonly number[];
  /** Number of convolutions per decoder stage; one entry fewer than stages. */
  readonly convsPerStageDecoder: readonly number[];
  /** Whether convolutions have a bias; true by default. */
  readonly convBias?: boolean;
  /** {@link INSTANCE_NORMALIZATION} by default; null for none. */
  readonly normalization?: Normalization | null;
  /** {@link LEAKY_RELU} by default; null for none. */
  readonly nonlinearity?: Nonlinearity | null;
  /** Whether nonlinearities precede normalisations, in plain U-Nets only; false by default. */
  readonly nonlinearityFirst?: boolean;
  /** None by default. */
  readonly dropout?: Dropout;
  /** Number of feature maps of a residual network's stem; those of the first stage by default. */
  readonly stemFeatures?: number;
  /**
   * Number of feature maps inside the blocks of each stage of a residual encoder, whose blocks then
   * have three convolutions; by default, blocks have two.
   */
  readonly bottleneckFeatures?: readonly number[];
}

/** A configuration of plans. */
export interface Configuration {
  /** Name, such as `3d_fullres`. */
  readonly name: ConfigurationName;
  /** Name of the folder of its preprocessed cases. */
  readonly dataIdentifier: string;
  /** Number of patches per training step. */
  readonly batchSize: number;
  /** Voxels per axis of a training patch. */
  readonly patchSize: Shape;
  /** Median voxels per axis of the resampled images; empty if the plans do not tell. */
  readonly medianImageSize: Shape;
  /** Target spacing in mm per axis. */
  readonly spacing: readonly number[];
  /** Normalisation per channel. */
  readonly normalizationSchemes: readonly NormalizationScheme[];
  /** Whether normalisation uses only voxels inside the nonzero mask, per channel. */
  readonly useMaskForNorm: readonly boolean[];
  /** How scans, label maps and predictions are resampled; by nnU-Net's splines by default. */
  readonly resampling?: PlannedResampling;
  /** The network. */
  readonly architecture: Architecture;
  /** Whether Dice is computed over the whole batch rather than per sample. */
  readonly batchDice: boolean;
  /** Previous stage of a cascade. */
  readonly previousStage?: ConfigurationName;
  /** Next stages of a cascade, for which this one's validation writes segmentations. */
  readonly nextStages?: readonly ConfigurationName[];
}

/** A configuration that this library does not support, which does not affect the others. */
export interface UnsupportedConfiguration {
  /** What is not supported. */
  readonly reason: string;
  /** Its value in the file, with which it is written again. */
  readonly json: unknown;
}

/** Statistics of a channel's intensities in the foreground. */
export interface IntensityProperties {
  /** Mean intensity. */
  readonly mean: number;
  /** Median intensity. */
  readonly median: number;
  /** Standard deviation. */
  readonly std: number;
  /** Lowest intensity. */
  readonly min: number;
  /** Highest intensity. */
  readonly max: number;
  /** The 0.5th percentile. */
  readonly percentile005: number;
  /** The 99.5th percentile. */
  readonly percentile995: number;
}

/** Properties of a data set that plans are based on. */
export interface Fingerprint {
  /** Spacing per case in mm, (z, y, x). */
  readonly spacings: readonly (readonly number[])[];
  /** Voxels per axis and case after cropping to nonzero, (z, y, x). */
  readonly shapesAfterCrop: readonly Shape[];
  /** Median ratio of voxels after and before cropping. */
  readonly medianRelativeSizeAfterCropping: number;
  /** Statistics per channel. */
  readonly intensityProperties: readonly IntensityProperties[];
}

/** Plans for a data set. */
export interface PlansData {
  /** Name of the data set's folder, such as `Dataset004_Hippocampus`. */
  readonly datasetName: string;
  /** Name of the plans, such as `nnUNetPlans`. */
  readonly plansName: string;
  /** Median spacing of the images before resampling in mm, in transposed axis order. */
  readonly originalMedianSpacing: readonly number[];
  /** Median voxels per axis of the cropped images before resampling, in transposed axis order. */
  readonly originalMedianShape: Shape;
  /** Name of upstream's class that reads the images. */
  readonly imageReaderWriter: string;
  /** Axis of the original image that becomes axis i of the transposed image. */
  readonly transposeForward: readonly [number, number, number];
  /** Axis of the transposed image that becomes axis i of the original image. */
  readonly transposeBackward: readonly [number, number, number];
  /** The configurations by name, planned ones first. */
  readonly configurations: Readonly<Partial<Record<ConfigurationName, Configuration>>>;
  /** Configurations in the plans file that this library does not support, by name. */
  readonly unsupported?: Readonly<Record<string, UnsupportedConfiguration>>;
  /** Name of nnU-Net's planner, such as `ExperimentPlanner`. */
  readonly experimentPlannerUsed: string;
  /** Statistics of the intensities in the foreground, per channel. */
  readonly intensityProperties: readonly IntensityProperties[];
}

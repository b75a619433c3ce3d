/**
 * Parts for custom networks, losses, schedules and transforms, and single steps of the pipeline to
 * look at.
 *
 * - **Networks and losses** are functions that build a graph: operators take and return
 *   {@link Value}s, {@link convNorm} and its neighbours are the layers of nnU-Net's networks, and
 *   {@link truthOf} turns labels into what each head should predict.
 * - **Schedules** map an epoch to a learning rate.
 * - **Transforms** change training patches; {@link nnunetTraining} lists nnU-Net's.
 * - **Steps**: planning from a fingerprint, folds, preprocessed cases, patches, tiles, overlap.
 *
 * @example A custom loss
 * ```ts
 * import { Graph, type LossFor, mul, neg, reduceMean, sigmoid, truthOf } from "nnunet/parts";
 *
 * const agreement: LossFor = (heads) => (logits, target) =>
 *   neg(reduceMean(mul(sigmoid(logits), truthOf(target, heads))));
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = agreement({ count: 3 }, { batchDice: false })(logits, target);
 * console.log(loss.shape); // []
 * ```
 *
 * @module
 */

export type { Bounds, Box } from "./array/box.ts";
export type { DataType } from "./array/data_type.ts";
export type { Labels, SignedLabels } from "./array/labels.ts";
export type { NdArray, Shape, TypedArray, Zyx } from "./array/nd_array.ts";
export type { SplineOrder } from "./array/resize_matrix.ts";
export { brightness } from "./augmentation/brightness.ts";
export { contrast, type ContrastOptions } from "./augmentation/contrast.ts";
export type {
  CustomTransform,
  PlacedTransform,
  TransformChoice,
  TransformFunction,
} from "./augmentation/custom_transform.ts";
export type { ElasticOptions } from "./augmentation/elastic_field.ts";
export { gamma } from "./augmentation/gamma.ts";
export { type BlurOptions, gaussianBlur } from "./augmentation/gaussian_blur.ts";
export { gaussianNoise, type NoiseParameters } from "./augmentation/gaussian_noise.ts";
export { lowResolution, type LowResolutionOptions } from "./augmentation/low_resolution.ts";
export { mirroring } from "./augmentation/mirroring.ts";
export {
  type AugmentationOptions,
  type AugmentationVariant,
  nnunetTraining,
  type Pipeline,
  type TrainingAugmentation,
} from "./augmentation/nnunet_pipeline.ts";
export {
  type Nearest,
  spatial,
  type SpatialOptions,
  type SpatialParameters,
} from "./augmentation/spatial.ts";
export {
  augment,
  oneOf,
  type Sample,
  type Transform,
  withProbability,
} from "./augmentation/transform.ts";
export type { TransformName } from "./augmentation/transform_names.ts";
export { type TransformSweep, transformSweeps } from "./augmentation/transform_sweep.ts";
export { createSplits, type Fold, selectFold } from "./dataset/splits.ts";
export { compareLabels } from "./evaluation/overlap.ts";
export { readCheckpoint } from "./files/checkpoint_file.ts";
export type { CaseFiles, DatasetJson } from "./files/dataset.ts";
export type {
  Architecture,
  Configuration,
  ConfigurationName,
  Dropout,
  Fingerprint,
  IntensityProperties,
  Nonlinearity,
  Normalization,
  NormalizationScheme,
  PlannedConfigurationName,
  PlansData,
  UnsupportedConfiguration,
} from "./files/plans.ts";
export type {
  InterpolationMode,
  NoResampling,
  PlannedResampling,
  Resampling,
  SliceRule,
  SplineResampling,
  TorchResampling,
} from "./files/resampling.ts";
export type { Split } from "./files/splits_json.ts";
export type { LabelOrRegion, Overlap } from "./files/summary.ts";
export type { Attributes } from "./graph/attributes.ts";
export { Graph, type Node, type Value } from "./graph/graph.ts";
export type { OperatorName } from "./graph/operator_name.ts";
export * from "./graph/operators.ts";
export type { ConstantData, TensorInfo } from "./graph/tensor_info.ts";
export type { Geometry, StoredGrid } from "./image/image.ts";
export type { JsonValue } from "./interop/json_value.ts";
export type { GradScalerState, InitArgs, NnunetCheckpoint } from "./interop/nnunet_checkpoint.ts";
export type {
  AdamState,
  AdanState,
  RecordedOptimizer,
  SgdState,
} from "./interop/optimizer_state.ts";
export type { TrainingLog } from "./interop/training_log.ts";
export { oneHot } from "./labels/label_rule_graph.ts";
export { type Heads, headsOf, type Region } from "./model/heads.ts";
export {
  countParameters,
  type Initialization,
  type Network,
  type ParameterOptions,
  parametersOf,
  type ParameterSource,
  type ParameterSpec,
  type TrainingMode,
} from "./network/network.ts";
export { networkOf } from "./network/network_of.ts";
export { primus, type PrimusOptions, type PrimusStem } from "./network/primus.ts";
export { rotaryPositions, type Rotation } from "./network/rotary_positions.ts";
export {
  imageOfTokens,
  linear,
  type LinearOptions,
  patchTokens,
  type PatchTokensOptions,
} from "./network/tokens.ts";
export { transformerBlock, type TransformerBlockOptions } from "./network/transformer_block.ts";
export { activate, convNorm, type ConvNormOptions } from "./network/conv_block.ts";
export { dropout } from "./network/dropout.ts";
export { decode, type UNetOptions } from "./network/unet_parts.ts";
export type { DatasetFacts } from "./planning/dataset_facts.ts";
export type { PatchAndBatchOverride } from "./planning/patch_and_batch.ts";
export { planDataset, type PlanningOptions } from "./planning/plan_dataset.ts";
export type { PlannerName } from "./planning/presets.ts";
export type { Note, Reason } from "./planning/reason.ts";
export type { ClassKey } from "./preprocessing/class_locations.ts";
export type { CaseProperties, PreprocessedCase } from "./preprocessing/preprocessed_case.ts";
export { openCase, readCase, type StoredCase } from "./preprocessing/storage.ts";
export { createGenerator, type Generator, type GeneratorState } from "./random/generator.ts";
export type { NoiseSeed } from "./random/normal_noise.ts";
export { drawPatchBox, type PatchSizes } from "./training/batches/patch_sampler.ts";
export { cosine, polynomial, type Schedule, warmedUp } from "./training/schedule.ts";
export {
  crossEntropyLoss,
  diceAndCrossEntropy,
  diceAndTopK,
  diceLoss,
  type DiceOptions,
  type Loss,
  type LossFor,
  topKLoss,
  type TopKOptions,
} from "./training/step/losses.ts";
export { truthOf, validVoxels } from "./training/step/targets.ts";
export { gaussianWeights } from "./window/gaussian.ts";
export { tileOrigins, tileStarts } from "./window/tiles.ts";

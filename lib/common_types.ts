/** Types of parameters and results that `nnunet` and `nnunet/browser` have in common. */

export type { DataType } from "./array/data_type.ts";
export type { Labels } from "./array/labels.ts";
export type { NdArray, Shape, TypedArray, Zyx } from "./array/nd_array.ts";
export type { SplineOrder } from "./array/resize_matrix.ts";
export type {
  CustomTransform,
  TransformChoice,
  TransformFunction,
} from "./augmentation/custom_transform.ts";
export type { AugmentationOptions, AugmentationVariant } from "./augmentation/nnunet_pipeline.ts";
export type { Nearest } from "./augmentation/spatial.ts";
export type { Sample } from "./augmentation/transform.ts";
export type { TransformName } from "./augmentation/transform_names.ts";
export type { TestCase, TrainingCase } from "./dataset/case.ts";
export type { DatasetSource } from "./dataset/create_dataset.ts";
export type { FoldersOrRoot, OpenDatasetOptions } from "./dataset/dataset.ts";
export type { ProgressOptions } from "./dataset/find_labels.ts";
export type { SourceFolders } from "./dataset/gather_sources.ts";
export type { ClassNames } from "./dataset/label_names.ts";
export type { Fold } from "./dataset/splits.ts";
export type { StructureOptions } from "./dataset/structure_labels.ts";
export type { Voting } from "./ensembling/voting.ts";
export type { EvaluateFolderOptions } from "./evaluation/evaluate_folder.ts";
export type { CaseFiles, DatasetJson } from "./files/dataset.ts";
export type { Folders } from "./files/folders.ts";
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
export type { PostprocessingStep } from "./files/postprocessing.ts";
export type {
  InterpolationMode,
  NoResampling,
  PlannedResampling,
  Resampling,
  SliceRule,
  SplineResampling,
  TorchResampling,
} from "./files/resampling.ts";
export type { CaseEvaluation, EvaluationSummary, LabelOrRegion, Overlap } from "./files/summary.ts";
export type { Attributes } from "./graph/attributes.ts";
export type { Graph, Node, Value } from "./graph/graph.ts";
export type { OperatorName } from "./graph/operator_name.ts";
export type { ConstantData, TensorInfo } from "./graph/tensor_info.ts";
export type { IgnoredFile } from "./image/ignored_file.ts";
export type { Geometry, Image, Segmentation, StoredGrid } from "./image/image.ts";
export type { ReadOptions } from "./image/image_files.ts";
export type { GridOptions, ImageFromOptions } from "./image/image_from.ts";
export type { InferenceProgress } from "./inference/case_pipeline.ts";
export type {
  FolderListeners,
  PredictFileOptions,
  PredictFolderOptions,
  PredictionStart,
  PredictOptions,
  PredictorOptions,
} from "./inference/predictor_options.ts";
export type { TrainingLog } from "./interop/training_log.ts";
export type { FoldName } from "./model/fold_states.ts";
export type { Heads, Region } from "./model/heads.ts";
export type { ModelOrigin, OpenModelOptions } from "./model/open_trained.ts";
export type {
  Initialization,
  Network,
  ParameterOptions,
  ParameterSource,
  TrainingMode,
} from "./network/network.ts";
export type { FingerprintRun, PlanRun } from "./planner.ts";
export type { PatchAndBatchOverride } from "./planning/patch_and_batch.ts";
export type { PlanningOptions } from "./planning/plan_dataset.ts";
export type { PlannerName } from "./planning/presets.ts";
export type { Reason } from "./planning/reason.ts";
export type { OpenPlansOptions, PlansParts, PreprocessOptions } from "./plans.ts";
export type { FileAction } from "./platform/file_error.ts";
export type { LockHolder } from "./platform/file_lock.ts";
export type { PreprocessedGrid } from "./preprocessing/preprocess_worker.ts";
export type { Generator, GeneratorState } from "./random/generator.ts";
export type { Device, DeviceChoice } from "./runtime/device.ts";
export type { EpochReport } from "./trainer.ts";
export type { Oversampling, SamplingOptions } from "./training/batches/patch_sampler.ts";
export type { FitOptions, ValidationOptions } from "./training/fit_options.ts";
export type { PlansNames, Wording } from "./training/fold/missing_cases_error.ts";
export type {
  EpochEnd,
  TrainingBegin,
  TrainingEnd,
  TrainingEvent,
  TrainingLogger,
  ValidationEnd,
} from "./training/loggers/training_logger.ts";
export type { StreamedLog } from "./training/read_log.ts";
export type { Schedule } from "./training/schedule.ts";
export type { AdamOptions } from "./training/step/adam.ts";
export type { AdanOptions } from "./training/step/adan.ts";
export type { DiceOptions, Loss, LossFor } from "./training/step/losses.ts";
export type { SgdOptions } from "./training/step/sgd.ts";
export type { StopOptions } from "./training/stopping.ts";
export type {
  CheckpointOptions,
  DataOptions,
  MachineOptions,
  NetworkFor,
  ObjectiveOptions,
  ScheduleOptions,
  TrainerOptions,
} from "./training/training_options.ts";
export type { EpochOptions, TrainingProgress } from "./training/training_progress.ts";
export type { TrainingSettings } from "./training/training_settings.ts";
export type { TrainingStart } from "./training/training_start.ts";

/**
 * nnU-Net, the self-configuring segmentation method, in TypeScript.
 *
 * A {@link Dataset} is planned by a {@link Planner}; a {@link Trainer} trains on the plans; a
 * {@link Predictor} segments new scans with what was trained; an {@link Ensembler} chooses the best
 * model or ensemble and predicts with it. A {@link Launcher} does all of that as jobs, on a cluster or
 * on this machine.
 *
 * Parts for custom networks, losses, schedules and transforms are in `nnunet/parts`, displays in
 * `nnunet/notebook`, the command line in `nnunet/cli`.
 *
 * @module
 */

export type { DataType } from "./lib/array/data_type.ts";
export type { Labels } from "./lib/array/labels.ts";
export type { NdArray, Shape, TypedArray, Zyx } from "./lib/array/nd_array.ts";
export type { SplineOrder } from "./lib/array/resize_matrix.ts";
export type {
  CustomTransform,
  TransformChoice,
  TransformFunction,
} from "./lib/augmentation/custom_transform.ts";
export type {
  AugmentationOptions,
  AugmentationVariant,
} from "./lib/augmentation/nnunet_pipeline.ts";
export type { Nearest } from "./lib/augmentation/spatial.ts";
export type { Sample, Transform } from "./lib/augmentation/transform.ts";
export type { TransformName } from "./lib/augmentation/transform_names.ts";
export { exportHtml, type ExportHtmlOptions } from "./lib/browser/export_html.ts";
export { convertDecathlon, type DecathlonOptions } from "./lib/conversion/convert_decathlon.ts";
export { convertVersion1 } from "./lib/conversion/convert_version1.ts";
export type { ConversionOptions } from "./lib/conversion/version1_source.ts";
export type { TestCase, TrainingCase } from "./lib/dataset/case.ts";
export { CaseError } from "./lib/dataset/case_error.ts";
export { type CaseOutcomes, FailedCasesError } from "./lib/dataset/failed_cases_error.ts";
export type { Problem } from "./lib/dataset/check_case.ts";
export type { DatasetSource } from "./lib/dataset/create_dataset.ts";
export { createTask, type TaskSource } from "./lib/dataset/create_task.ts";
export { Dataset, type FoldersOrRoot, type OpenDatasetOptions } from "./lib/dataset/dataset.ts";
export { findLabels, type ProgressOptions } from "./lib/dataset/find_labels.ts";
export {
  copyAndRename,
  type CopyOptions,
  hasChannelSuffix,
  makeFolder,
  type MakeFolderOptions,
  renameForSingleModality,
} from "./lib/dataset/folder_setup.ts";
export type { SourceFolders } from "./lib/dataset/gather_sources.ts";
export type { StructureOptions } from "./lib/dataset/structure_labels.ts";
export {
  describeProblem,
  IntegrityError,
  type IntegrityReport,
  requireIntegrity,
  type VerifiedDataset,
  verifyDatasetIntegrity,
} from "./lib/dataset/integrity.ts";
export type { ClassNames } from "./lib/dataset/label_names.ts";
export { MissingDatasetError } from "./lib/dataset/missing_dataset_error.ts";
export type { Fold } from "./lib/dataset/splits.ts";
export { classColor, type Rgb } from "./lib/display/class_colors.ts";
export { renderCurves } from "./lib/display/curves.ts";
export type { IntensityWindow } from "./lib/display/overlay.ts";
export { writeOverlays, type WriteOverlaysOptions } from "./lib/display/overlay_pictures.ts";
export { type ComparisonOptions, renderComparison } from "./lib/display/slices.ts";
export {
  type EnsemblePredictFolderOptions,
  type EnsemblePredictOptions,
  Ensembler,
  type EnsemblerOptions,
} from "./lib/ensembler.ts";
export type { MergeOptions } from "./lib/ensembling/ensemble_cases.ts";
export { ensembleFolders, type EnsembleFoldersOptions } from "./lib/ensembling/ensemble_folders.ts";
export type {
  BestConfiguration,
  Candidate,
  FindBestOptions,
} from "./lib/ensembling/find_best_configuration.ts";
export type { Voting } from "./lib/ensembling/voting.ts";
export { formatDiceTable } from "./lib/evaluation/dice_table.ts";
export {
  type EvaluateDetailsOptions,
  evaluateFolder,
  evaluateFolderInDetail,
  type EvaluateFolderOptions,
} from "./lib/evaluation/evaluate_folder.ts";
export { AlreadyExistsError } from "./lib/files/already_exists_error.ts";
export type { CaseFiles, DatasetJson } from "./lib/files/dataset.ts";
export { writeDatasetJsonV1 } from "./lib/files/dataset_file.ts";
export type { DatasetJsonV1 } from "./lib/files/dataset_json_v1.ts";
export { foregroundOf } from "./lib/files/dataset_labels.ts";
export type {
  CaseDetails,
  ClassDetails,
  EvaluationDetails,
  MeanDetails,
  SurfaceAgreement,
} from "./lib/files/details.ts";
export { writeDetails } from "./lib/files/details_file.ts";
export { type Folders, foldersIn } from "./lib/files/folders.ts";
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
} from "./lib/files/plans.ts";
export type {
  InterpolationMode,
  NoResampling,
  PlannedResampling,
  Resampling,
  SliceRule,
  SplineResampling,
  TorchResampling,
} from "./lib/files/resampling.ts";
export type { PostprocessingDecision, PostprocessingStep } from "./lib/files/postprocessing.ts";
export type {
  CaseEvaluation,
  EvaluationSummary,
  LabelOrRegion,
  Overlap,
} from "./lib/files/summary.ts";
export { writeSummary } from "./lib/files/summary_file.ts";
export type { Attributes } from "./lib/graph/attributes.ts";
export type { Graph, Node, Value } from "./lib/graph/graph.ts";
export type { OperatorName } from "./lib/graph/operator_name.ts";
export type { ConstantData, TensorInfo } from "./lib/graph/tensor_info.ts";
export type { Geometry, Image, Segmentation, StoredGrid } from "./lib/image/image.ts";
export {
  readImage,
  type ReadOptions,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "./lib/image/image_files.ts";
export type { IgnoredFile } from "./lib/image/ignored_file.ts";
export { listImages } from "./lib/image/scan_folder.ts";
export {
  type GridOptions,
  imageFrom,
  type ImageFromOptions,
  segmentationFrom,
} from "./lib/image/image_from.ts";
export { decodeImageFile } from "./lib/image/decode_file.ts";
export { imageEndingOf } from "./lib/image/registry.ts";
export type { InferenceProgress } from "./lib/inference/case_pipeline.ts";
export { OtherPredictionError } from "./lib/inference/other_prediction_error.ts";
export { PreviousStageError } from "./lib/inference/previous_stage_error.ts";
export type { JsonValue } from "./lib/interop/json_value.ts";
export type {
  GradScalerState,
  InitArgs,
  NnunetCheckpoint,
} from "./lib/interop/nnunet_checkpoint.ts";
export type {
  AdamState,
  AdanState,
  RecordedOptimizer,
  SgdState,
} from "./lib/interop/optimizer_state.ts";
export type { TrainingLog } from "./lib/interop/training_log.ts";
export { DeviceMemoryError, MemoryError, type MemoryShortage } from "./lib/memory/memory_error.ts";
export type { EngineName } from "./lib/launch/engine_name.ts";
export type { JobPhase, JobStatus } from "./lib/launch/job_status.ts";
export type {
  ContainerOptions,
  LauncherChoices,
  LauncherOptions,
} from "./lib/launch/launch_options.ts";
export { Launcher } from "./lib/launch/launcher.ts";
export type { LocalOutcome, LocalRunOptions } from "./lib/launch/local_run.ts";
export type { Job, LeftOut, Stage } from "./lib/launch/stage.ts";
export type { Launched, LaunchPlan } from "./lib/launch/submit_rest.ts";
export { downloadModels, type DownloadModelsOptions } from "./lib/model/download_model.ts";
export { exportModels, type ExportModelsOptions } from "./lib/model/export_models.ts";
export { installModels, type InstallModelsOptions } from "./lib/model/install_models.ts";
export { exportedModel, type ExportedModelOptions } from "./lib/model/exported_model.ts";
export type { Heads, Region } from "./lib/model/heads.ts";
export type { ModelFacts, ModelSources } from "./lib/model/model_facts.ts";
export { OpenModelError } from "./lib/model/open_model_error.ts";
export type { FoldName, FoldState } from "./lib/model/fold_states.ts";
export {
  type ModelOrigin,
  type OpenModelOptions,
  openTrained,
  type TrainedModel,
} from "./lib/model/open_trained.ts";
export { type FoldWording, UntrainedFoldsError } from "./lib/model/untrained_folds_error.ts";
export type {
  Initialization,
  Network,
  ParameterOptions,
  ParameterSource,
  TrainingMode,
} from "./lib/network/network.ts";
export { ErrorWithRemedy, type Remedy } from "./lib/options/error_with_remedy.ts";
export { type FileAction, FileError } from "./lib/platform/file_error.ts";
export { type DownloadOptions, NetworkDeniedError } from "./lib/platform/download_file.ts";
export { LockedError, type LockHolder } from "./lib/platform/file_lock.ts";
export { type FingerprintRun, Planner, type PlanRun } from "./lib/planner.ts";
export { MissingPlansError } from "./lib/planning/missing_plans_error.ts";
export { movePlans, type MovePlansOptions } from "./lib/planning/move_plans.ts";
export type { PatchAndBatchOverride } from "./lib/planning/patch_and_batch.ts";
export type { PlanningOptions } from "./lib/planning/plan_dataset.ts";
export type { PlannerName } from "./lib/planning/presets.ts";
export { formatReasons, type Reason } from "./lib/planning/reason.ts";
export {
  type OpenPlansOptions,
  Plans,
  type PlansParts,
  type PreprocessOptions,
} from "./lib/plans.ts";
export type { PreprocessedGrid } from "./lib/preprocessing/preprocess_worker.ts";
export {
  applyPostprocessing,
  type ApplyPostprocessingOptions,
} from "./lib/postprocessing/apply_to_folder.ts";
export {
  determinePostprocessing,
  type DeterminePostprocessingOptions,
} from "./lib/postprocessing/determine.ts";
export type {
  FolderListeners,
  PredictFileOptions,
  PredictFolderOptions,
  PredictionStart,
  PredictOptions,
  PredictorOptions,
} from "./lib/inference/predictor_options.ts";
export { Predictor } from "./lib/predictor.ts";
export type { Generator, GeneratorState } from "./lib/random/generator.ts";
export type { Device, DeviceChoice } from "./lib/runtime/device.ts";
export { type DeviceReport, findDevices } from "./lib/runtime/find_devices.ts";
export { type EpochReport, Trainer } from "./lib/trainer.ts";
export { readTrainingLog, type StreamedLog } from "./lib/training/read_log.ts";
export type { FitOptions, ValidationOptions } from "./lib/training/fit_options.ts";
export { tensorBoardLogger } from "./lib/training/loggers/tensorboard_logger.ts";
export type {
  EpochEnd,
  TrainingBegin,
  TrainingEnd,
  TrainingEvent,
  TrainingLogger,
  ValidationEnd,
} from "./lib/training/loggers/training_logger.ts";
export { wandbLogger, type WandbOptions } from "./lib/training/loggers/wandb_logger.ts";
export type { TrainingSettings } from "./lib/training/training_settings.ts";
export type { TrainingStart } from "./lib/training/training_start.ts";
export type { Oversampling, SamplingOptions } from "./lib/training/batches/patch_sampler.ts";
export {
  MissingCasesError,
  type PlansNames,
  type Wording,
} from "./lib/training/fold/missing_cases_error.ts";
export type { Schedule } from "./lib/training/schedule.ts";
export type { AdamOptions } from "./lib/training/step/adam.ts";
export type { AdanOptions } from "./lib/training/step/adan.ts";
export type { DiceOptions, Loss, LossFor } from "./lib/training/step/losses.ts";
export type { SgdOptions } from "./lib/training/step/sgd.ts";
export type { StopOptions } from "./lib/training/stopping.ts";
export type {
  CheckpointOptions,
  DataOptions,
  MachineOptions,
  NetworkFor,
  ObjectiveOptions,
  ScheduleOptions,
  TrainerOptions,
} from "./lib/training/training_options.ts";
export type { EpochOptions, TrainingProgress } from "./lib/training/training_progress.ts";

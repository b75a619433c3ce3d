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

export type * from "./lib/common_types.ts";
export type { Transform } from "./lib/augmentation/transform.ts";
export { exportHtml, type ExportHtmlOptions } from "./lib/browser/export_html.ts";
export { convertDecathlon, type DecathlonOptions } from "./lib/conversion/convert_decathlon.ts";
export { convertVersion1 } from "./lib/conversion/convert_version1.ts";
export type { ConversionOptions } from "./lib/conversion/version1_source.ts";
export { CaseError } from "./lib/dataset/case_error.ts";
export { type CaseOutcomes, FailedCasesError } from "./lib/dataset/failed_cases_error.ts";
export type { Problem } from "./lib/dataset/check_case.ts";
export { createTask, type TaskSource } from "./lib/dataset/create_task.ts";
export { Dataset } from "./lib/dataset/dataset.ts";
export { findLabels } from "./lib/dataset/find_labels.ts";
export {
  copyAndRename,
  type CopyOptions,
  hasChannelSuffix,
  makeFolder,
  type MakeFolderOptions,
  renameForSingleModality,
} from "./lib/dataset/folder_setup.ts";
export {
  describeProblem,
  IntegrityError,
  type IntegrityReport,
  requireIntegrity,
  type VerifiedDataset,
  verifyDatasetIntegrity,
} from "./lib/dataset/integrity.ts";
export { MissingDatasetError } from "./lib/dataset/missing_dataset_error.ts";
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
export { formatDiceTable } from "./lib/evaluation/dice_table.ts";
export {
  type EvaluateDetailsOptions,
  evaluateFolder,
  evaluateFolderInDetail,
} from "./lib/evaluation/evaluate_folder.ts";
export { AlreadyExistsError } from "./lib/files/already_exists_error.ts";
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
export { foldersIn } from "./lib/files/folders.ts";
export type { PostprocessingDecision } from "./lib/files/postprocessing.ts";
export { writeSummary } from "./lib/files/summary_file.ts";
export {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "./lib/image/image_files.ts";
export { listImages } from "./lib/image/scan_folder.ts";
export { imageFrom, segmentationFrom } from "./lib/image/image_from.ts";
export { decodeImageFile } from "./lib/image/decode_file.ts";
export { imageEndingOf } from "./lib/image/registry.ts";
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
export type { ModelFacts, ModelSources } from "./lib/model/model_facts.ts";
export { OpenModelError } from "./lib/model/open_model_error.ts";
export type { FoldState } from "./lib/model/fold_states.ts";
export { openTrained, type TrainedModel } from "./lib/model/open_trained.ts";
export { type FoldWording, UntrainedFoldsError } from "./lib/model/untrained_folds_error.ts";
export { ErrorWithRemedy, type Remedy } from "./lib/options/error_with_remedy.ts";
export { FileError } from "./lib/platform/file_error.ts";
export { type DownloadOptions, NetworkDeniedError } from "./lib/platform/download_file.ts";
export { LockedError } from "./lib/platform/file_lock.ts";
export { Planner } from "./lib/planner.ts";
export { MissingPlansError } from "./lib/planning/missing_plans_error.ts";
export { movePlans, type MovePlansOptions } from "./lib/planning/move_plans.ts";
export { formatReasons } from "./lib/planning/reason.ts";
export { Plans } from "./lib/plans.ts";
export {
  applyPostprocessing,
  type ApplyPostprocessingOptions,
} from "./lib/postprocessing/apply_to_folder.ts";
export {
  determinePostprocessing,
  type DeterminePostprocessingOptions,
} from "./lib/postprocessing/determine.ts";
export { Predictor } from "./lib/predictor.ts";
export { type DeviceReport, findDevices } from "./lib/runtime/find_devices.ts";
export { Trainer } from "./lib/trainer.ts";
export { readTrainingLog } from "./lib/training/read_log.ts";
export { tensorBoardLogger } from "./lib/training/loggers/tensorboard_logger.ts";
export { wandbLogger, type WandbOptions } from "./lib/training/loggers/wandb_logger.ts";
export { MissingCasesError } from "./lib/training/fold/missing_cases_error.ts";

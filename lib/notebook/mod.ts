/**
 * Outputs for notebooks: interactive volumes, live training curves, charts and tables.
 *
 * In a notebook they appear below the cell. Elsewhere, `show()` and `compare()` write a page or a
 * picture and return its path; `show()` also writes what the other functions return.
 *
 * @module
 */

import "./recovery_notes.ts";

export type { Labels } from "../array/labels.ts";
export type { SplineOrder } from "../array/resize_matrix.ts";
export type { Shape, Zyx } from "../array/nd_array.ts";
export type {
  Architecture,
  Configuration,
  ConfigurationName,
  Dropout,
  IntensityProperties,
  Nonlinearity,
  Normalization,
  NormalizationScheme,
  PlannedConfigurationName,
  PlansData,
  UnsupportedConfiguration,
} from "../files/plans.ts";
export type {
  InterpolationMode,
  NoResampling,
  PlannedResampling,
  Resampling,
  SliceRule,
  SplineResampling,
  TorchResampling,
} from "../files/resampling.ts";
export type {
  CaseEvaluation,
  EvaluationSummary,
  LabelOrRegion,
  Overlap,
} from "../files/summary.ts";
export type { Geometry, Image, Segmentation, StoredGrid } from "../image/image.ts";
export type { BestConfiguration, Candidate } from "../ensembling/find_best_configuration.ts";
export type {
  CaseDetails,
  ClassDetails,
  EvaluationDetails,
  MeanDetails,
  SurfaceAgreement,
} from "../files/details.ts";
export type { PostprocessingDecision, PostprocessingStep } from "../files/postprocessing.ts";
export type { InferenceProgress } from "../inference/case_pipeline.ts";
export type { TrainingLog } from "../interop/training_log.ts";
export type { JobPhase, JobStatus } from "../launch/job_status.ts";
export type { StreamedLog } from "../training/read_log.ts";
export type { EpochReport } from "../trainer.ts";
export type { FitOptions, ValidationOptions } from "../training/fit_options.ts";
export type {
  EpochEnd,
  TrainingBegin,
  TrainingEnd,
  TrainingEvent,
  TrainingLogger,
  ValidationEnd,
} from "../training/loggers/training_logger.ts";
export type { TrainingSettings } from "../training/training_settings.ts";
export type { TrainingStart } from "../training/training_start.ts";
export type { Fold } from "../dataset/splits.ts";
export type { Device } from "../runtime/device.ts";
export type {
  MissingCasesError,
  PlansNames,
  Wording,
} from "../training/fold/missing_cases_error.ts";
export type { EpochOptions, TrainingProgress } from "../training/training_progress.ts";
export type { Rgb } from "../display/class_colors.ts";
export type { Figure } from "../display/figure.ts";
export type { IntensityWindow } from "../display/overlay.ts";
export {
  barFigure,
  chart,
  type ChartOptions,
  histogramFigure,
  lineFigure,
  type Series,
} from "./charts.ts";
export { confusionTable, type RankedCase, worstCasesTable, worstFirst } from "./case_tables.ts";
export { decisionTable, pairsTable, votingTable } from "./ensemble_tables.ts";
export { folderTree } from "./folder_tree.ts";
export { type FileOptions, inNotebook, Place } from "./host.ts";
export { Interrupted, interruptible } from "./interrupt.ts";
export {
  launchCurves,
  launchTable,
  type WatchableLaunch,
  watchLaunch,
  type WatchLaunchOptions,
} from "./launch_view.ts";
export { LiveProgress } from "./live_progress.ts";
export { LiveCurves, watch, type Watchable, type WatchedTraining } from "./live_training.ts";
export { middlePanel } from "./middle_panel.ts";
export { drawNetwork } from "./network_drawing.ts";
export { type MimeBundle, Output, type OutputParts } from "./output.ts";
export { savedLog } from "./saved_log.ts";
export { ScoreBoard } from "./score_board.ts";
export { compare, show, type ShowOptions } from "./show.ts";
export {
  type ColorScale,
  heat,
  middleSlice,
  type Slice,
  type SlicePanel,
  sliceRow,
} from "./slice_picture.ts";
export { type Slide, slides } from "./slides.ts";
export { type SurfaceOptions, surfaceView } from "./surface_view.ts";
export {
  diceTable,
  ensemblesTable,
  plansTable,
  type RankedModels,
  table,
  type TableCell,
  type TableOptions,
} from "./table.ts";
export { type VolumeOptions, volumeView, type VolumeViewOptions } from "./volume_view.ts";
export { type ScanWindows, windowSlides, windowWeights } from "./window_pictures.ts";

/**
 * nnU-Net in a web page: planning, training and predicting, without a server.
 *
 * The names are those of `nnunet`. Files are the page's own: in memory or, after {@link keepFiles},
 * in the browser's private file system. Nothing leaves the reader's computer.
 *
 * @module
 */

export type * from "../common_types.ts";
export {
  generatePhantom,
  type Phantom,
  phantomLabels,
  type PhantomOptions,
} from "../../data/phantom.ts";
export type { CaseError } from "../dataset/case_error.ts";
export { Dataset } from "../dataset/dataset.ts";
export { formatDiceTable } from "../evaluation/dice_table.ts";
export { evaluateFolder } from "../evaluation/evaluate_folder.ts";
export { foregroundOf } from "../files/dataset_labels.ts";
export { decodeImageFile } from "../image/decode_file.ts";
export {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../image/image_files.ts";
export { imageFrom, segmentationFrom } from "../image/image_from.ts";
export { FileError } from "../platform/file_error.ts";
export { LockedError } from "../platform/file_lock.ts";
export { Planner } from "../planner.ts";
export { formatReasons } from "../planning/reason.ts";
export { Plans } from "../plans.ts";
export { Predictor } from "../predictor.ts";
export { Trainer } from "../trainer.ts";
export type { MissingCasesError } from "../training/fold/missing_cases_error.ts";
export { readTrainingLog } from "../training/read_log.ts";
export { type CasesSource, datasetFromCases, type MemoryCase } from "./dataset_from_cases.ts";
export { exportHtml, type ExportHtmlOptions } from "./export_html.ts";
export { clearFiles } from "./files/clear_files.ts";
export { downloadFile } from "./files/download_file.ts";
export { keepFiles, type KeptFiles } from "./files/keep_files.ts";
export { openParts, type OpenPartsOptions } from "./open_parts.ts";

/** What `nnunet` offers where notebooks run in a browser: `nnunet/browser`, and what handles files. */

export * from "../../../../lib/browser/mod.ts";
export { copyAndRename, makeFolder } from "../../../../lib/dataset/folder_setup.ts";
export { evaluateFolderInDetail } from "../../../../lib/evaluation/evaluate_folder.ts";
export { writeSummary } from "../../../../lib/files/summary_file.ts";
export { imageEndingOf } from "../../../../lib/image/registry.ts";
export { listImages } from "../../../../lib/image/scan_folder.ts";

/** Tells the files of trained models from others. */

import { fileNames } from "../files/paths.ts";
import { isFileName } from "../untrusted/file_name.ts";

/** Paths of a model's files in its folder. */
const patterns: readonly RegExp[] = [
  ...[fileNames.resultPlans, fileNames.dataset, fileNames.fingerprint].map(exactly),
  /^fold_(\d+|all)\/([^/]+\.(pth|png|pdf|json|jsonl|txt)|model\.onnx)$/,
  // Segmentations and scores of validation cases, and of cross-validation.
  /^fold_(\d+|all)\/validation\/[^/]+$/,
  /^crossval_results_folds_[\w-]+\/(postprocessed\/)?[^/]+$/,
];

function exactly(name: string): RegExp {
  return new RegExp(`^${RegExp.escape(name)}$`);
}

/**
 * Returns whether a path in a model's folder is that of a file which this library or nnU-Net writes
 * there.
 *
 * @param path The path, with slashes.
 */
export function isModelFile(path: string): boolean {
  return path.split("/").every(isFileName) && patterns.some((pattern) => pattern.test(path));
}

/** Returns whether a path is that of a model's folder: `Dataset004_H/TRAINER__PLANS__2d`. */
export function isModelFolder(path: string): boolean {
  const [dataset, model, ...deeper] = path.split("/");
  return deeper.length === 0 && isFileName(dataset) && /^Dataset\d{3,}_./.test(dataset) &&
    model !== undefined && isFileName(model) && /^[^/]+?__[^/]+?__[^/]+$/.test(model);
}

/** Returns the configuration in the name of a model's folder. */
export function configurationIn(modelFolder: string): string {
  return modelFolder.split("__").at(-1)!;
}

/** Reads and writes `dataset.json` files. */

import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import { isTaken } from "../platform/files.ts";
import type { DatasetJson } from "./dataset.ts";
import { formatDatasetJson, parseDatasetJson, requireConsistent } from "./dataset_json.ts";
import { type DatasetJsonV1, formatDatasetJsonV1, requireConsistentV1 } from "./dataset_json_v1.ts";
import { readJson } from "../platform/read_text.ts";
import { requireKnown } from "../options/require_known.ts";

/**
 * Reads a `dataset.json` of version 2, or of version 1, which has the key `modality`.
 *
 * Environment variables in the paths of cases are not expanded.
 *
 * @throws {SyntaxError} If the file is not JSON.
 * @throws {TypeError | RangeError} As {@link parseDatasetJson}.
 * @throws {Error} If the file cannot be opened.
 */
export async function readDatasetJson(path: string): Promise<DatasetJson> {
  return parseDatasetJson(await readJson(path), path);
}

/**
 * Writes a `dataset.json` of version 2, completely or not at all.
 *
 * @throws {RangeError} As {@link parseDatasetJson}.
 */
export async function writeDatasetJson(path: string, value: DatasetJson): Promise<void> {
  requireConsistent(value, `Cannot write ${path}`);
  await writeJsonAtomically(path, formatDatasetJson(value));
}

/**
 * Writes a `dataset.json` of version 1, completely or not at all.
 *
 * @param path Path of the file, `dataset.json`.
 * @param value The contents.
 * @param options Whether to replace an existing file; true by default.
 * @returns Whether the file was written.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If there are no channels, no labels besides the background, or duplicate
 * names.
 *
 * @example A task with one case
 * ```ts
 * import { writeDatasetJsonV1 } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const written = await writeDatasetJsonV1(`${folder}/dataset.json`, {
 *   name: "Brain",
 *   modality: ["MRI"],
 *   labels: ["background", "brain"],
 *   trainingCases: ["b_001"],
 *   testCases: [],
 * });
 * assert(written);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeDatasetJsonV1(
  path: string,
  value: DatasetJsonV1,
  options: { readonly overwrite?: boolean } = {},
): Promise<boolean> {
  requireKnown(options, { overwrite: true }, "write dataset.json");
  const { overwrite = true } = options;
  requireConsistentV1(value, `Cannot write ${path}`);
  if (!overwrite && await isTaken(path)) return false;
  await writeFileAtomically(path, formatDatasetJsonV1(value));
  return true;
}

/** Gives a data set the plans of another, as fine-tuning needs. */

import type { Dataset, FoldersOrRoot } from "../dataset/dataset.ts";
import { describeDatasets, listDatasets } from "../dataset/list_datasets.ts";
import { writeDatasetJson } from "../files/dataset_file.ts";
import { foldersIn } from "../files/folders.ts";
import { movedPlans } from "../files/moved_plans_json.ts";
import { datasetFolderName, fileNames } from "../files/paths.ts";
import { readGrid } from "../image/read_grid.ts";
import { requestedReader } from "../image/reader.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { exists } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { readParsed } from "../platform/read_text.ts";
import { requireFileName } from "../untrusted/file_name.ts";
import { MissingPlansError } from "./missing_plans_error.ts";
import { readerName } from "./reader_name.ts";

/** Which plans to move, and where. */
export type MovePlansOptions = FoldersOrRoot & {
  /** Id of the data set that has the plans. */
  readonly source: number;
  /** The plans' name, such as `nnUNetPlans`. */
  readonly plansName: string;
  /** The data set that the plans are for. */
  readonly target: Pick<Dataset, "id" | "name" | "json" | "cases">;
  /** The plans' name there; the same by default. */
  readonly targetPlansName?: string;
};

const movePlansOptions: KnownOptions<MovePlansOptions> = {
  source: true,
  plansName: true,
  target: true,
  targetPlansName: true,
  root: true,
  folders: true,
};

/**
 * Copies plans to the folder of another data set in `nnUNet_preprocessed`, so that both are
 * preprocessed alike, and one can be trained from weights of the other. Patch and network stay; the
 * data set's name, the plans' name and the reader change. `dataset.json` is written as well.
 *
 * @param options The plans, and the data set that they are for.
 * @returns Path of the new plans.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a name of plans is not a valid file name.
 * @throws {MissingPlansError} If the source has no plans of this name.
 * @throws {SyntaxError} If they are invalid.
 * @throws {Error} If several data sets have the source's id, or a file cannot be read or written.
 *
 * @example Preprocessing a small data set by the plans of a large one
 * ```ts ignore
 * import { Dataset, movePlans, Plans } from "nnunet";
 *
 * const target = await Dataset.open({ root: "nnunet", id: 4 });
 * await movePlans({
 *   ...{ root: "nnunet", source: 2, plansName: "nnUNetPlans" },
 *   ...{ target, targetPlansName: "nnUNetPlansFrom2" },
 * });
 * const plans = await Plans.open({ root: "nnunet", id: 4, plansName: "nnUNetPlansFrom2" });
 * await plans.preprocess(target, { configurations: ["3d_fullres"] });
 * ```
 */
export async function movePlans(options: MovePlansOptions): Promise<string> {
  requireKnown(options, movePlansOptions, "move plans");
  const { source, plansName, target, targetPlansName = plansName } = options;
  requireFileName(plansName, "Cannot move plans: plansName");
  requireFileName(targetPlansName, "Cannot move plans: targetPlansName");
  const { preprocessed } = options.folders ?? foldersIn(options.root);
  const path = await plansOf(preprocessed, source, plansName);
  const datasetName = datasetFolderName(target.id, target.name);
  const imageReaderWriter = await readerOf(target);
  const text = await readParsed(
    path,
    "plans",
    (text) => movedPlans(text, { datasetName, plansName: targetPlansName, imageReaderWriter }),
  );
  const folder = join(preprocessed, datasetName);
  await writeDatasetJson(join(folder, fileNames.dataset), target.json);
  const moved = join(folder, fileNames.plans(targetPlansName));
  await writeFileAtomically(moved, text);
  return moved;
}

/** Returns the path of a data set's plans. */
async function plansOf(preprocessed: string, id: number, plansName: string): Promise<string> {
  const datasets = await listDatasets(preprocessed);
  const matches = datasets.filter((dataset) => dataset.id === id);
  if (matches.length > 1) {
    const found = matches.map(({ folder }) => folder).join(", ");
    throw new Error(
      `Cannot move plans of data set ${id}: found ${found}, expected one folder with this id`,
    );
  }
  if (matches.length === 0) {
    const found = await describeDatasets(preprocessed, datasets);
    throw new MissingPlansError({ id, plansName, path: preprocessed }, found);
  }
  const path = join(matches[0].folder, fileNames.plans(plansName));
  if (await exists(path)) return path;
  throw new MissingPlansError({ id, plansName, path }, `found no ${path}`);
}

/** Returns the name of the reader with which Python reads a data set. */
async function readerOf({ json, cases }: MovePlansOptions["target"]): Promise<string> {
  const { overwriteImageReaderWriter, fileEnding } = json;
  const requested = requestedReader(overwriteImageReaderWriter);
  if (requested !== undefined) return requested;
  const [first] = cases;
  const planar = first !== undefined &&
    (await readGrid(first.images[0])).geometry.shape[0] === 1;
  return readerName(fileEnding, { planar });
}

/** Opens and creates data sets on disk. */

import { join } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { fileNames } from "../files/paths.ts";
import { type Folders, foldersIn } from "../files/folders.ts";
import { listTestCases, listTrainingCases } from "./cases.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { createDataset, type DatasetSource, datasetSource } from "./create_dataset.ts";
import { type DatasetPlace, describeDatasets, listDatasets } from "./list_datasets.ts";
import { MissingDatasetError } from "./missing_dataset_error.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import {
  flag,
  numberThat,
  requireList,
  requireOption,
  requireValue,
  type Rule,
  text,
} from "../options/require_value.ts";

/** Location of nnU-Net's folders: a common parent folder, or each folder. */
export type FoldersOrRoot =
  | { readonly root: string; readonly folders?: undefined }
  | { readonly folders: Folders; readonly root?: undefined };

/** Options of {@link Dataset.open}. */
export type OpenDatasetOptions = FoldersOrRoot & {
  /** The data set's id. */
  readonly id: number;
  /**
   * Returns the values of environment variables used in `dataset.json`, such as
   * `(name) => Deno.env.get(name)`; none by default.
   */
  readonly variables?: (name: string) => string | undefined;
};

const places: KnownOptions<FoldersOrRoot> = { root: true, folders: true };
const openOptions: KnownOptions<OpenDatasetOptions> = { ...places, id: true, variables: true };

/**
 * A data set in nnU-Net's raw layout, ready for planning and training.
 *
 * @example Opening a data set and planning it
 * ```ts ignore
 * import { Dataset, Planner } from "nnunet";
 *
 * const dataset = await Dataset.open({ root: "nnunet", id: 4 });
 * const plans = await new Planner().plan(dataset);
 * ```
 */
export class Dataset {
  /** The number in the folder's name, 1 to 999. */
  readonly id: number;
  /** The folder's name after the number, such as `Hippocampus`. */
  readonly name: string;
  /** The data set's folder in `nnUNet_raw`. */
  readonly folder: string;
  /** nnU-Net's three folders. */
  readonly folders: Folders;
  /** The contents of `dataset.json`: channels, labels and file ending. */
  readonly json: DatasetJson;
  /** Training cases, sorted by name. */
  readonly cases: readonly TrainingCase[];
  /** Test cases, sorted by name. */
  readonly testCases: readonly TestCase[];

  private constructor(
    place: DatasetPlace,
    folders: Folders,
    json: DatasetJson,
    cases: readonly TrainingCase[],
    testCases: readonly TestCase[],
  ) {
    this.id = place.id;
    this.name = place.name;
    this.folder = place.folder;
    this.folders = folders;
    this.json = json;
    this.cases = cases;
    this.testCases = testCases;
  }

  /**
   * Creates a data set from a folder of images and a folder of label maps.
   *
   * All files are read and checked first. The data set is written completely or not at all.
   *
   * @param options The files, the data set's description, and where nnU-Net's folders are.
   * @returns The new data set.
   * @throws {TypeError} If an option is unknown, missing or of the wrong kind.
   * @throws {RangeError} If the id, name, channels or classes are invalid.
   * @throws {AlreadyExistsError} If the id is in use.
   * @throws {IntegrityError} If the files have problems.
   * @throws The signal's reason, if it is aborted; nothing is written then.
   *
   * @example A data set with one case
   * ```ts
   * import assert from "node:assert/strict";
   * import { Dataset, imageFrom, segmentationFrom, writeImage, writeSegmentation } from "nnunet";
   *
   * const root = await Deno.makeTempDir();
   * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
   * await writeImage(`${root}/input/a.nii.gz`, imageFrom(Float32Array.of(1, 2, 3, 4), grid));
   * await writeSegmentation(
   *   `${root}/ground_truth/a.nii.gz`,
   *   segmentationFrom(Uint8Array.of(0, 1, 2, 2), grid),
   * );
   * const dataset = await Dataset.create({
   *   root,
   *   id: 4,
   *   name: "Hippocampus",
   *   images: `${root}/input`,
   *   labels: `${root}/ground_truth`,
   *   channels: ["MRI"],
   *   classes: ["anterior", "posterior"],
   * });
   * assert.deepEqual(dataset.cases.map(({ name }) => name), ["a"]);
   * assert.deepEqual(dataset.json.labels, { background: 0, anterior: 1, posterior: 2 });
   * await Deno.remove(root, { recursive: true });
   * ```
   */
  static async create(options: FoldersOrRoot & DatasetSource): Promise<Dataset> {
    const action = "create a data set";
    requireKnown(options, { ...places, ...datasetSource }, action);
    requireSource(options, action);
    const folders = resolveFolders(options, action);
    await createDataset(folders.raw, options);
    return await Dataset.open({ folders, id: options.id });
  }

  /**
   * Opens a data set by its id.
   *
   * @param options The data set's id, and where nnU-Net's folders are.
   * @returns The data set, with its cases.
   * @throws {TypeError} If an option is unknown, missing or of the wrong kind.
   * @throws {MissingDatasetError} If no data set has this id.
   * @throws {Error} If several have it, or `dataset.json` cannot be read.
   * @throws {RangeError} If `dataset.json` lists paths that leave its folder or use unset variables.
   *
   * @example Opening a data set whose cases are listed in `dataset.json`
   * ```ts
   * import assert from "node:assert/strict";
   * import { Dataset } from "nnunet";
   *
   * const root = await Deno.makeTempDir();
   * const folder = `${root}/nnUNet_raw/Dataset004_Hippocampus`;
   * await Deno.mkdir(folder, { recursive: true });
   * await Deno.writeTextFile(
   *   `${folder}/dataset.json`,
   *   JSON.stringify({
   *     channel_names: { 0: "MRI" },
   *     labels: { background: 0, hippocampus: 1 },
   *     numTraining: 1,
   *     file_ending: ".nii.gz",
   *     dataset: { a: { images: ["$SCANS/a.nii.gz"], label: "$SCANS/a_label.nii.gz" } },
   *   }),
   * );
   * const dataset = await Dataset.open({ root, id: 4, variables: () => "/scans" });
   * assert.equal(dataset.name, "Hippocampus");
   * assert.deepEqual(dataset.cases[0].images, ["/scans/a.nii.gz"]);
   * await Deno.remove(root, { recursive: true });
   * ```
   */
  static async open(options: OpenDatasetOptions): Promise<Dataset> {
    requireKnown(options, openOptions, "open a data set");
    const { id, variables } = options;
    requireId(id, "open a data set");
    const folders = resolveFolders(options, "open a data set");
    const places = await listDatasets(folders.raw);
    const matches = places.filter((place) => place.id === id);
    if (matches.length === 0) {
      throw new MissingDatasetError(id, folders.raw, await describeDatasets(folders.raw, places));
    }
    if (matches.length > 1) {
      const found = matches.map(({ folder }) => folder).join(", ");
      throw new Error(
        `Cannot open data set ${id}: found ${found}, expected one folder with this id`,
      );
    }
    const [place] = matches;
    const json = await readDatasetJson(join(place.folder, fileNames.dataset));
    return new Dataset(
      place,
      folders,
      json,
      await listTrainingCases(place.folder, json, variables),
      await listTestCases(place.folder, json),
    );
  }
}

/**
 * Returns nnU-Net's folders.
 *
 * @param action What cannot be done without, for messages.
 * @throws {TypeError} If neither `root` nor `folders` is a path or paths.
 */
export function resolveFolders({ root, folders }: FoldersOrRoot, action: string): Folders {
  if (folders === undefined) {
    const rule = { ...text, expected: "the path of the folder with nnU-Net's three folders" };
    requireValue(root, rule, action, "root");
    return foldersIn(root as string);
  }
  const rule = { expected: "an object, such as `foldersIn(root)` returns", isKind: isObject };
  requireValue(folders, rule, action, "folders");
  for (const name of ["raw", "preprocessed", "results"] as const) {
    requireValue(folders[name], text, action, `folders.${name}`);
  }
  return folders;
}

/** A data set, or an object with what functions read of one. */
export const aDataset: Rule = {
  expected: "a data set, as `Dataset.open()` returns it",
  isKind: (value) =>
    typeof value === "object" && value !== null && "cases" in value && Array.isArray(value.cases),
};

/** @throws {TypeError} If a data set's id is not a number. */
export function requireId(id: unknown, action: string): void {
  requireValue(id, numberThat("an integer", Number.isInteger), action, "id");
}

/** Checks the kinds of what describes a new data set; `createDataset()` checks the values. */
function requireSource(source: DatasetSource, action: string): void {
  const { id, name, images, labels, channels, classes, test, regionsClassOrder } = source;
  requireValue(id, numberThat("an integer from 1 to 999", () => true), action, "id");
  requireValue(name, { ...text, holds: undefined }, action, "name");
  requireValue(images, { ...text, expected: "the path of a folder" }, action, "images");
  requireValue(labels, { ...text, expected: "the path of a folder" }, action, "labels");
  requireList(channels, text, action, "channels", 'a list with one name per channel, as ["MRI"]');
  if (Array.isArray(classes)) requireList(classes, text, action, "classes", "a list of names");
  requireOption(classes, classNames, action, "classes");
  requireOption(test, testCases, action, "test");
  if (Array.isArray(test)) requireList(test, text, action, "test", "a list of names");
  requireOption(
    regionsClassOrder,
    { expected: "a list of integers", isKind: Array.isArray },
    action,
    "regionsClassOrder",
  );
  requireOption(source.overwrite, flag, action, "overwrite");
}

const classNames: Rule = {
  expected: 'a list of names, as ["tumour"], or an object from names to integers',
  isKind: isObject,
};

const testCases: Rule = {
  expected: "the path of a folder, or a list of cases' names",
  isKind: (value) => typeof value === "string" || Array.isArray(value),
};

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !("then" in value);
}

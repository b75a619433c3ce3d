/** Lists the cases of a data set in nnU-Net's raw layout. */

import { join } from "../platform/paths.ts";
import { isFolder } from "../platform/files.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { readScanFolder } from "../image/scan_folder.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { fileNames } from "../files/paths.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { groupScans } from "./case_folder.ts";
import { resolveListedCases, type Variables } from "./case_paths.ts";

/**
 * Returns the training cases, sorted by name: those listed in `dataset.json` if it lists any, else
 * those in `imagesTr`.
 *
 * @param variables Values of the environment variables used in listed paths; none by default.
 * @throws {RangeError} As {@link resolveListedCases}.
 */
export async function listTrainingCases(
  folder: string,
  json: DatasetJson,
  variables: Variables = () => undefined,
): Promise<TrainingCase[]> {
  if (json.cases) return resolveListedCases(folder, json.cases, variables);
  const cases = await listCasesIn(join(folder, fileNames.imagesTr), json.fileEnding);
  return cases.map((one) => ({
    ...one,
    label: join(folder, fileNames.labelsTr, one.name + json.fileEnding),
  }));
}

/**
 * Returns the names of the training cases, sorted, without resolving the paths that `dataset.json`
 * may list.
 */
export async function listTrainingNames(folder: string, json: DatasetJson): Promise<string[]> {
  if (json.cases) return Object.keys(json.cases).sort();
  const cases = await listCasesIn(join(folder, fileNames.imagesTr), json.fileEnding);
  return cases.map(({ name }) => name);
}

/** Returns the test cases, sorted by name. */
export function listTestCases(folder: string, json: DatasetJson): Promise<TestCase[]> {
  return listCasesIn(join(folder, fileNames.imagesTs), json.fileEnding);
}

/**
 * Lists the files in a data set's folders of images that belong to no case, with their paths. If
 * `dataset.json` lists the training cases, only the test images are examined.
 */
export async function listIgnoredImages(
  folder: string,
  { cases, fileEnding }: Pick<DatasetJson, "cases" | "fileEnding">,
): Promise<IgnoredFile[]> {
  const ignored: IgnoredFile[] = [];
  for (const child of cases ? [fileNames.imagesTs] : [fileNames.imagesTr, fileNames.imagesTs]) {
    const images = join(folder, child);
    if (!await isFolder(images)) continue;
    const found = await readScanFolder(images);
    const { others } = groupScans(found.scans, images, fileEnding);
    for (const { path, reason } of [...found.ignored, ...others]) {
      ignored.push({ path: join(images, path), reason });
    }
  }
  return ignored;
}

/** All cases of a data set's folder, complete or not; none if the folder is missing. */
async function listCasesIn(folder: string, fileEnding: string): Promise<TestCase[]> {
  if (!await isFolder(folder)) return [];
  const { scans } = await readScanFolder(folder);
  const { cases, incomplete } = groupScans(scans, folder, fileEnding);
  return [...cases, ...incomplete]
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The cases of a data set in nnU-Net's raw layout. */

import { basename, join } from "@std/path";
import type { DatasetJson } from "../files/dataset_json.ts";
import { fileNames } from "../files/paths.ts";
import { imageEndingOf, listScans } from "../image/registry.ts";
import { resolveListedCases, type Variables } from "./case_paths.ts";

/** The files of a case without a label. */
export interface TestCase {
  readonly name: string;
  /** Paths, ordered by channel. */
  readonly images: readonly string[];
}

/** The files of a case that is learned from. */
export interface TrainingCase extends TestCase {
  /** Path of its label map, whether or not there is one. */
  readonly label: string;
}

/** The `_0000` between a case's name and its file ending. */
const channelSuffix = /^(.+)_(\d{4})$/;

/** A file name without its ending taken apart, if it names a channel. */
export function splitChannelSuffix(
  stem: string,
): { readonly caseName: string; readonly channel: number } | undefined {
  const match = stem.match(channelSuffix);
  return match ? { caseName: match[1], channel: Number(match[2]) } : undefined;
}

/**
 * Training cases by name: those that `dataset.json` lists, else those in the usual folders.
 *
 * @param variables Values for the environment variables that listed paths name; none by default.
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

/** Test cases by name. */
export function listTestCases(folder: string, json: DatasetJson): Promise<TestCase[]> {
  return listCasesIn(join(folder, fileNames.imagesTs), json.fileEnding);
}

/**
 * Cases of a folder of channel files; files of other names or endings are passed over. A folder of
 * DICOM slices is a channel, and a case of one channel if its name carries no number.
 */
export async function listCasesIn(folder: string, fileEnding: string): Promise<TestCase[]> {
  const images = new Map<string, string[]>();
  for (const name of await listScans(folder)) {
    const isSeries = imageEndingOf(name) === undefined;
    if (!isSeries && !name.endsWith(fileEnding)) continue;
    const parts = splitChannelSuffix(isSeries ? name : basename(name, fileEnding)) ??
      (isSeries ? { caseName: name } : undefined);
    if (!parts) continue;
    const paths = images.get(parts.caseName) ?? [];
    paths.push(join(folder, name));
    images.set(parts.caseName, paths);
  }
  return [...images].map(([name, paths]) => ({ name, images: paths }));
}

/** The cases of a data set in nnU-Net's raw layout. */

import { basename, join } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset_json.ts";
import { fileNames } from "../files/paths.ts";
import { imageEndingOf, listScans } from "../image/registry.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { resolveListedCases, type Variables } from "./case_paths.ts";

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
 * The case and channel that a scan of a data set is, by its name: a file `a_0001.nii.gz`, or a
 * folder of DICOM slices `a_0001`. A folder `a` is the first channel.
 */
export function channelOf(
  scan: string,
  fileEnding: string,
): { readonly caseName: string; readonly channel: number } | undefined {
  if (imageEndingOf(scan) === undefined) {
    return splitChannelSuffix(scan) ?? { caseName: scan, channel: 0 };
  }
  return scan.endsWith(fileEnding) ? splitChannelSuffix(basename(scan, fileEnding)) : undefined;
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
 * Cases of a folder of channels, named as {@link channelOf} has them; files of other names or
 * endings are passed over.
 */
export async function listCasesIn(folder: string, fileEnding: string): Promise<TestCase[]> {
  const images = new Map<string, string[]>();
  for (const name of await listScans(folder)) {
    const parts = channelOf(name, fileEnding);
    if (!parts) continue;
    const paths = images.get(parts.caseName) ?? [];
    paths.push(join(folder, name));
    images.set(parts.caseName, paths);
  }
  return [...images].map(([name, paths]) => ({ name, images: paths }));
}

/** Lists the cases of a data set in nnU-Net's raw layout. */

import { basename, join } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { fileNames } from "../files/paths.ts";
import { imageEndingOf } from "../image/registry.ts";
import { listScans } from "../image/image_files.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { resolveListedCases, type Variables } from "./case_paths.ts";

/** Matches a case's name and channel number, such as `la_003_0000`. */
const channelSuffix = /^(.+)_(\d{4})$/;

/** Splits a file name without its ending into case and channel; undefined without a channel. */
export function splitChannelSuffix(
  stem: string,
): { readonly caseName: string; readonly channel: number } | undefined {
  const match = stem.match(channelSuffix);
  return match ? { caseName: match[1], channel: Number(match[2]) } : undefined;
}

/**
 * Returns the case and channel of a scan by its name: a file `a_0001.nii.gz`, or a folder of DICOM
 * slices `a_0001`. A folder `a` is the first channel.
 *
 * @returns Undefined for files with another ending or without a channel number.
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

/** Returns the test cases, sorted by name. */
export function listTestCases(folder: string, json: DatasetJson): Promise<TestCase[]> {
  return listCasesIn(join(folder, fileNames.imagesTs), json.fileEnding);
}

/**
 * Returns the cases of a folder of images, sorted by name. Files without a channel number or with
 * another ending are skipped.
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

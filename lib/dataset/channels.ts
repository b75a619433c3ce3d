/** Recognises a case and its channel by the name of a scan. */

import { basename } from "../platform/paths.ts";
import { datasetEndingOf, imageEndingOf } from "../image/registry.ts";

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
  const stem = stemFor(scan, fileEnding);
  return stem === undefined ? undefined : splitChannelSuffix(stem);
}

/**
 * Returns a scan's name without its ending, if a data set with a file ending may have it: files of
 * formats that nnU-Net does not read count as those to which new data sets convert them.
 *
 * @returns Undefined for files with another ending.
 */
export function stemFor(scan: string, fileEnding: string): string | undefined {
  if (scan.endsWith(fileEnding)) return basename(scan, fileEnding);
  const ending = imageEndingOf(scan);
  if (ending === undefined) return undefined;
  const converted = datasetEndingOf(ending);
  const isConverted = converted !== ending.toLowerCase() && converted === fileEnding;
  return isConverted ? scan.slice(0, -ending.length) : undefined;
}

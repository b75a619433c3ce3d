/** Recognises a case and its channel by the name of a scan. */

import { basename } from "../platform/paths.ts";
import { imageEndingOf } from "../image/registry.ts";

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

/** Checks that a model can predict scans, before any work is done on them. */

import { isPlanar } from "../image/geometry.ts";
import type { Image } from "../image/image.ts";
import { readerOf } from "../image/reader.ts";
import { reorientGrid } from "../image/reorient.ts";
import { readGrid } from "../image/read_grid.ts";
import type { DatasetJson } from "../files/dataset.ts";
import type { Configuration } from "../files/plans.ts";
import type { CaseSource } from "./case_job.ts";

/** The properties of a model that a scan must match. */
export interface ScanFacts {
  readonly datasetJson: Pick<DatasetJson, "channelNames">;
  readonly configuration: Pick<Configuration, "patchSize">;
}

/** A scan's grid and its number of channels in all files together. */
export type ScanHeader = Pick<Image, "geometry" | "channels">;

/**
 * Reads a case's grid and number of channels, without its voxels where the format allows.
 *
 * @param reader Name of the reader that the plans name; any by default.
 * @param onWarning Called with what may not be as intended in the scan.
 * @returns Undefined if the header cannot be read (reading the case then reports why), or if the
 * case was checked when it was preprocessed.
 */
export async function readScanHeader(
  source: CaseSource,
  reader?: string,
  onWarning?: (message: string) => void,
): Promise<ScanHeader | undefined> {
  if ("preprocessedFolder" in source) return undefined;
  if ("image" in source) {
    const { geometry, channels } = source.image;
    return { geometry: reorientGrid(geometry, readerOf(reader, "the scan"), "the scan"), channels };
  }
  const warnings: string[] = [];
  let header: ScanHeader | undefined;
  try {
    // Files of a case share a grid; if they do not, reading the case reports it.
    const { geometry, channels } = await readGrid(source.files[0], {
      reader,
      series: source.series,
      onWarning: (message) => warnings.push(message),
    });
    header = { geometry, channels: channels * source.files.length };
  } catch {
    // Reading the case reports why.
  }
  for (const message of warnings) onWarning?.(message); // What it throws is not the file's fault.
  return header;
}

/**
 * Checks a scan's number of channels.
 *
 * @param name The case's name, for the message.
 * @throws {TypeError} If the model takes more or fewer channels.
 */
export function requireChannels(
  name: string,
  channels: number,
  { datasetJson: { channelNames } }: Pick<ScanFacts, "datasetJson">,
): void {
  if (channels === channelNames.length) return;
  throw new TypeError(
    `Cannot predict "${name}": the image has ${channels} channels, expected ` +
      `${channelNames.length} (${channelNames.join(", ")})`,
  );
}

/**
 * Checks that a model can predict a scan.
 *
 * @param name The case's name, for the message.
 * @throws {TypeError} If the model takes another number of channels, or if the scan is a single
 * plane without depth and the network takes volumes.
 */
export function requirePredictable(
  name: string,
  { geometry, channels }: ScanHeader,
  facts: ScanFacts,
): void {
  requireChannels(name, channels, facts);
  const { shape } = geometry;
  if (facts.configuration.patchSize.length === 3 && isPlanar(geometry)) {
    throw new TypeError(
      `Cannot predict "${name}": it is a picture of ${shape[1]} × ${shape[2]} pixels without a ` +
        "depth, expected a volume",
    );
  }
}

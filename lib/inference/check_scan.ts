/** Checks that scans fit a model, before any work on them. */

import { isPlanar } from "../image/geometry.ts";
import type { Image } from "../image/image.ts";
import { readGrid } from "../image/read_grid.ts";
import type { DatasetJson } from "../files/dataset_json.ts";
import type { Configuration } from "../files/plans.ts";
import type { CaseSource } from "./case_job.ts";

/** What a scan has to fit of a model. */
export interface ScanFacts {
  readonly dataset: Pick<DatasetJson, "channelNames">;
  readonly configuration: Pick<Configuration, "patchSize">;
}

/** A scan's grid and its number of channels over all files. */
export type ScanHead = Pick<Image, "geometry" | "channels">;

/**
 * Grid and channels of a case, read without its voxels where the format allows; undefined where they
 * cannot be read (reading the case then says why) or were checked when it was preprocessed.
 */
export async function scanHead(source: CaseSource): Promise<ScanHead | undefined> {
  if ("preprocessedFolder" in source) return undefined;
  if ("image" in source) return source.image;
  try {
    // Files of a case share a grid; reading the case reports where they do not.
    const { geometry, channels } = await readGrid(source.files[0]);
    return { geometry, channels: channels * source.files.length };
  } catch {
    return undefined;
  }
}

/**
 * Checks a scan's channels, which is all that can be checked of a case whose header was not readable.
 *
 * @param name The case's name, for the message.
 * @throws {TypeError} If there are more or fewer channels than the model takes.
 */
export function requireChannels(
  name: string,
  channels: number,
  { dataset: { channelNames } }: Pick<ScanFacts, "dataset">,
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
 * @throws {TypeError} If its channels are not the model's, or it is a picture of one plane and the
 * network takes volumes.
 */
export function requirePredictable(
  name: string,
  { geometry, channels }: ScanHead,
  facts: ScanFacts,
): void {
  const fail = (found: string) => `Cannot predict "${name}": ${found}`;
  requireChannels(name, channels, facts);
  const { shape } = geometry;
  if (facts.configuration.patchSize.length === 3 && isPlanar(geometry)) {
    throw new TypeError(
      fail(
        `it is a picture of ${shape[1]} × ${shape[2]} pixels without a depth, expected a volume`,
      ),
    );
  }
}

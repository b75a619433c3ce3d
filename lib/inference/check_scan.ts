/** Refuses scans that do not fit a model, before any work on them. */

import { isPlanar } from "../image/geometry.ts";
import type { Geometry, Image } from "../image/image.ts";
import { readGrid } from "../image/read_grid.ts";
import type { CaseSource, ModelFacts } from "./case_job.ts";

/** A scan's grid and how many channels it has in all. */
export type ScanHead = Pick<Image, "geometry" | "channels">;

/**
 * Grid and channels of a case, read without its voxels where the format allows; undefined where they
 * cannot be read, which reading the case explains, or were checked when it was preprocessed.
 */
export async function scanHead(source: CaseSource): Promise<ScanHead | undefined> {
  if ("preprocessedFolder" in source) return undefined;
  if ("image" in source) return source.image;
  try {
    // A case's files are alike, or reading it says where they differ.
    const { geometry, channels } = await readGrid(source.files[0]);
    return { geometry, channels: channels * source.files.length };
  } catch {
    return undefined;
  }
}

/**
 * @param name Of the case.
 * @throws {TypeError} If it has not the model's channels, no geometry, or is a picture of one plane
 * where the network sees volumes.
 * @throws {RangeError} If its voxels have no extent.
 */
export function requireFits(
  name: string,
  { geometry, channels }: { readonly geometry?: Geometry; readonly channels: number },
  { channelNames, configuration: { patchSize } }: ModelFacts,
): void {
  const fail = (found: string) => `Cannot predict "${name}": ${found}`;
  if (channels !== channelNames.length) {
    throw new TypeError(
      fail(
        `the image has ${channels} channels, expected ${channelNames.length} ` +
          `(${channelNames.join(", ")})`,
      ),
    );
  }
  if (!geometry?.shape || !geometry.spacing || !geometry.affine) {
    throw new TypeError(
      fail("the image has no geometry, expected shape and spacing, (z, y, x), and an affine"),
    );
  }
  const { shape, spacing } = geometry;
  if (!spacing.every((extent) => extent > 0 && Number.isFinite(extent))) {
    throw new RangeError(
      fail(`its spacing is ${spacing.join(" × ")} mm, expected positive numbers`),
    );
  }
  if (patchSize.length === 3 && isPlanar(geometry)) {
    throw new TypeError(
      fail(
        `it is a picture of ${shape[1]} × ${shape[2]} pixels without a depth, expected a volume`,
      ),
    );
  }
}

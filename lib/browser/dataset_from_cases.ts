/** Makes data sets from scans in memory. */

import { Dataset } from "../dataset/dataset.ts";
import type { DatasetSource } from "../dataset/create_dataset.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { writeImage, writeSegmentation } from "../image/image_files.ts";
import { createFolder, createTemporaryFolder, remove } from "../platform/files.ts";
import { join } from "../platform/paths.ts";

/** A scan in memory, with its label map. */
export interface MemoryCase {
  /** Name of the case. */
  readonly name: string;
  /** The scan; all cases have the same number of channels. */
  readonly image: Image;
  /** Its label map; a test case may have none. */
  readonly labels?: Segmentation;
}

/** Options of {@link datasetFromCases}. */
export interface CasesSource
  extends
    Pick<DatasetSource, "id" | "name" | "channels" | "classes" | "regionsClassOrder">,
    Pick<DatasetSource, "overwrite" | "signal" | "onProgress"> {
  /** Folder of nnU-Net's folders, such as `/`. */
  readonly root: string;
  /** The cases. */
  readonly cases: readonly MemoryCase[];
  /** Names of the cases to exclude from training; none by default. */
  readonly test?: readonly string[];
}

/**
 * Makes a data set from scans in memory, in the page's files, as `Dataset.create()` does from files.
 *
 * @param options The cases, and the data set's description.
 * @returns The data set.
 * @throws {RangeError} If the id, name, channels or classes are invalid.
 * @throws {AlreadyExistsError} If the id is in use.
 * @throws {IntegrityError} If cases have problems.
 * @throws The signal's reason, if it is aborted; nothing is written then.
 *
 * @example A data set of two phantoms
 * ```ts ignore
 * import { datasetFromCases, generatePhantom, phantomLabels } from "nnunet/browser";
 *
 * const dataset = await datasetFromCases({
 *   root: "/",
 *   id: 1,
 *   name: "Phantoms",
 *   channels: ["MRI"],
 *   classes: Object.keys(phantomLabels).slice(1),
 *   cases: [1, 2].map((seed) => ({ name: `phantom_${seed}`, ...generatePhantom({ seed }) })),
 * });
 * ```
 */
export async function datasetFromCases(options: CasesSource): Promise<Dataset> {
  const { cases, ...source } = options;
  const folder = await createTemporaryFolder();
  try {
    const [images, labels] = [join(folder, "images"), join(folder, "labels")];
    for (const one of [images, labels]) await createFolder(one);
    for (const { name, image, labels: map } of cases) {
      source.signal?.throwIfAborted();
      await writeImage(join(images, `${name}.nii.gz`), image);
      if (map) await writeSegmentation(join(labels, `${name}.nii.gz`), map);
    }
    return await Dataset.create({ ...source, images, labels });
  } finally {
    await remove(folder, { recursive: true });
  }
}

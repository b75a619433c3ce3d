/** Names the files that a case's prediction writes. */

import type { TestCase } from "../dataset/case.ts";
import type { DatasetJson } from "../files/dataset.ts";
import {
  dicomSegmentationFileName,
  maskFolder,
  probabilitiesFileName,
  probabilityMapFolder,
  propertiesFileName,
} from "../files/paths.ts";
import { folderNamesOf, namedHeads } from "../model/head_names.ts";
import { join } from "../platform/paths.ts";
import type { CaseJob } from "./case_job.ts";
import type { PredictFolderOptions } from "./predictor_options.ts";

/** What is written besides the label map. */
export type Extras = Pick<
  PredictFolderOptions,
  "saveProbabilities" | "saveDicomSegmentations" | "series" | "probabilityMaps" | "filePerLabel"
>;

/**
 * Returns the job of segmenting a case.
 *
 * @param folder Folder of the results.
 */
export function filedJob(
  { name, images }: TestCase,
  folder: string,
  { labels, fileEnding }: DatasetJson,
  { saveProbabilities, saveDicomSegmentations, series, probabilityMaps, filePerLabel }: Extras,
): CaseJob {
  const heads = namedHeads(labels);
  const folders = folderNamesOf(heads);
  const masks = heads.map(({ labels }, i) => ({
    file: join(folder, maskFolder, folders[i], name + fileEnding),
    labels,
  })).filter(({ labels }) => !labels.includes(0));
  return {
    name,
    source: { files: images, series },
    output: {
      segmentation: join(folder, name + fileEnding),
      ...saveProbabilities && {
        probabilities: {
          array: join(folder, probabilitiesFileName(name)),
          properties: join(folder, propertiesFileName(name)),
        },
      },
      ...saveDicomSegmentations && {
        dicomSegmentation: {
          file: join(folder, dicomSegmentationFileName(name)),
          scan: images[0],
          series,
        },
      },
      ...probabilityMaps && {
        probabilityMaps: folders.map((head) =>
          join(folder, probabilityMapFolder, head, `${name}.nii.gz`)
        ),
      },
      ...filePerLabel && { masks },
    },
  };
}

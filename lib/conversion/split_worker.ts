/** The worker of `convertDecathlon()`: splits scans into channels. */

import { join } from "../platform/paths.ts";
import { fileEndingV1 } from "../files/dataset_json_v1.ts";
import { channelFileName } from "../files/paths.ts";
import { splitNiftiChannels } from "../image/nifti/nifti_channels.ts";
import { serve } from "../runtime/remote.ts";

/** A scan to split, and the folder for its channels. */
export interface SplitJob {
  readonly path: string;
  readonly caseName: string;
  readonly folder: string;
}

const api = {
  /** Splits a scan and returns its number of channels. */
  split: ({ path, caseName, folder }: SplitJob) =>
    splitNiftiChannels(
      path,
      (channel) => join(folder, channelFileName(caseName, channel, fileEndingV1)),
    ),
};

/** Functions of the worker. */
export type SplitApi = typeof api;

serve(api);

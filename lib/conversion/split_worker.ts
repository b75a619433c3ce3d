/** The worker behind `convertDecathlon()`: takes the channels of a scan apart. */

import { join } from "../platform/paths.ts";
import { fileEndingV1 } from "../files/dataset_json_v1.ts";
import { channelFileName } from "../files/paths.ts";
import { splitNiftiChannels } from "../image/nifti_channels.ts";
import { serve } from "../runtime/remote.ts";

/** A scan and where its channels go. */
export interface SplitJob {
  readonly path: string;
  readonly caseName: string;
  readonly folder: string;
}

const api = {
  /** @returns The number of channels. */
  split: ({ path, caseName, folder }: SplitJob) =>
    splitNiftiChannels(
      path,
      (channel) => join(folder, channelFileName(caseName, channel, fileEndingV1)),
    ),
};

/** What the worker serves. */
export type SplitApi = typeof api;

serve(api);

/** Writes checkpoints: encoding a large network's takes longer than the calling thread may wait. */

import { writeCheckpoint } from "../files/checkpoint_file.ts";
import { serve } from "../runtime/remote.ts";

const api = { writeCheckpoint };

/** What the worker serves. */
export type CheckpointApi = typeof api;

serve(api);

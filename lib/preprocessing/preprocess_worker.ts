/** Worker of `preprocessDataset()`: reads a case's files, preprocesses it and writes the result. */

import { freeArray, keepFreedMemory } from "../array/reused_arrays.ts";
import type { AnyCase } from "../dataset/case.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import { serve } from "../runtime/remote.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { preprocessCase, type PreprocessCaseOptions } from "./preprocess_case.ts";
import { writeCase } from "./storage.ts";

/** A case to preprocess and where to write it. */
export interface PreprocessJob
  extends
    AnyCase,
    Pick<PreprocessCaseOptions, "plansData" | "configuration" | "labels" | "threads"> {
  readonly folder: string;
  /** Name of the reader to read images and label maps as. */
  readonly reader: string;
  /** Stored with the case, to check later whether it is up to date. */
  readonly fingerprint: string;
}

const api = {
  async preprocess(
    { images, label, folder, fingerprint, reader, ...options }: PreprocessJob,
    stopFlag: StopFlag,
  ) {
    const signal = checkOf(stopFlag);
    const image = await readImage(images, { reader });
    signal.throwIfAborted();
    const segmentation = label === undefined
      ? undefined
      : await readSegmentation(label, { reader });
    const preprocessed = await preprocessCase({ ...options, image, segmentation, signal });
    signal.throwIfAborted();
    await writeCase(folder, preprocessed, { fingerprint });
    freeArray(preprocessed.data.data);
    if (preprocessed.segmentation) freeArray(preprocessed.segmentation.data);
  },
};

/** The functions that the worker serves. */
export type PreprocessApi = typeof api;

keepFreedMemory();
serve(api);

/** Worker of `extractFingerprintInWorkers()`: reads a case's files and measures them. */

import type { TrainingCase } from "../dataset/case.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import type { ReaderName } from "../image/reader.ts";
import { serve } from "../runtime/remote.ts";
import { factsOf } from "./case_facts.ts";

const api = {
  facts(one: TrainingCase, reader: ReaderName | undefined, quantileCount: number) {
    return factsOf(one, {
      readImage: (paths) => readImage(paths, { reader }),
      readSegmentation: (path) => readSegmentation(path, { reader }),
    }, quantileCount);
  },
};

/** The functions that the worker serves. */
export type FingerprintApi = typeof api;

serve(api);

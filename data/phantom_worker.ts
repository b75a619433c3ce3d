/** Worker that generates phantoms and writes them to files. */

import { writeImage, writeSegmentation } from "../lib/image/image_files.ts";
import { serve } from "../lib/runtime/remote.ts";
import { generatePhantom, type PhantomOptions } from "./phantom.ts";

const api = {
  async write(options: PhantomOptions, imagePath: string, labelsPath: string): Promise<void> {
    const { image, labels } = generatePhantom(options);
    await writeImage(imagePath, image);
    await writeSegmentation(labelsPath, labels);
  },
};

/** The functions that the worker serves. */
export type PhantomApi = typeof api;

serve(api);

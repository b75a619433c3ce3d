/** What every image format offers; formats are values of this type, listed in `registry.ts`. */

import type { Image, Segmentation } from "./image.ts";
import type { StoredImage } from "./stored_image.ts";

/** Reads and writes the files of one image format. */
export interface ImageFormat {
  /** The format's name for people, e.g. `NIfTI`. */
  readonly name: string;
  /** Endings of its files with their dots, the preferred one first. Matched without case. */
  readonly endings: readonly string[];
  /**
   * Reads one file, whatever number type it stores, as float32 with its scaling applied.
   *
   * @throws {Error} Naming the file, if it is missing, cut short or of another kind.
   */
  read(path: string): Promise<Image>;
  /** The same without converting a number; absent where numbers do not lie in files one by one. */
  readStored?(path: string): Promise<StoredImage>;
  /**
   * Writes a scan as float32, whole or not at all; absent where the format holds no such numbers.
   */
  writeImage?(path: string, image: Image): Promise<void>;
  /** Writes a label map as uint8, or as uint16 where labels need it, whole or not at all. */
  writeSegmentation(path: string, segmentation: Segmentation): Promise<void>;
  /** Paths of files that may belong to one, the preferred one first; absent if there are none. */
  companions?(path: string): readonly string[];
}

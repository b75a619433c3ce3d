/** Interface of the image formats, which `registry.ts` lists. */

import type { Image, Segmentation } from "./image.ts";
import type { StoredImage } from "./stored_image.ts";

/** Reads and writes the files of one image format. */
export interface ImageFormat {
  /** The format's display name, such as `NIfTI`. */
  readonly name: string;
  /** File endings with their dots, the preferred one first. Case is ignored. */
  readonly endings: readonly string[];
  /**
   * Reads one file as float32, whatever its number type, with its scaling applied.
   *
   * @throws {Error} If it is missing, truncated or of another format; the message names the file.
   */
  read(path: string): Promise<Image>;
  /** Reads one file without converting numbers; absent if voxels are not stored contiguously. */
  readStored?(path: string): Promise<StoredImage>;
  /** Writes a scan as float32, atomically; absent if the format cannot store such values. */
  writeImage?(path: string, image: Image): Promise<void>;
  /** Writes a label map as uint8, or as uint16 if labels need it, atomically. */
  writeSegmentation(path: string, segmentation: Segmentation): Promise<void>;
  /** Paths of files that may accompany an image, the preferred one first; absent if none may. */
  companions?(path: string): readonly string[];
}

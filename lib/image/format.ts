/** Interface of the image formats, which `registry.ts` lists. */

import type { Image, Segmentation } from "./image.ts";
import type { ImageSource } from "./image_source.ts";
import type { GridConvention } from "./reader.ts";
import type { StoredImage } from "./stored_image.ts";

/** A header, and the file next to it that has the voxels. */
export interface DetachedFiles {
  readonly header: Uint8Array<ArrayBuffer>;
  /** Name of the file with the voxels, in the header's folder. */
  readonly dataName: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The bytes of an image's one or two files. */
export type ImageBytes = Uint8Array<ArrayBuffer> | DetachedFiles;

/** What a format encodes; packing produces it in pieces while other work runs. */
type Encoded = ImageBytes | Promise<ImageBytes>;

/** Decodes and encodes the files of one image format; `image_files.ts` reads and writes them. */
export interface ImageFormat {
  /** The format's display name, such as `NIfTI`. */
  readonly name: string;
  /** File endings with their dots, the preferred one first. Case is ignored. */
  readonly endings: readonly string[];
  /** Whether a JSON file next to the image stores its spacing, which the format cannot store. */
  readonly hasSpacingFile?: boolean;
  /**
   * Ending of the format to which new data sets convert such files, because nnU-Net has no reader
   * for them; absent if it has one.
   */
  readonly datasetEnding?: string;
  /**
   * Lists the other files that have an image's voxels, relative to its folder; absent if the format
   * has one file per image.
   *
   * @throws {Error} If the header cannot be read.
   */
  dataFiles?(source: ImageSource): Promise<readonly string[]>;
  /**
   * Lists the possible names of the file with the voxels if they follow from the image's name, so that
   * they change with it.
   */
  pairedNames?(path: string): readonly string[];
  /**
   * Decodes a file as float32, whatever its number type, with its scaling applied.
   *
   * @param convention How an ambiguous grid is determined; only NIfTI has such grids.
   * @throws {Error} If it is missing, truncated or of another format; the message names the file.
   */
  decode(source: ImageSource, convention: GridConvention): Promise<Image>;
  /** Decodes a file without converting numbers; absent if voxels are not stored contiguously. */
  decodeStored?(source: ImageSource, convention: GridConvention): Promise<StoredImage>;
  /**
   * Encodes a scan as float32; absent if the format cannot store such values.
   *
   * @param path Path of the file, for error messages and, by its ending, compression.
   */
  encodeImage?(image: Image, path: string): Encoded;
  /** Encodes a label map as uint8, or as uint16 if labels need it. */
  encodeSegmentation(segmentation: Segmentation, path: string): Encoded;
}

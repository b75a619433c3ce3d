/** Names nnU-Net's image readers, and what they do with a file's grid. */

/** nnU-Net's readers: plans and `dataset.json` name one of them. */
export const readerNames = [
  "SimpleITKIO",
  "SimpleITKIOWithReorient",
  "NibabelIO",
  "NibabelIOWithReorient",
  "Tiff3DIO",
  "NaturalImage2DIO",
] as const;

/** Name of one of nnU-Net's readers. */
export type ReaderName = typeof readerNames[number];

/**
 * How the grid of a NIfTI file is determined where its header is ambiguous or damaged: as ITK or as
 * nibabel does. Other formats are unambiguous.
 */
export type GridConvention = "ITK" | "nibabel";

/** What a reader does with a file's grid. */
export interface Reader {
  readonly convention: GridConvention;
  /**
   * Whether it reorients voxels on reading, so that x points right, y to the front and z up (RAS),
   * and back on writing.
   */
  readonly reorients: boolean;
}

/**
 * Returns what a reader does.
 *
 * @param name The reader's name, as plans give it; by default, the file's ending decides as in
 * nnU-Net: nibabel for `.nii`, SimpleITK for all others.
 * @param path Path of the file.
 * @throws {RangeError} If nnU-Net has no reader of this name.
 */
export function readerOf(name: string | undefined, path: string): Reader {
  if (name === undefined) {
    return { convention: /\.nii$/i.test(path) ? "nibabel" : "ITK", reorients: false };
  }
  if (isReaderName(name)) {
    return {
      convention: name.startsWith("Nibabel") ? "nibabel" : "ITK",
      reorients: name.endsWith("WithReorient"),
    };
  }
  throw new RangeError(
    `Cannot read ${path}: the image reader is "${name}", expected one of ${readerNames.join(", ")}`,
  );
}

/**
 * Returns the reader that a `dataset.json` asks for.
 *
 * @param name The value of `overwrite_image_reader_writer`, if any.
 * @returns Undefined without a name, and for readers that nnU-Net does not have; nnU-Net then chooses
 * one by the file's ending.
 */
export function requestedReader(name: string | undefined): ReaderName | undefined {
  return name !== undefined && isReaderName(name) ? name : undefined;
}

/** Whether nnU-Net has a reader of this name. */
export function isReaderName(name: string): name is ReaderName {
  return (readerNames as readonly string[]).includes(name);
}

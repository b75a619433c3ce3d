/** nnU-Net's names for image readers. */

/**
 * The file endings of upstream's reader classes, in the order in which upstream tries them. The
 * endings of the last entry are only ours: upstream's class reads such files if `dataset.json` names
 * it as `overwrite_image_reader_writer`.
 */
const readers: readonly (readonly [name: string, endings: readonly string[]])[] = [
  ["NaturalImage2DIO", [".png", ".bmp", ".tif"]],
  ["SimpleITKIO", [".nii.gz", ".nrrd", ".mha", ".gipl"]],
  ["Tiff3DIO", [".tif", ".tiff"]],
  ["NibabelIO", [".nii"]],
  ["SimpleITKIO", [".gipl.gz", ".mhd", ".nhdr", ".hdr"]],
];

/**
 * Returns the class with which Python's nnU-Net reads files of this ending. Plans name it so that
 * Python can train from plans made here.
 *
 * @param options.planar Whether the images have a single slice: upstream tries its 2D reader first
 * and moves on if there are several slices.
 * @throws {RangeError} If nnU-Net has no reader for the ending.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/reader_writer_registry.py
 */
export function readerName(fileEnding: string, { planar }: { planar: boolean }): string {
  const ending = fileEnding.toLowerCase();
  const reader = readers.find(([name, endings]) =>
    endings.includes(ending) && (planar || name !== "NaturalImage2DIO" || ending !== ".tif")
  );
  if (reader) return reader[0];
  const known = [...new Set(readers.flatMap(([, endings]) => endings))].join(", ");
  throw new RangeError(
    `Cannot plan: fileEnding is "${fileEnding}", expected one of ${known}; create_dataset converts ` +
      "files of other formats",
  );
}

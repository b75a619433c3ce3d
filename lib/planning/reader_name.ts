/** nnU-Net's names for what reads images. */

/** Which of upstream's classes takes a file ending, in the order it asks them. */
const readers: readonly (readonly [name: string, endings: readonly string[]])[] = [
  ["NaturalImage2DIO", [".png", ".bmp", ".tif"]],
  ["SimpleITKIO", [".nii.gz", ".nrrd", ".mha", ".gipl"]],
  ["Tiff3DIO", [".tif", ".tiff"]],
  ["NibabelIO", [".nii"]],
];

/**
 * The class that Python's nnU-Net reads files of this ending with; the plans name it, so that
 * training there continues from plans made here.
 *
 * @param options.planar Whether the images are pictures of one slice: upstream tries its reader of
 * pictures on a file and moves on if there are several slices.
 * @throws {RangeError} If nnU-Net has none.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/reader_writer_registry.py
 */
export function readerName(fileEnding: string, { planar }: { planar: boolean }): string {
  const ending = fileEnding.toLowerCase();
  const reader = readers.find(([name, endings]) =>
    endings.includes(ending) && (planar || name !== "NaturalImage2DIO" || ending !== ".tif")
  );
  if (reader) return reader[0];
  const known = readers.flatMap(([, endings]) => endings).join(", ");
  throw new RangeError(`Cannot plan: file ending is "${fileEnding}", expected one of ${known}`);
}

/** Makes small DICOM structure sets. */

import { type Element, encodeDicom } from "../../../lib/image/dicom/dicom_writer.ts";
import { readImage } from "../../../lib/image/image_files.ts";

const structureSet = "1.2.840.10008.5.1.4.1.1.481.3";

/** A structure set of contours by name; each is its points, (x, y, z) in LPS mm. */
export function contoursFile(
  rois: Readonly<Record<string, readonly (readonly number[])[]>>,
): Uint8Array<ArrayBuffer> {
  const elements: Element[] = [
    ["00080016", "UI", structureSet],
    ["00080018", "UI", "1.2.3"],
    [
      "30060020",
      "SQ",
      Object.keys(rois).map((name, i): Element[] => [
        ["30060022", "IS", [i + 1]],
        ["30060026", "LO", name],
      ]),
    ],
    [
      "30060039",
      "SQ",
      Object.values(rois).map((contours, i): Element[] => [
        [
          "30060040",
          "SQ",
          contours.map((points): Element[] => [
            ["30060042", "CS", "CLOSED_PLANAR"],
            ["30060050", "DS", points],
          ]),
        ],
        ["30060084", "IS", [i + 1]],
      ]),
    ],
  ];
  return encodeDicom(elements, { sopClass: structureSet, sopInstance: "1.2.3" });
}

/** A rectangle around the centres of pixels, from and up to, in a slice. */
export async function rectangle(scan: string, z: number, [x0, y0]: number[], [x1, y1]: number[]) {
  const { geometry: { affine } } = await readImage([scan]);
  const corners = [[x0 - 0.4, y0 - 0.4], [x1 + 0.4, y0 - 0.4], [x1 + 0.4, y1 + 0.4], [
    x0 - 0.4,
    y1 + 0.4,
  ]];
  return corners.flatMap(([x, y]) =>
    [0, 1, 2].map((row) =>
      (row < 2 ? -1 : 1) * (affine[4 * row] * x + affine[4 * row + 1] * y +
        affine[4 * row + 2] * z + affine[4 * row + 3])
    )
  );
}

/** Shows a phantom, with its truth and a prediction, in the viewer of the notebooks. */

import { busiestSlices } from "../../../../lib/display/busiest_slices.ts";
import { classColor } from "../../../../lib/display/class_colors.ts";
import { greyLevels, quantiles } from "../../../../lib/display/grey_levels.ts";
import { labelBytes, viewerData } from "../../../../lib/display/viewer_data.ts";
import { openViewer } from "../../../../lib/display/volume_viewer.js";
import type { PageElement } from "../../../../lib/browser/model_page/page_element.ts";
import type { Image, Segmentation } from "../../../../lib/browser/mod.ts";

/** What to show. */
export interface ShownVolume {
  readonly title: string;
  readonly image: Image;
  readonly truth: Segmentation;
  readonly prediction?: Segmentation;
  /** Classes in the order of their labels 1, 2, …. */
  readonly classes: readonly { readonly name: string; readonly dice?: number }[];
}

/** Shows a volume in an element, which has to be new. */
export function showVolume(
  host: PageElement,
  { title, image, truth, prediction, classes }: ShownVolume,
): void {
  const { geometry, data } = image;
  const range = quantiles(data, 0.001, 0.999);
  const maps = prediction ? [truth, prediction] : [truth];
  const names = prediction ? ["Ground truth", "Prediction"] : ["Labels"];
  openViewer(
    host,
    viewerData({
      title,
      geometry,
      stride: [1, 1, 1],
      cursor: busiestSlices([truth.data], geometry.shape),
      window: quantiles(data, 0.005, 0.995),
      opacity: 0.4,
      scan: { voxels: greyLevels(data, range), range },
      overlays: maps.map((map, i) => ({ name: names[i], ...labelBytes(map.data) })),
      classes: classes.map(({ name, dice }, i) => ({
        label: i + 1,
        name,
        color: classColor(i),
        ...dice === undefined || Number.isNaN(dice) ? {} : { dice },
      })),
    }),
  );
}

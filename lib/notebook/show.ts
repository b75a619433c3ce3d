/** `show` and `compare`: one call from a volume to a picture. */

import type { Image, Segmentation } from "../image/image.ts";
import { requireSegmentation } from "../image/require_image.ts";
import { type FileOptions, Place } from "./host.ts";
import { Output } from "./output.ts";
import { type VolumeOptions, volumeView } from "./volume_view.ts";

/** What to show with a volume, and how. */
export interface ShowOptions extends VolumeOptions, FileOptions {
  /** A label map on the scan. */
  readonly overlay?: Segmentation;
}

/**
 * Shows a scan, a label map, or anything made by this module, in the notebook at this place.
 *
 * @returns In a notebook undefined, otherwise the file that was written.
 * @throws {TypeError} If it is none of these, or lacks values or geometry.
 * @throws {RangeError} As {@link volumeView}.
 *
 * @example
 * ```ts
 * await show(image, { overlay: labels, classNames: ["anterior", "posterior"] });
 * ```
 */
export async function show(
  what: Output | Image | Segmentation,
  { overlay, file, ...options }: ShowOptions = {},
): Promise<string | undefined> {
  return await new Place({ file }).show(await viewOf(what, overlay, options));
}

/**
 * Shows a scan with its truth, a prediction and the errors between them, and Dice per class.
 *
 * @returns In a notebook undefined, otherwise the file that was written.
 * @throws {TypeError} If one of them lacks values or geometry.
 * @throws {RangeError} As {@link volumeView}.
 */
export async function compare(
  image: Image,
  truth: Segmentation,
  prediction: Segmentation,
  { file, ...options }: VolumeOptions & FileOptions & { readonly dice?: readonly number[] } = {},
): Promise<string | undefined> {
  const view = await volumeView({
    image,
    truth,
    prediction,
    title: "Truth and prediction",
    ...options,
  });
  return await new Place({ file }).show(view);
}

function viewOf(
  what: Output | Image | Segmentation,
  overlay: Segmentation | undefined,
  options: VolumeOptions,
): Output | Promise<Output> {
  if (what instanceof Output) return what;
  if (isImage(what)) return volumeView({ image: what, truth: overlay, ...options });
  requireSegmentation(what, "show it", "scan or label map");
  // A label map alone lies on black.
  const image: Image = {
    geometry: what.geometry,
    channels: 1,
    data: new Float32Array(what.data.length),
  };
  return volumeView({ image, truth: what, window: [0, 1], opacity: 0.8, ...options });
}

/** Whether something is meant as a scan: label maps have no channels. */
function isImage(what: unknown): what is Image {
  return typeof what === "object" && what !== null && "channels" in what;
}

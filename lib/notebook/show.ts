/** Shows volumes and outputs in a notebook, or writes them to files. */

import type { Image, Segmentation } from "../image/image.ts";
import { requireSegmentation } from "../image/require_image.ts";
import { type FileOptions, fileOptions, Place } from "./host.ts";
import { Output } from "./output.ts";
import { type VolumeOptions, volumeOptions, volumeView } from "./volume_view.ts";
import { requireKnown } from "../options/require_known.ts";
import { requireValue } from "../options/require_value.ts";

/** Options of {@link show}. */
export interface ShowOptions extends VolumeOptions, FileOptions {
  /** Label map to draw over the scan. */
  readonly overlay?: Segmentation;
}

/**
 * Shows a scan, a label map or an {@link Output} below the current cell.
 *
 * @param what A scan, a label map or an output.
 * @param options What to draw over a scan, how to show it, and the file to write outside a
 * notebook.
 * @returns The file that was written; undefined in a notebook.
 * @throws {TypeError} If the argument is none of these, or lacks values or geometry.
 * @throws {RangeError} As {@link volumeView}.
 *
 * @example
 * ```ts
 * import { imageFrom, segmentationFrom } from "nnunet";
 * import { show } from "nnunet/notebook";
 *
 * const grid = { shape: [4, 4, 4], spacing: [2, 1, 1] } as const;
 * const image = imageFrom(new Float32Array(64), grid);
 * const overlay = segmentationFrom(new Uint8Array(64).fill(1), grid);
 * const file = await Deno.makeTempFile({ suffix: ".html" });
 * await show(image, { overlay, classNames: ["tumour"], file });
 * await Deno.remove(file);
 * ```
 */
export async function show(
  what: Output | Image | Segmentation,
  options: ShowOptions = {},
): Promise<string | undefined> {
  requireKnown(options, { ...volumeOptions, ...fileOptions, overlay: true }, "show it");
  const { overlay, file, ...volume } = options;
  return await new Place({ file }).show(await viewOf(what, overlay, volume));
}

/**
 * Shows a scan with its ground truth, a prediction, their differences, and Dice per class.
 *
 * @param image The scan.
 * @param truth Its ground truth.
 * @param prediction The prediction to compare.
 * @param options How to show them, and the file to write outside a notebook.
 * @param options.dice Dice per class, in the order of `classNames`; computed by default.
 * @returns The file that was written; undefined in a notebook.
 * @throws {TypeError} If a volume lacks values or geometry.
 * @throws {RangeError} As {@link volumeView}.
 *
 * @example
 * ```ts
 * import { imageFrom, segmentationFrom } from "nnunet";
 * import { compare } from "nnunet/notebook";
 *
 * const grid = { shape: [4, 4, 4], spacing: [2, 1, 1] } as const;
 * const image = imageFrom(new Float32Array(64), grid);
 * const truth = segmentationFrom(new Uint8Array(64).fill(1), grid);
 * const prediction = segmentationFrom(new Uint8Array(64).fill(2), grid);
 * const file = await Deno.makeTempFile({ suffix: ".png" });
 * await compare(image, truth, prediction, { classNames: ["oedema", "core"], file });
 * await Deno.remove(file);
 * ```
 */
export async function compare(
  image: Image,
  truth: Segmentation,
  prediction: Segmentation,
  options: VolumeOptions & FileOptions & { readonly dice?: readonly number[] } = {},
): Promise<string | undefined> {
  requireKnown(options, { ...volumeOptions, ...fileOptions, dice: true }, "compare");
  const { file, ...volume } = options;
  const view = await volumeView({
    image,
    truth,
    prediction,
    title: "Truth and prediction",
    ...volume,
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
  requireValue(what, shown, "show it", "what");
  requireSegmentation(what, "show it", "label map");
  // A label map alone is drawn on black.
  const image: Image = {
    geometry: what.geometry,
    channels: 1,
    data: new Float32Array(what.data.length),
  };
  return volumeView({ image, truth: what, window: [0, 1], opacity: 0.8, ...options });
}

const shown = {
  expected: "a scan (imageFrom() or readImage()), a label map (segmentationFrom() or " +
    "readSegmentation()) or an output, such as table() returns",
  isKind: (value: unknown) => typeof value === "object" && value !== null && "data" in value,
};

/** Returns whether a value is a scan rather than a label map, which has no channels. */
function isImage(what: unknown): what is Image {
  return typeof what === "object" && what !== null && "channels" in what;
}

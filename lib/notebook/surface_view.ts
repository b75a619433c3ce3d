/** Label maps in 3D, to be turned in a page; NiiVue draws them. */

import { classColor, type Rgb } from "../display/class_colors.ts";
import { surfacePicture } from "../display/surface_picture.ts";
import type { Segmentation } from "../image/image.ts";
import { requireSegmentation } from "../image/require_image.ts";
import { blockLabels, coarseShape, strideFor } from "./coarsen.ts";
import { imageTag, liveElement, Output } from "./output.ts";
import { packBytes } from "./pack_voxels.ts";
import script from "./surface_viewer.js" with { type: "text" };

/** Voxels that a page holds at most. */
const MAX_VOXELS = 128 ** 3;
/** Labels from 1 on that can be told apart here. */
const MAX_LABEL = 255;

/** How to show labels in 3D. */
export interface SurfaceOptions {
  readonly title?: string;
  /** Name of label i + 1 at position i; labels beyond them are not shown. */
  readonly classNames: readonly string[];
  /**
   * Whether the output brings NiiVue along, 0.5 MB, for itself and all other outputs of the page;
   * by default the first of the process does.
   */
  readonly embedNiivue?: boolean;
}

let sent = false;

/**
 * A viewer of labels in 3D that needs no server; a still picture stands in where no script may
 * run.
 *
 * @throws {TypeError} If the label map lacks labels or geometry.
 * @throws {RangeError} If there are more than 255 class names.
 */
export async function surfaceView(
  segmentation: Segmentation,
  { title = "Labels in 3D", classNames, embedNiivue = !sent }: SurfaceOptions,
): Promise<Output> {
  requireSegmentation(segmentation, "show labels in 3D");
  const { geometry, data } = segmentation;
  if (classNames.length > MAX_LABEL) {
    throw new RangeError(
      `Cannot show labels in 3D: got ${classNames.length} classes, expected at most ${MAX_LABEL}`,
    );
  }
  sent ||= embedNiivue;
  const { shape, spacing, affine } = geometry;
  const stride = strideFor(shape, spacing, MAX_VOXELS);
  const named = Uint8Array.from(data, (label) => label <= classNames.length ? label : 0);
  const coarse = blockLabels(named, shape, stride);
  const colors = classNames.map((_, i): Rgb => classColor(i));
  const [dz, dy, dx] = stride;
  const classes = classNames.map((name, i) => ({ name, color: colors[i], label: i + 1 }));
  const png = await surfacePicture({ geometry, data: named }, classes, title);
  return new Output({
    title,
    text: `${title}: ${classNames.join(", ")}`,
    html: liveElement({
      script,
      open: "openSurface",
      data: {
        title,
        labels: await packBytes(coarse),
        shape: coarseShape(shape, stride),
        spacing: spacing.map((one, axis) => one * stride[axis]),
        // Columns are x, y, z; the offset stays that of the first voxel.
        affine: affine.map((value, i) => value * [dx, dy, dz, 1][i % 4]),
        classes,
        niivue: embedNiivue ? await packNiivue() : undefined,
      },
      fallback: imageTag(png, title),
    }),
    draw: () => Promise.resolve(png),
  });
}

/**
 * NiiVue's module, which its package holds as a percent-encoded string, without half of it: the
 * programs in WebAssembly that unpack Zarr, which come to life where a Zarr file is opened only.
 */
async function packNiivue(): Promise<string> {
  const { esm } = await import("@niivue/niivue/min") as { esm: string };
  const script = decodeURIComponent(esm).replaceAll(/(?<=")AGFzb[A-Za-z0-9+/=]+(?=")/g, "");
  return await packBytes(new TextEncoder().encode(script));
}

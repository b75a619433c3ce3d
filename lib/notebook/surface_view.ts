/** Shows label maps in 3D, drawn by NiiVue. */

import { classColor, type Rgb } from "../display/class_colors.ts";
import { surfacePicture } from "../display/surface_picture.ts";
import type { Segmentation } from "../image/image.ts";
import { requireSegmentation } from "../image/require_image.ts";
import { blockLabels, coarseShape, strideFor } from "./coarsen.ts";
import { imageTag, liveElement, Output } from "./output.ts";
import { packBytes } from "./pack_voxels.ts";
import script from "./surface_viewer.js" with { type: "text" };
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Largest number of voxels in a page. */
const MAX_VOXELS = 128 ** 3;
/** Largest label that the viewer supports. */
const MAX_LABEL = 255;

/** Options of {@link surfaceView}. */
export interface SurfaceOptions {
  /** Title, `Labels in 3D` by default. */
  readonly title?: string;
  /** Names of the labels 1, 2, …; further labels are not shown. */
  readonly classNames: readonly string[];
  /**
   * Whether the output contains NiiVue (0.5 MB), for itself and all other outputs of the page; by
   * default only the first output of the process does.
   */
  readonly embedNiivue?: boolean;
}

const surfaceOptions: KnownOptions<SurfaceOptions> = {
  title: true,
  classNames: true,
  embedNiivue: true,
};

let sent = false;

/**
 * Makes a 3D viewer of labels that needs no server. If scripts are blocked, it shows a still
 * picture.
 *
 * @param segmentation The label map.
 * @param options Title and class names.
 * @returns The output.
 * @throws {TypeError} If the label map lacks labels or geometry.
 * @throws {RangeError} If there are more than 255 class names.
 *
 * @example
 * ```ts ignore
 * import { surfaceView } from "nnunet/notebook";
 *
 * await surfaceView(segmentation, { classNames: ["anterior", "posterior"] });
 * ```
 */
export async function surfaceView(
  segmentation: Segmentation,
  options: SurfaceOptions,
): Promise<Output> {
  requireKnown(options, surfaceOptions, "show labels in 3D");
  const { title = "Labels in 3D", classNames, embedNiivue = !sent } = options;
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
        // Columns are x, y, z; the offset remains that of the first voxel.
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
 * Returns NiiVue's module, which its package holds as a percent-encoded string, compressed and
 * without its WebAssembly decoders for Zarr: half of its bytes, used only when opening Zarr files.
 */
async function packNiivue(): Promise<string> {
  const { esm } = await import("../packages/niivue.ts") as { esm: string };
  const script = decodeURIComponent(esm).replaceAll(/(?<=")AGFzb[A-Za-z0-9+/=]+(?=")/g, "");
  return await packBytes(new TextEncoder().encode(script));
}

/** Shows label maps in 3D, drawn by NiiVue. */

import { classColor } from "../display/class_colors.ts";
import { niivueScript } from "../display/niivue_script.ts";
import { numberedClasses, type SurfaceData, surfaceGrid } from "../display/surface_data.ts";
import { surfacePicture } from "../display/surface_picture.ts";
import script from "../display/surface_viewer.js" with { type: "text" };
import type { Segmentation } from "../image/image.ts";
import { requireSegmentation } from "../image/require_image.ts";
import { imageTag, liveElement, Output } from "./output.ts";
import { packBytes } from "./pack_voxels.ts";
import { defaultNames, presentLabels, requireClassNames } from "./volume_view.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Largest label that the viewer supports. */
const MAX_LABEL = 255;

/** Options of {@link surfaceView}. */
export interface SurfaceOptions {
  /** Title, `Labels in 3D` by default. */
  readonly title?: string;
  /**
   * Names of the labels 1, 2, …; further labels are not shown. By default, labels are numbered up to
   * the highest one, at most 64.
   */
  readonly classNames?: readonly string[];
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
 * @throws {TypeError} If the label map lacks labels or geometry, or `classNames` is no list.
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
  options: SurfaceOptions = {},
): Promise<Output> {
  requireKnown(options, surfaceOptions, "show labels in 3D");
  const { title = "Labels in 3D", embedNiivue = !sent } = options;
  requireSegmentation(segmentation, "show labels in 3D");
  requireClassNames(options.classNames, "show labels in 3D");
  const classNames = options.classNames ?? defaultNames(presentLabels([segmentation]));
  const { geometry, data } = segmentation;
  if (classNames.length > MAX_LABEL) {
    throw new RangeError(
      `Cannot show labels in 3D: got ${classNames.length} classes, expected at most ${MAX_LABEL}`,
    );
  }
  sent ||= embedNiivue;
  const classes = classNames.map((name, i) => ({ name, color: classColor(i), label: i + 1 }));
  const named = numberedClasses(data, classes.map(({ label }) => label));
  const grid = surfaceGrid(named, geometry);
  const png = await surfacePicture({ geometry, data: named }, classes, title);
  const viewed: SurfaceData = {
    ...grid,
    title,
    labels: await packBytes(grid.labels),
    classes,
    niivue: embedNiivue ? await packNiivue() : undefined,
  };
  return new Output({
    title,
    text: `${title}: ${classNames.join(", ")}`,
    html: liveElement({
      script,
      open: "openSurface",
      data: viewed,
      fallback: imageTag(png, title),
    }),
    draw: () => Promise.resolve(png),
  });
}

/** Returns NiiVue's module, compressed. */
async function packNiivue(): Promise<string> {
  return await packBytes(new TextEncoder().encode(await niivueScript()));
}

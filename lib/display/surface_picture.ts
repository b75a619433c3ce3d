/** Renders labels in 3D: the first surface along each axis, lit from the front. */

import type { Segmentation } from "../image/image.ts";
import { viewsOf } from "./anatomical_views.ts";
import { encodePng, fontFamily, svgToPng } from "./png.ts";
import { type DrawnClass, projectSurface } from "./surface_projection.ts";
import { drawLegend, mark, text, theme } from "./svg_parts.ts";

/** Length of the longest side, in pixels. */
const PANEL = 250;

/**
 * Renders labels as solids, viewed along each axis of the grid.
 *
 * @param classes Classes to draw; other labels are transparent.
 * @returns A PNG.
 */
export async function surfacePicture(
  segmentation: Segmentation,
  classes: readonly DrawnClass[],
  title: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts = [text(20, 34, title, { size: 18, bold: true })];
  let left = 20;
  let height = 0;
  for (const view of viewsOf(segmentation.geometry)) {
    const panel = projectSurface(segmentation, view, classes, PANEL);
    const png = (await encodePng(panel)).toBase64();
    parts.push(
      `<image x="${left}" y="50" width="${panel.width}" height="${panel.height}" ` +
        `href="data:image/png;base64,${png}"/>` + mark(left + 6, 66, view.name),
    );
    left += panel.width + 10;
    height = Math.max(height, panel.height);
  }
  const width = Math.max(left + 10, 420);
  const legend = drawLegend(
    classes.map(({ name, color }) => ({ label: name, color })),
    20,
    height + 74,
    width - 20,
  );
  return await svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
      `height="${Math.max(legend.bottom, height + 60) + 16}" font-family="${fontFamily}">` +
      `<rect width="100%" height="100%" fill="${theme.background}"/>` +
      `${parts.join("")}${legend.svg}</svg>`,
  );
}

/** Shows a segmented case in 3D. */

import { viewsOf } from "../../display/anatomical_views.ts";
import { numberedClasses, surfaceGrid } from "../../display/surface_data.ts";
import { projectSurface } from "../../display/surface_projection.ts";
import { openSurface } from "../../display/surface_viewer.js";
import { element, type PageCanvas, type PageElement } from "./page_element.ts";
import { labelMapOf, type SegmentedCase } from "./segmented_case.ts";

/** Loads NiiVue's module, which draws in 3D. */
export type LoadNiivue = () => Promise<unknown>;

/** Pixels of the longest side of a still picture. */
const PANEL = 400;

/** The viewer's script looks here for NiiVue. */
const page = globalThis as { nnunetNiivue?: { readonly promise: Promise<unknown> } };

/**
 * Opens the 3D viewer in an element. Until it is loaded, and for good where it cannot be, a still
 * picture is shown.
 */
export async function openCaseSurface(
  host: PageElement,
  one: SegmentedCase,
  loadNiivue: LoadNiivue,
): Promise<void> {
  const { geometry, data } = await labelMapOf(one);
  const classes = one.classes.filter(({ voxels }) => voxels > 0);
  const numbered = numberedClasses(data, classes.map(({ label }) => label));
  const grid = surfaceGrid(numbered, geometry);
  host.replaceChildren(stillPicture(grid, classes));
  if (!page.nnunetNiivue) {
    const loading = loadNiivue();
    page.nnunetNiivue = { promise: loading };
    loading.catch(() => page.nnunetNiivue = undefined); // The next attempt tries again.
  }
  openSurface(host, { ...grid, title: `${one.name} in 3D`, classes });
}

/** Draws the labels from the front, the side and above. */
function stillPicture(
  grid: ReturnType<typeof surfaceGrid>,
  classes: SegmentedCase["classes"],
): PageElement {
  const numbered = classes.map(({ name, color }, i) => ({ name, color, label: i + 1 }));
  const segmentation = { geometry: grid, data: grid.labels };
  const panels = viewsOf(segmentation.geometry).map((view) =>
    projectSurface(segmentation, view, numbered, PANEL)
  );
  const canvas = element("canvas", { role: "img", "aria-label": "Still pictures" }) as PageCanvas;
  const gap = 10;
  canvas.width = panels.reduce((sum, { width }) => sum + width + gap, -gap);
  canvas.height = Math.max(...panels.map(({ height }) => height));
  const context = canvas.getContext("2d");
  let left = 0;
  for (const { width, height, data } of panels) {
    const pixels = context.createImageData(width, height);
    pixels.data.set(data);
    context.putImageData(pixels, left, Math.floor((canvas.height - height) / 2));
    left += width + gap;
  }
  return canvas;
}

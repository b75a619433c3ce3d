/** Draws training patches, and transforms whose parameter a slider changes. */

import { middleSlice, Output, type SlicePanel, sliceRow, slides } from "nnunet/notebook";
import {
  createGenerator,
  type ElasticOptions,
  type Sample,
  spatial,
  type StoredCase,
  type Transform,
} from "nnunet/parts";
import { zyx } from "../../lib/array/nd_array.ts";

/** Normalised intensities of black and white. */
const window = [-1.5, 2.5] as const;

/** Returns the middle slice of a sample, with its labels in colour unless told otherwise. */
export function panelOf(
  { image, segmentation }: Sample,
  title: string,
  { labels = true } = {},
): SlicePanel {
  const { shape } = segmentation;
  return {
    title,
    ...middleSlice(image.data, shape),
    labels: labels ? middleSlice(segmentation.data, shape).values : undefined,
    window,
  };
}

/** Shows samples as a grid of slices. */
export async function sampleGrid(title: string, panels: readonly SlicePanel[]): Promise<Output> {
  const text = `${title}: ${panels.map((panel) => panel.title).join(", ")}`;
  return new Output({ title, text, png: await sliceRow(panels, { size: 190 }) });
}

/** Reads a patch from the middle of a case, at most `longest` voxels long on each axis. */
export function middlePatch(stored: StoredCase, longest: number): Sample {
  const shape = stored.shape.slice(1);
  const size = zyx(shape.map((extent) => Math.min(extent, longest)));
  const origin = zyx(shape.map((extent, axis) => (extent - size[axis]) >> 1));
  return stored.readPatch({ origin, size }, size);
}

/**
 * Shows a patch before and after a transform, with a slider over its parameter.
 *
 * @param parametersOf The transform's parameters for a position of the slider.
 * @param labelOf The slider's label for a value.
 */
export async function sweep<Value, Parameters>(
  patch: Sample,
  name: string,
  transform: Transform<Parameters>,
  values: readonly Value[],
  parametersOf: (value: Value) => Parameters,
  labelOf: (value: Value) => string = String,
): Promise<Output> {
  const before = panelOf(patch, "before", { labels: false });
  const items = await Promise.all(values.map(async (value) => {
    const after = transform.apply(patch, parametersOf(value));
    const panels = [before, panelOf(after, `${name} ${labelOf(value)}`, { labels: false })];
    return { label: labelOf(value), content: await sliceRow(panels, { size: 300 }) };
  }));
  return slides(name, items, { start: values.length - 1 });
}

/** Version 1's largest strength for volumes, at which the slider begins if it has that position. */
const VERSION1_STRENGTH = 900;

/** Voxels between the lines of the grid that shows a deformation. */
const GRID = 8;

/**
 * Shows a grid and a patch before and after nnU-Net v1's elastic deformation, with a slider over its
 * strength. All positions deform in the same direction.
 *
 * @param strengths Values of version 1's `alpha`; the last gives the drawn displacement.
 * @param sigma Version 1's `sigma`, in voxels.
 */
export async function elasticSweep(
  patch: Sample,
  strengths: readonly number[],
  sigma: number,
): Promise<Output> {
  const strongest = strengths.at(-1)!;
  const elastic: ElasticOptions = {
    probability: 1,
    strength: [strongest, strongest],
    sigma: [sigma, sigma],
  };
  const { shape } = patch.segmentation;
  const transform = spatial({
    patchSize: shape,
    rotationProbability: 0,
    maxRotation: 0,
    scalingProbability: 0,
    scaling: [1, 1],
    slicewise: false,
    elastic,
  });
  const drawn = transform.draw(createGenerator(4), patch)!;
  const lines = gridOn(patch);
  const items = await Promise.all(strengths.map(async (strength) => {
    const displacement = drawn.displacement!.map((voxels) => voxels * strength / strongest);
    const deformed = (sample: Sample) => transform.apply(sample, { ...drawn, displacement });
    const largest = displacement.reduce((most, voxels) => Math.max(most, Math.abs(voxels)), 0);
    const panels = [
      panelOf(lines, "grid", { labels: false }),
      panelOf(deformed(lines), "grid, deformed", { labels: false }),
      panelOf(patch, "patch"),
      panelOf(deformed(patch), "patch, deformed"),
    ];
    return {
      label: `${strength}: up to ${largest.toFixed(1)} voxels`,
      content: await sliceRow(panels, { size: 220, columns: 2 }),
    };
  }));
  const start = Math.max(0, strengths.indexOf(VERSION1_STRENGTH));
  return slides("strength", items, { start, title: "Elastic deformation" });
}

/** A sample of a patch's shape with bright lines along y and x. */
function gridOn({ image, segmentation }: Sample): Sample {
  const [, height, width] = segmentation.shape;
  const data = image.data.map((_, voxel) => {
    const [y, x] = [Math.floor(voxel / width) % height, voxel % width];
    return y % GRID === GRID >> 1 || x % GRID === GRID >> 1 ? 2.5 : -1.5;
  });
  return { image: { shape: image.shape, data }, segmentation };
}

/**
 * Finds connected components of label maps and masks.
 *
 * It works on runs of equal labels along x, of which a scan has far fewer than voxels: each run is
 * joined to those it touches in the preceding rows.
 */

import type { AnyLabels } from "../array/labels.ts";
import type { Shape } from "../array/nd_array.ts";

/** Which neighbours connect: across faces only, or across faces, edges and corners. */
export type Connectivity = "faces" | "corners";

/** Components of a label map, in the order of their first voxels. */
export interface Components {
  /** Label of each component. */
  readonly labels: readonly number[];
  /** Number of voxels of each component. */
  readonly sizes: readonly number[];
  /** All runs in C order, with the component that each belongs to. */
  readonly runs: Runs & { readonly components: Uint32Array };
}

/** Runs of voxels along x, as indices into the map; `ends` is exclusive. */
export interface Runs {
  readonly begins: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Finds connected components. Voxels of different labels are never connected.
 *
 * @param data Labels in C order.
 * @param shape At most three axes.
 * @param connectivity By default `corners`, as for `skimage.measure.label` and nnU-Net.
 * @throws {RangeError} If there are more than 3 axes, or 2^32 or more voxels.
 *
 * @example Two voxels that touch at a corner
 * ```ts
 * findComponents(Uint8Array.of(1, 0, 0, 1), [2, 2]).sizes; // [2]
 * findComponents(Uint8Array.of(1, 0, 0, 1), [2, 2], "faces").sizes; // [1, 1]
 * ```
 */
export function findComponents(
  data: AnyLabels,
  shape: Shape,
  connectivity: Connectivity = "corners",
): Components {
  if (shape.length > 3 || data.length > 0xffffffff) {
    throw new RangeError(
      `Cannot find components: shape is [${shape}], expected at most 3 axes and 2^32 - 1 voxels`,
    );
  }
  const [depth, height, width] = [1, 1, ...shape].slice(-3);
  const { begins, ends, rowStarts } = findRuns(data, depth * height, width);
  const parents = Uint32Array.from(begins, (_, run) => run);
  const reach = connectivity === "corners" ? 1 : 0;

  /** Joins the runs of a row to those they touch in an earlier row. */
  const join = (row: number, other: number) => {
    const shift = (row - other) * width; // From a voxel of the other row to its neighbour in this one.
    let candidate = rowStarts[other];
    for (let run = rowStarts[row]; run < rowStarts[row + 1]; run++) {
      const first = begins[run] - shift - reach;
      const last = ends[run] - shift + reach;
      while (candidate < rowStarts[other + 1] && ends[candidate] <= first) candidate++;
      for (let near = candidate; near < rowStarts[other + 1] && begins[near] < last; near++) {
        if (data[begins[near]] === data[begins[run]]) unite(parents, near, run);
      }
    }
  };
  for (let z = 0, row = 0; z < depth; z++) {
    for (let y = 0; y < height; y++, row++) {
      if (y > 0) join(row, row - 1);
      if (z === 0) continue;
      join(row, row - height);
      if (reach > 0 && y > 0) join(row, row - height - 1);
      if (reach > 0 && y < height - 1) join(row, row - height + 1);
    }
  }
  return collect(data, begins, ends, parents);
}

/**
 * Clears every component that the predicate does not keep.
 *
 * @param data The map that the components were found in, or another of its shape; changed in place.
 */
export function keepComponents(
  data: AnyLabels,
  { runs, sizes }: Components,
  keep: (component: number) => boolean,
): void {
  const kept = sizes.map((_, component) => keep(component));
  for (let run = 0; run < runs.begins.length; run++) {
    if (!kept[runs.components[run]]) data.fill(0, runs.begins[run], runs.ends[run]);
  }
}

function findRuns(data: AnyLabels, rows: number, width: number) {
  const rowStarts = new Uint32Array(rows + 1); // Number of runs before each row.
  let count = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    for (let previous = 0, end = i + width; i < end; i++) {
      const label = data[i];
      if (label !== previous && label !== 0) count++;
      previous = label;
    }
    rowStarts[row + 1] = count;
  }
  const begins = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let row = 0; row < rows; row++) {
    let i = row * width;
    for (let run = rowStarts[row]; run < rowStarts[row + 1]; run++) {
      while (data[i] === 0) i++;
      const label = data[i];
      begins[run] = i;
      const end = (row + 1) * width;
      while (i < end && data[i] === label) i++;
      ends[run] = i;
    }
  }
  return { begins, ends, rowStarts };
}

/** Joins two sets of runs under the first run of both. */
function unite(parents: Uint32Array, a: number, b: number) {
  const [rootA, rootB] = [findRoot(parents, a), findRoot(parents, b)];
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

function findRoot(parents: Uint32Array, run: number): number {
  while (parents[run] !== run) {
    parents[run] = parents[parents[run]]; // Path halving.
    run = parents[run];
  }
  return run;
}

function collect(
  data: AnyLabels,
  begins: Uint32Array,
  ends: Uint32Array,
  parents: Uint32Array,
): Components {
  const labels: number[] = [];
  const sizes: number[] = [];
  const components = new Uint32Array(begins.length);
  for (let run = 0; run < begins.length; run++) {
    const root = findRoot(parents, run);
    if (root === run) {
      components[run] = labels.push(data[begins[run]]) - 1;
      sizes.push(0);
    } else components[run] = components[root]; // A root precedes the other runs of its set.
    sizes[components[run]] += ends[run] - begins[run];
  }
  return { labels, sizes, runs: { begins, ends, components } };
}

/**
 * Divides a volume into the cells that overlapping tiles form. All voxels of a cell are in the same
 * tiles, so they become final at the same time, and a cell needs memory only from the first of
 * these tiles to the last.
 */

import type { Box } from "../../array/box.ts";
import type { Zyx } from "../../array/nd_array.ts";

/** Consecutive voxels along an axis that the same tiles cover. */
export interface AxisSegment {
  readonly begin: number;
  /** One after the last voxel. */
  readonly end: number;
  /** Index of the last tile that covers these voxels. */
  readonly lastTile: number;
}

/**
 * Splits an axis wherever a tile begins or ends.
 *
 * @param starts First voxel of each tile, ascending; negative if the axis is shorter than a tile.
 * @param tileSize Voxels of a tile along the axis.
 * @param extent Voxels of the volume along the axis.
 * @returns Ascending segments that cover the axis.
 */
export function segmentAxis(
  starts: readonly number[],
  tileSize: number,
  extent: number,
): AxisSegment[] {
  const inside = (position: number) => Math.min(extent, Math.max(0, position));
  const cuts = [...new Set(starts.flatMap((s) => [inside(s), inside(s + tileSize)]))]
    .sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => ({
    begin: cuts[i],
    end,
    lastTile: starts.findLastIndex((start) => start <= cuts[i]),
  }));
}

/** A box of voxels that the same tiles cover. */
export interface Cell extends Box {
  /** Position in the list of all cells. */
  readonly index: number;
  /** Index of the last tile that covers the cell, along each axis. */
  readonly lastTile: Zyx;
}

/** Lists all cells of a volume, the last axis fastest. */
export function cellsOf([zs, ys, xs]: Zyx<readonly AxisSegment[]>): Cell[] {
  const cells: Cell[] = [];
  for (const z of zs) {
    for (const y of ys) {
      for (const x of xs) {
        cells.push({
          index: cells.length,
          origin: [z.begin, y.begin, x.begin],
          size: [z.end - z.begin, y.end - y.begin, x.end - x.begin],
          lastTile: [z.lastTile, y.lastTile, x.lastTile],
        });
      }
    }
  }
  return cells;
}

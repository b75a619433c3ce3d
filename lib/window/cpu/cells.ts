/**
 * The cells that overlapping tiles cut a volume into. All voxels of a cell lie in the same tiles, so
 * they are final at the same time, and only cells that some tile still lacks need memory.
 */

import type { Zyx } from "../../array/nd_array.ts";

/** A stretch of an axis that the same tiles cover. */
export interface Stretch {
  readonly begin: number;
  readonly end: number;
  /** Last of the tile starts that cover it. */
  readonly lastTile: number;
}

/**
 * The stretches that tiles cut an axis into, ascending.
 *
 * @param starts Of the tiles; outside of the axis where it is shorter than a tile.
 */
export function stretchesOf(
  starts: readonly number[],
  tileSize: number,
  extent: number,
): Stretch[] {
  const inside = (position: number) => Math.min(extent, Math.max(0, position));
  const cuts = [...new Set(starts.flatMap((s) => [inside(s), inside(s + tileSize)]))]
    .sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => ({
    begin: cuts[i],
    end,
    lastTile: starts.findLastIndex((start) => start <= cuts[i]),
  }));
}

/** A box of voxels. */
export interface Cell {
  readonly index: number;
  readonly origin: Zyx;
  readonly size: Zyx;
  /** The last tile that covers it, along each axis. */
  readonly lastTile: Zyx;
}

/** All cells, the last axis fastest. */
export function cellsOf([zs, ys, xs]: Zyx<readonly Stretch[]>): Cell[] {
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

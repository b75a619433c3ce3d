/** Models the cerebellum and the brain stem in front of it. */

import type { GradientNoise } from "./noise.ts";
import { ellipsoid, far, smoothMinimum } from "./shapes.ts";
import type { Tissue, Tissues } from "./tissues.ts";

/** Returns the distance in mm to the cerebellum's hull: two hemispheres and the vermis between. */
export function cerebellumDistance(x: number, y: number, z: number): number {
  if (y > 4 || z > 4) return far;
  const hemispheres = ellipsoid(Math.abs(x) - 8.5, y + 20, z + 18, 12, 11.5, 9);
  const vermis = ellipsoid(x, y + 19, z + 17, 6, 10, 9);
  return smoothMinimum(hemispheres, vermis, 3);
}

/** Returns the distance in mm to the brain stem, from the thalami down into the neck. */
export function brainStemDistance(x: number, y: number, z: number): number {
  if (y > 16 || z > 11 || Math.abs(x) > 20) return far;
  const midbrain = ellipsoid(x, y + 3, z + 7, 8, 7, 6);
  const pons = ellipsoid(x, y + 3, z + 16, 7, 5.5, 6);
  const cord = Math.max(ellipsoid(x, y + 7 + 0.1 * (z + 16), 0, 4.2, 3.8, 1), z + 16);
  return smoothMinimum(smoothMinimum(midbrain, pons, 3), cord, 3);
}

/** Parameters of one subject's cerebellar folds. */
export interface FoliaShape {
  /** Thickness of the gray band, in mm. */
  readonly thickness: number;
  /** Number of main fissures within 180° about the front of the cerebellum. */
  readonly fissures: number;
}

/** Returns the tissue inside the cerebellum's hull, `depth` mm below it. */
export type CerebellumTissue = (x: number, y: number, z: number, depth: number) => Tissue;

/**
 * Folds one subject's cerebellum. Fissures fan out from a line at its front, running mostly left to
 * right. Every second one is deep, so that the white matter branches like a tree.
 */
export function createCerebellum(
  noise: GradientNoise,
  shape: FoliaShape,
  tissues: Tissues,
): CerebellumTissue {
  const waviness = new Float64Array(4);
  return (x, y, z, depth) => {
    noise(x / 9, y / 9, z / 9, waviness);
    const back = -11 - y + 0.02 * x * x, up = z + 18;
    // The angle about the front, approximated without trigonometry by the diamond |back| + |up| = 1.
    const reach = Math.abs(back) + Math.abs(up) + 1e-3;
    const angle = back > 0 ? up / reach : Math.sign(up) * (2 - Math.abs(up) / reach);
    const millimetres = (reach * reach) / Math.sqrt(back * back + up * up + 1e-3);
    const turn = angle * (shape.fissures / 2) + 0.5 * waviness[0];

    const perTurn = (2 * millimetres) / shape.fissures;
    const main = sheet(turn, perTurn, depth, 5);
    const minor = sheet(turn + 0.5, perTurn, depth, 2);
    const pial = smoothMinimum(depth, Math.min(main, minor), 1.5);
    if (pial < 0) return tissues.fluid;
    return pial < shape.thickness ? tissues.cerebellumGray : tissues.cerebellumWhite;
  };
}

/** Returns the distance in mm to the nearest fissure, at integers of `turn` and `reach` mm deep. */
function sheet(turn: number, perTurn: number, depth: number, reach: number): number {
  const across = Math.abs(turn - Math.round(turn)) * perTurn;
  const beyond = Math.max(0, depth - reach);
  return Math.sqrt(across * across + beyond * beyond) - 0.3;
}

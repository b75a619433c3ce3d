/** Models the cerebrum: two hemispheres of white matter under a folded band of gray matter. */

import type { GradientNoise } from "./noise.ts";
import { ellipsoid, far, smoothMaximum, smoothMinimum } from "./shapes.ts";
import type { Tissue, Tissues } from "./tissues.ts";

/** Parameters of one subject's cortex, in mm. */
export interface CortexShape {
  /** Mean thickness of the gray band. */
  readonly thickness: number;
  /** Size of the folds: roughly the distance between neighbouring sulci. */
  readonly foldSize: number;
  /** Mean depth of the sulci. */
  readonly sulcusDepth: number;
  /** Width of the fluid between the banks of a sulcus. */
  readonly sulcusWidth: number;
}

/** Returns the distance in mm to the hull of the upper lobes, negative inside. */
export function upperLobesDistance(x: number, y: number, z: number): number {
  const broadening = 1 + 0.004 * y; // Brains are widest behind the ears.
  const dome = ellipsoid(x * broadening, y, z - 2, 24, 32.5, 21.5);
  const tentorium = -7 - z + 0.12 * Math.max(0, -y - 12);
  return smoothMaximum(dome, tentorium, 5);
}

/** Returns the distance in mm to the hull of the temporal lobes, negative inside. */
export function temporalLobeDistance(x: number, y: number, z: number): number {
  if (z > far) return far;
  return ellipsoid(Math.abs(x) - 14.5, y - 1, z + 8.5, 8.5, 17, 8.5);
}

/** The fissure between upper and temporal lobes ends this many mm below the hull. */
const sylvianDepth = 10;

/**
 * Returns the tissue inside the cerebrum's hull.
 *
 * Sulci are sheets perpendicular to the hull: the zero set of a random field, evaluated at the
 * position projected outwards onto the hull. The field divided by its slope estimates the distance
 * to the sheet. The pial surface is therefore a distance as well, and the cortex is a band of equal
 * thickness along it, on crowns as in sulci.
 *
 * @param upper {@link upperLobesDistance} here, in mm.
 * @param temporal {@link temporalLobeDistance} here, in mm.
 * @param thicknessVariation Smooth random value of about ±0.5 at this position, for the cortex.
 * @param depthVariation Another, for the depth of the sulci.
 */
export type CerebrumTissue = (
  x: number,
  y: number,
  z: number,
  upper: number,
  temporal: number,
  thicknessVariation: number,
  depthVariation: number,
) => Tissue;

/** Folds the cortex of one subject. */
export function createCerebrum(
  noise: GradientNoise,
  shape: CortexShape,
  tissues: Tissues,
): CerebrumTissue {
  const fold = new Float64Array(4);
  return (x, y, z, upper, temporal, thicknessVariation, depthVariation) => {
    const deep = deepTissue(x, y, z, tissues);
    if (deep !== undefined) return deep;

    const hullDepth = -smoothMinimum(upper, temporal, 2);
    // The hemispheres are separate around the corpus callosum, an ellipse in the midline plane.
    const aroundCallosum = ellipsoid(0, y + 1, z + 2, 1, 15, 10.5) > 0;
    const fissure = Math.abs(x) - shape.sulcusWidth / 2;
    const depth = aroundCallosum ? Math.min(hullDepth, fissure) : hullDepth;

    const thickness = shape.thickness * (1 + 0.5 * thicknessVariation);
    const sulcusDepth = shape.sulcusDepth * (1 + 1.4 * depthVariation);
    if (depth > Math.max(sulcusDepth, sylvianDepth) + thickness + 3) return tissues.corticalWhite;

    // Outwards means away from an anterior–posterior line through the hemisphere's middle.
    const middleX = x < 0 ? -10 : 10, middleY = Math.min(Math.max(y, -17), 17), middleZ = 1;
    const ax = x - middleX, ay = y - middleY, az = z - middleZ;
    const fromMiddle = Math.sqrt(ax * ax + ay * ay + az * az) + 1e-3;
    const stretch = (fromMiddle + Math.max(depth, 0)) / fromMiddle;
    noise(
      (middleX + ax * stretch) / shape.foldSize,
      (middleY + ay * stretch) / shape.foldSize,
      (middleZ + az * stretch) / shape.foldSize,
      fold,
    );
    // The field is constant in the outward direction, so only the perpendicular slope matters.
    const outwards = (fold[1] * ax + fold[2] * ay + fold[3] * az) / fromMiddle;
    const squared = fold[1] * fold[1] + fold[2] * fold[2] + fold[3] * fold[3];
    const slope = Math.sqrt(Math.max(squared - outwards * outwards, 0.04));
    const fromSheet = (Math.abs(fold[0]) / slope) * (shape.foldSize / stretch);
    const opening = Math.max(0, 0.8 - 0.3 * depth); // Sulci widen where they meet the surface.
    const sulcus = sheetDistance(fromSheet, depth - sulcusDepth) - shape.sulcusWidth / 2 - opening;
    const sylvian = sheetDistance(Math.abs(upper - temporal) / 2, depth - sylvianDepth) -
      shape.sulcusWidth / 2;

    const pial = smoothMinimum(depth, Math.min(sulcus, sylvian), 2);
    if (pial < 0) return tissues.fluid;
    return pial < thickness ? tissues.corticalGray : tissues.corticalWhite;
  };
}

/** Returns the distance to a finite sheet, given the distances `across` it and `beyond` its edge. */
function sheetDistance(across: number, beyond: number): number {
  return beyond <= 0 ? across : Math.sqrt(across * across + beyond * beyond);
}

/** Returns ventricle or deep nucleus tissue, or undefined elsewhere. */
function deepTissue(x: number, y: number, z: number, tissues: Tissues): Tissue | undefined {
  const side = Math.abs(x);
  if (side > 17 || z > 12 || z < -10 || y > 20 || y < -22) return undefined;
  // Lateral ventricles arch over the thalami and spread towards the back.
  const ventricle = ellipsoid(
    side - 3 - 0.011 * (y - 8) * (y - 8) * (y < 8 ? 1 : 0),
    y + 1,
    z - 5 + 0.02 * y * y,
    2.2,
    15,
    2.8,
  );
  if (ventricle < 0 && side > 0.5) return tissues.fluid;
  if (ellipsoid(x, y + 2, z + 2.5, 0.9, 6, 4) < 0) return tissues.fluid; // Third ventricle.
  const thalamus = ellipsoid(side - 5.2, y + 4, z + 1.5, 4.4, 7, 4.2);
  const caudate = ellipsoid(side - 7, y - 9, z - 2, 2.2, 5.5, 4);
  const putamen = ellipsoid(side - 12.5, y - 3, z + 0.5, 2.5, 8, 4.5);
  return Math.min(thalamus, caudate, putamen) < 0 ? tissues.deepGray : undefined;
}

/** The cerebrum: two hemispheres of white matter under a folded band of gray. */

import type { GradientNoise } from "./noise.ts";
import { ellipsoid, far, smoothMaximum, smoothMinimum } from "./shapes.ts";
import type { Tissue, Tissues } from "./tissues.ts";

/** How one subject's cortex is made, in mm. */
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

/** Distance in mm to the hull over the frontal, parietal and occipital lobes, negative inside. */
export function upperLobesDistance(x: number, y: number, z: number): number {
  const broadening = 1 + 0.004 * y; // Brains are widest behind the ears.
  const dome = ellipsoid(x * broadening, y, z - 2, 24, 32.5, 21.5);
  const tentorium = -7 - z + 0.12 * Math.max(0, -y - 12);
  return smoothMaximum(dome, tentorium, 5);
}

/** Distance in mm to the hull over either temporal lobe, negative inside. */
export function temporalLobeDistance(x: number, y: number, z: number): number {
  if (z > far) return far;
  return ellipsoid(Math.abs(x) - 14.5, y - 1, z + 8.5, 8.5, 17, 8.5);
}

/** The fissure between upper and temporal lobes ends this many mm below the hull. */
const sylvianDepth = 10;

/**
 * Tissue inside the cerebrum's hull.
 *
 * Sulci are sheets that stand upright on the hull: the zero set of a random field that is read
 * where a place, moved outwards by its depth, would meet the hull. The field over its slope
 * estimates the distance to the sheet, hence the pial surface is a distance too, and the cortex
 * is a band along it, no thicker on a crown than in the depth of a sulcus.
 *
 * @param upper {@link upperLobesDistance} here, in mm.
 * @param temporal {@link temporalLobeDistance} here, in mm.
 * @param thicknessVariation Smooth random value of about ±0.5 at this place, for the cortex.
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
    // The hemispheres part around the corpus callosum, an ellipse in the midline plane.
    const aroundCallosum = ellipsoid(0, y + 1, z + 2, 1, 15, 10.5) > 0;
    const fissure = Math.abs(x) - shape.sulcusWidth / 2;
    const depth = aroundCallosum ? Math.min(hullDepth, fissure) : hullDepth;

    const thickness = shape.thickness * (1 + 0.5 * thicknessVariation);
    const sulcusDepth = shape.sulcusDepth * (1 + 1.4 * depthVariation);
    if (depth > Math.max(sulcusDepth, sylvianDepth) + thickness + 3) return tissues.corticalWhite;

    // Outwards is away from a line from front to back through the middle of the hemisphere.
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
    // Along the way outwards nothing changes, so only the slope across it counts.
    const outwards = (fold[1] * ax + fold[2] * ay + fold[3] * az) / fromMiddle;
    const squared = fold[1] * fold[1] + fold[2] * fold[2] + fold[3] * fold[3];
    const slope = Math.sqrt(Math.max(squared - outwards * outwards, 0.04));
    const fromSheet = (Math.abs(fold[0]) / slope) * (shape.foldSize / stretch);
    const opening = Math.max(0, 0.8 - 0.3 * depth); // Sulci gape where they meet the surface.
    const sulcus = sheetDistance(fromSheet, depth - sulcusDepth) - shape.sulcusWidth / 2 - opening;
    const sylvian = sheetDistance(Math.abs(upper - temporal) / 2, depth - sylvianDepth) -
      shape.sulcusWidth / 2;

    const pial = smoothMinimum(depth, Math.min(sulcus, sylvian), 2);
    if (pial < 0) return tissues.fluid;
    return pial < thickness ? tissues.corticalGray : tissues.corticalWhite;
  };
}

/** Distance to a sheet that ends: `across` beside it, `beyond` past its edge where positive. */
function sheetDistance(across: number, beyond: number): number {
  return beyond <= 0 ? across : Math.sqrt(across * across + beyond * beyond);
}

/** Ventricles and deep nuclei, which do not fold. */
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

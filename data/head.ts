/** Models the tissues around the brain: skin, fat, muscle, eyes and skull. */

import { ellipsoid, smoothMinimum } from "./shapes.ts";
import type { Tissue, Tissues } from "./tissues.ts";

/** Half the head's width, length and height above the ears in mm, before scaling by subject. */
export const headRadii = { x: 30, y: 38, z: 30 } as const;

/** Returns the distance in mm to the skin of head, face and neck, negative inside. */
export function skinDistance(x: number, y: number, z: number): number {
  const cap = ellipsoid(x, y, z, headRadii.x, headRadii.y, headRadii.z);
  if (z > 0) return cap;
  const neck = Math.max(ellipsoid(x, y - 4, 0, 23, 33, 1), z + 8); // The overlap of 8 mm avoids a ledge at z = 0.
  return smoothMinimum(cap, neck, 8);
}

/**
 * Returns the tissue outside the fluid around the brain.
 *
 * @param skin Distance to the skin in mm, negative.
 * @param depth Distance from the inner face of the skull in mm, positive outwards.
 * @param skullVariation Smooth random value of about ±0.5 at this position, for skull thickness.
 * @param softVariation Another, for fat and marrow.
 */
export function headTissue(
  tissues: Tissues,
  x: number,
  y: number,
  z: number,
  skin: number,
  depth: number,
  skullVariation: number,
  softVariation: number,
): Tissue {
  const skullThickness = 3 + 1.5 * skullVariation;
  if (depth < skullThickness) {
    const middle = Math.abs(depth / skullThickness - 0.5);
    return middle < 0.2 + 0.2 * softVariation ? tissues.marrow : tissues.bone;
  }
  if (skin > -0.8) return tissues.muscle; // Skin is as dark as muscle.

  const eye = ellipsoid(Math.abs(x) - 11, y - 27, z + 17, 4.6, 5, 4.6);
  if (eye < 0) return tissues.fluid;
  if (eye < 2) return tissues.fat;
  const nose = ellipsoid(x, y - 27, z + 25, 4, 9, 8);
  if (nose < 0) return Math.abs(x) < 0.6 ? tissues.muscle : tissues.air;

  const fatThickness = 2.6 + 1.6 * softVariation;
  return -skin < fatThickness ? tissues.fat : tissues.muscle;
}

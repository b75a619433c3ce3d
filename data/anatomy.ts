/** Composes one subject's head and returns the tissue at any position. */

import type { Generator } from "../lib/random/generator.ts";
import { brainStemDistance, cerebellumDistance, createCerebellum } from "./cerebellum.ts";
import { createCerebrum, temporalLobeDistance, upperLobesDistance } from "./cerebrum.ts";
import { headRadii, headTissue, skinDistance } from "./head.ts";
import { createGradientNoise, tabulateFields } from "./noise.ts";
import { smoothMinimum } from "./shapes.ts";
import { drawTissues, type Tissue } from "./tissues.ts";

/** A head, as a function from position to tissue. */
export interface Anatomy {
  /** Returns the tissue at a position in mm from the head's centre: x right, y front, z up. */
  readonly tissueAt: (x: number, y: number, z: number) => Tissue;
  /** Half the head's width, length and height in mm. */
  readonly radii: { readonly x: number; readonly y: number; readonly z: number };
}

/**
 * Creates a subject with random size, tilt, cortex thickness, pattern of folds and contrast.
 *
 * @param spread Scales the deviation of brightness from the average subject; 1 is the default.
 */
export function createAnatomy(random: Generator, spread: number): Anatomy {
  const size = random.uniform(0.95, 1.05);
  const scale = {
    x: size * random.uniform(0.97, 1.03),
    y: size * random.uniform(0.96, 1.04),
    z: size * random.uniform(0.97, 1.03),
  };
  const tilt = rotation(
    random.uniform(-0.06, 0.06),
    random.uniform(-0.04, 0.04),
    random.uniform(-0.04, 0.04),
  );
  const tissues = drawTissues(random, spread);
  const noise = createGradientNoise(random);
  const cerebrum = createCerebrum(createGradientNoise(random), {
    thickness: random.uniform(2.2, 2.9),
    foldSize: random.uniform(15, 18),
    sulcusDepth: random.uniform(5.5, 7.5),
    sulcusWidth: random.uniform(0.6, 1.2),
  }, tissues);
  const cerebellum = createCerebellum(createGradientNoise(random), {
    thickness: random.uniform(1.7, 2.1),
    fissures: random.uniform(2.8, 3.6),
  }, tissues);
  const fluidThickness = random.uniform(1.2, 1.9);

  // Channels: bending along x, y and z; cortex thickness; sulcus depth; skull; soft tissue.
  const fields = tabulateFields(noise, [20, 20, 20, 17, 13, 22, 9], { halfWidth: 45, step: 3 });
  const bend = 3;
  const field = new Float64Array(7);

  const tissueAt = (x: number, y: number, z: number): Tissue => {
    const hx = (tilt[0] * x + tilt[1] * y + tilt[2] * z) / scale.x;
    const hy = (tilt[3] * x + tilt[4] * y + tilt[5] * z) / scale.y;
    const hz = (tilt[6] * x + tilt[7] * y + tilt[8] * z) / scale.z;
    if (skinDistance(hx, hy, hz) > 2.5) return tissues.air;
    fields(hx, hy, hz, field);
    const bx = hx + bend * field[0], by = hy + bend * field[1], bz = hz + bend * field[2];
    const skin = skinDistance(bx, by, bz);
    if (skin > 0) return tissues.air;

    const stem = brainStemDistance(bx, by, bz);
    if (stem < 0) return tissues.brainStem;
    const lobe = cerebellumDistance(bx, by, bz);
    if (lobe < 0) return cerebellum(bx, by, bz, -lobe);
    const upper = upperLobesDistance(bx, by, bz), temporal = temporalLobeDistance(bx, by, bz);
    const hull = smoothMinimum(upper, temporal, 2);
    // A gap of fluid separates the cerebrum from the cerebellum below it.
    if (hull < 0 && lobe > 1.2) {
      return cerebrum(bx, by, bz, upper, temporal, field[3], field[4]);
    }
    const brain = smoothMinimum(smoothMinimum(hull, lobe, 8), stem, 5);
    const fluid = fluidThickness * (1 + 0.8 * field[5]);
    if (brain < fluid) return tissues.fluid;
    return headTissue(tissues, bx, by, bz, skin, brain - fluid, field[5], field[6]);
  };
  return {
    tissueAt,
    radii: {
      x: headRadii.x * scale.x,
      y: headRadii.y * scale.y,
      z: headRadii.z * scale.z,
    },
  };
}

/**
 * Returns a row-major 3×3 rotation by about `a`, `b` and `c` radians about x, y and z. Cayley's
 * formula avoids sines, whose last bit may differ between machines.
 */
function rotation(a: number, b: number, c: number): readonly number[] {
  const [p, q, r] = [a / 2, b / 2, c / 2];
  const k = 1 / (1 + p * p + q * q + r * r);
  return [
    k * (1 + p * p - q * q - r * r),
    k * 2 * (p * q - r),
    k * 2 * (p * r + q),
    k * 2 * (p * q + r),
    k * (1 - p * p + q * q - r * r),
    k * 2 * (q * r - p),
    k * 2 * (p * r - q),
    k * 2 * (q * r + p),
    k * (1 - p * p - q * q + r * r),
  ];
}

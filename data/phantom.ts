/** Generates brain-like scans with known labels from a seed. */

import type { Zyx } from "../lib/array/nd_array.ts";
import type { Geometry, Image, Segmentation } from "../lib/image/image.ts";
import { createGenerator } from "../lib/random/generator.ts";
import { createAnatomy } from "./anatomy.ts";
import { acquire, rasterise } from "./scan.ts";

export { phantomLabels } from "./tissues.ts";

/** Options of {@link generatePhantom}. */
export interface PhantomOptions {
  /** Seed of the subject, an integer of which the lower 32 bits are used. */
  readonly seed: number;
  /** Millimetres between voxel centres, (z, y, x); 1 mm by default. The anatomy stays the same. */
  readonly spacing?: Zyx;
  /** Voxels per axis, (z, y, x); by default, fits the subject's head, about 64×80×64 at 1 mm. */
  readonly shape?: Zyx;
  /** Scales noise, coil sensitivity and contrast changes; 1 by default, 0 for none. */
  readonly difficulty?: number;
}

/** A scan of one channel and its label map on the same grid. */
export interface Phantom {
  /** The scan. */
  readonly image: Image;
  /** Its labels. */
  readonly labels: Segmentation;
}

/**
 * Generates one subject: a T1-weighted head with cortex and cerebellum labelled according to
 * {@link phantomLabels}.
 *
 * The same options give the same voxels on every machine. The head is about two fifths of a real
 * one's size, with a cortex as thick as a real one's, so that a small network learns it in minutes.
 *
 * @param options The subject, and how it is scanned.
 * @returns The scan and its label map.
 * @throws {RangeError} If seed, spacing, shape or difficulty is out of range.
 *
 * @example Generates a subject with thick slices
 * ```ts
 * const { image, labels } = generatePhantom({ seed: 1, spacing: [3, 1, 1] });
 * ```
 */
export function generatePhantom(options: PhantomOptions): Phantom {
  checkPhantomOptions(options);
  const { seed, spacing = [1, 1, 1], difficulty = 1 } = options;
  const random = createGenerator(seed);
  const anatomy = createAnatomy(random, difficulty);

  const { radii } = anatomy;
  const extent: Zyx = [
    2 * radii.z + random.uniform(1, 7),
    2 * radii.y + random.uniform(1, 7),
    2 * radii.x + random.uniform(1, 7),
  ];
  const shape = options.shape ??
    mapAxes((axis) => Math.max(1, Math.round(extent[axis] / spacing[axis])));
  const centre = mapAxes((axis) => (shape[axis] - 1) / 2);
  const shift = mapAxes(() => random.uniform(-4, 4)); // Heads are slightly off centre.
  const geometry: Geometry = {
    shape,
    spacing,
    affine: rasAffine(
      spacing,
      mapAxes((axis) => Math.round(shift[axis] * 100) / 100 - centre[axis] * spacing[axis]),
    ),
  };

  const { brightness, labels } = rasterise(anatomy, shape, spacing, centre);
  const data = acquire(brightness, shape, random, difficulty);
  return { image: { geometry, channels: 1, data }, labels: { geometry, data: labels } };
}

/**
 * Checks the options of {@link generatePhantom}.
 *
 * @throws {RangeError} If an option is out of range.
 */
export function checkPhantomOptions({ seed, spacing, shape, difficulty }: PhantomOptions): void {
  const refuse = (name: string, value: unknown, needed: string) => {
    throw new RangeError(`Cannot generate a phantom: ${name} is ${value}, expected ${needed}`);
  };
  if (!Number.isSafeInteger(seed)) refuse("seed", seed, "an integer");
  if (spacing && !(spacing.length === 3 && spacing.every((mm) => mm > 0 && mm < Infinity))) {
    refuse("spacing", `[${spacing}]`, "3 values above 0");
  }
  if (shape && !(shape.length === 3 && shape.every((n) => Number.isInteger(n) && n > 0))) {
    refuse("shape", `[${shape}]`, "3 positive integers");
  }
  if (difficulty !== undefined && !(difficulty >= 0)) {
    refuse("difficulty", difficulty, "at least 0");
  }
}

function mapAxes(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}

/** Returns the row-major 4×4 affine of a grid aligned with the world axes. */
function rasAffine(spacing: Zyx, origin: Zyx): number[] {
  return [
    [spacing[2], 0, 0, origin[2]],
    [0, spacing[1], 0, origin[1]],
    [0, 0, spacing[0], origin[0]],
    [0, 0, 0, 1],
  ].flat();
}

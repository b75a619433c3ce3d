/** The phantoms' tissues, with their labels and brightness. */

import type { Generator } from "../lib/random/generator.ts";

/** The five labels, named as in the MindBoggle tutorial. */
export const phantomLabels = {
  "non brain": 0,
  "cortical gray": 1,
  "cortical white": 2,
  "cerebellum gray": 3,
  "cerebellum white": 4,
} as const;

/** One kind of tissue: its label and its brightness in a T1-weighted scan, white matter near 100. */
export interface Tissue {
  readonly label: number;
  readonly brightness: number;
}

/** Every tissue of one subject, by name. */
export type Tissues = Readonly<Record<keyof typeof typicalTissues, Tissue>>;

/**
 * Tissues of the average subject. The cerebellum's folds are finer than a voxel, so the brightness of
 * its gray and white matter is closer. Muscle, marrow, deep nuclei and the brain stem are as bright
 * as labelled tissue: only location distinguishes them.
 */
const typicalTissues = {
  air: { label: 0, brightness: 2 },
  fluid: { label: 0, brightness: 24 },
  bone: { label: 0, brightness: 10 },
  marrow: { label: 0, brightness: 66 },
  muscle: { label: 0, brightness: 54 },
  fat: { label: 0, brightness: 112 },
  deepGray: { label: 0, brightness: 82 },
  brainStem: { label: 0, brightness: 94 },
  corticalGray: { label: 1, brightness: 66 },
  corticalWhite: { label: 2, brightness: 100 },
  cerebellumGray: { label: 3, brightness: 76 },
  cerebellumWhite: { label: 4, brightness: 99 },
} satisfies Record<string, Tissue>;

/**
 * Draws the tissues of one subject and scanner, with random contrast between gray and white matter
 * and a small deviation of every tissue.
 *
 * @param spread Scales the variation: 1 by default, 0 for the average subject.
 */
export function drawTissues(random: Generator, spread: number): Tissues {
  const contrast = 0.15 * spread * random.uniform(-1, 1);
  const entries = Object.entries(typicalTissues).map(([name, { label, brightness }]) => {
    const curved = brightness * (1 + contrast * (1 - brightness / 100)); // Leaves air and white matter unchanged.
    const stray = 1 + 0.02 * spread * random.uniform(-1, 1);
    return [name, { label, brightness: curved * stray }];
  });
  return Object.fromEntries(entries) as Tissues;
}

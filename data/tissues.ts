/** What the phantoms are made of. */

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
 * The average subject. The cerebellum's folds are finer than a voxel, so its gray and white blend
 * towards each other. Muscle, marrow, deep nuclei and the brain stem share the brightness of
 * labelled tissue without its label: only place tells them apart.
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
 * Tissues of one subject and one scanner: contrast between gray and white differs, and every
 * tissue strays a little by itself.
 *
 * @param spread 1 for the usual variation, 0 for the average subject.
 */
export function drawTissues(random: Generator, spread: number): Tissues {
  const contrast = 0.15 * spread * random.uniform(-1, 1);
  const entries = Object.entries(typicalTissues).map(([name, { label, brightness }]) => {
    const curved = brightness * (1 + contrast * (1 - brightness / 100)); // Air and white stay.
    const stray = 1 + 0.02 * spread * random.uniform(-1, 1);
    return [name, { label, brightness: curved * stray }];
  });
  return Object.fromEntries(entries) as Tissues;
}

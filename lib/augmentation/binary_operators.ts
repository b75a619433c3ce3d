/** Simulates outline errors in a cascade's previous stage by morphological operators. */

import { close, dilate, erode, open } from "../morphology/dilation.ts";
import { ball } from "../morphology/structuring_element.ts";
import type { Generator } from "../random/generator.ts";
import { shuffle } from "../random/shuffle.ts";
import { changeImage, type Transform } from "./transform.ts";

const operators = { dilate, erode, open, close } as const;

/** A morphological operation on one label's channel. */
export interface BinaryOperation {
  /** Index among the labels' channels, from 0. */
  readonly label: number;
  readonly operator: keyof typeof operators;
  /** Radius of the ball or disk, in voxels. */
  readonly radius: number;
}

/** Options of {@link binaryOperators}. */
export interface BinaryOperatorOptions {
  /** Number of labels: the image's last channels, of zeros and ones. */
  readonly labels: number;
  /** Probability that a label is changed. */
  readonly labelProbability: number;
  /** Range of radii in voxels, at least 0.5. */
  readonly radius: readonly [low: number, high: number];
}

/**
 * Dilates, erodes, opens or closes labels with balls of random radius, one label after another.
 * Voxels that a label gains are removed from the others. The parameters are the operations in order.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/nnunet/random_binary_operator.py
 */
export function binaryOperators(
  { labels, labelProbability, radius }: BinaryOperatorOptions,
): Transform<readonly BinaryOperation[]> {
  const names = Object.keys(operators) as (keyof typeof operators)[];
  return {
    name: "binaryOperators",
    draw: (generator) =>
      chooseLabels(generator, labels, labelProbability).map((label) => ({
        label,
        operator: names[generator.integer(0, names.length)],
        radius: generator.uniform(...radius),
      })),
    apply: (sample, operations, mayOverwrite) =>
      operations.length === 0 ? sample : changeImage(sample, mayOverwrite, (channels) => {
        const shape = sample.segmentation.shape;
        const maps = channels.slice(-labels);
        for (const operation of operations) {
          const before = Uint8Array.from(maps[operation.label]);
          const element = ball(operation.radius, shape.length === 2 ? 2 : 3);
          const after = operators[operation.operator](before, shape, element);
          for (const [label, map] of maps.entries()) {
            if (label === operation.label) map.set(after);
            else for (let i = 0; i < map.length; i++) if (after[i] > before[i]) map[i] = 0;
          }
        }
      }),
  };
}

/** Selects each label with the given probability and returns the selected ones in random order. */
export function chooseLabels(generator: Generator, labels: number, probability: number): number[] {
  const inOrder = Array.from({ length: labels }, (_, label) => label);
  return shuffle(inOrder, generator).filter(() => generator.uniform() < probability);
}

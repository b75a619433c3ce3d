/** Describes a prediction in the lines that `predict` begins with. */

import type { PredictionStart } from "../inference/predictor_options.ts";
import type { Predictor } from "../predictor.ts";
import { printable } from "../untrusted/printable.ts";

/** What the options of `predict` say about how the model predicts. */
export interface PredictionSettings {
  readonly stepSize?: number;
  readonly mirroring: boolean;
  readonly gaussian: boolean;
  readonly thresholds?: Readonly<Record<string, number>>;
}

/**
 * Describes a model, such as `Dataset004_Hippocampus 3d_fullres, nnUNetTrainer, nnUNetPlans, folds
 * 0 1 2 3 4, checkpoint_final.pth`, and how it predicts.
 */
export function describeModel(
  { plansData, configuration, origin, mirrorAxes }: Pick<
    Predictor,
    "plansData" | "configuration" | "origin" | "mirrorAxes"
  >,
  { stepSize = 0.5, mirroring, gaussian, thresholds = {} }: PredictionSettings,
): string[] {
  const { path, trainer, folds, checkpoint } = origin;
  const parts = [
    `${plansData.datasetName} ${configuration.name}`,
    plansData.plansName,
    ...trainer === undefined ? [] : [trainer],
    ...folds === undefined ? [path] : [`fold${folds.length > 1 ? "s" : ""} ${folds.join(" ")}`],
    ...checkpoint === undefined ? [] : [checkpoint],
  ];
  const views = mirroring ? 2 ** mirrorAxes.length : 1;
  return [
    `Model: ${parts.join(", ")}`,
    `Patch: ${configuration.patchSize.join(" × ")} voxels in steps of ${stepSize}, ` +
    `${views === 1 ? "no mirrored views" : `averaged over ${views} mirrored views`}` +
    (gaussian ? "" : ", all voxels weighted equally"),
    ...Object.entries(thresholds).map(([label, threshold]) =>
      `Threshold: ${printable(label)} where its probability is above ${threshold}`
    ),
  ];
}

/** Describes a folder's prediction, such as `12 cases of scans on cpu, label maps to labels`. */
export function describeStart(
  { cases, kept, device }: PredictionStart,
  { input, output, part: { id, of } }: {
    readonly input: string;
    readonly output: string;
    readonly part: { readonly id: number; readonly of: number };
  },
): string {
  const parts = of > 1 ? ` (part ${id} of ${of}, counted from 0)` : "";
  const done = kept > 0 ? `, ${kept} of them done before` : "";
  return `Cases: ${cases} of ${input}${parts}${done}, on ${device}, label maps to ${output}`;
}

/** Describes where a cascade's first stage is from; undefined for other models. */
export function describePreviousStage(
  { configuration: { previousStage }, origin: { folds } }: Pick<
    Predictor,
    "configuration" | "origin"
  >,
  folder: string | undefined,
): string | undefined {
  if (!previousStage) return undefined;
  if (folder !== undefined) return `First stage: ${previousStage}, label maps of ${folder}`;
  const names = folds?.join(" ") ?? "";
  return `First stage: ${previousStage}, predicted with the same folds (${names}), checkpoint, ` +
    "trainer, steps and mirrored views";
}

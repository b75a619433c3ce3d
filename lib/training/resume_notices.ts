/** Says what users should know about a training that is resumed. */

import { nameSome } from "../files/some_names.ts";
import type { Split } from "../files/splits_json.ts";
import { changedPlans, type TrainedWith } from "./changed_plans.ts";
import type { FoundCheckpoint, Resumed } from "./resumed_checkpoint.ts";

/** What a training is resumed with. */
export interface ResumedWith extends TrainedWith {
  /** The fold's folder. */
  readonly folder: string;
  readonly split: Split;
  readonly pretrainedWeights?: string;
}

/**
 * Returns sentences about damaged checkpoints, about changes since the checkpoint was written, and
 * about what a resumed training ignores.
 */
export function resumeNotices(
  { resumed, damaged }: FoundCheckpoint,
  now: ResumedWith,
): string[] {
  if (!resumed) return [`Found no checkpoint in ${now.folder}: this is a new training`];
  const notices = damaged.map(({ reason }) => reason);
  if (damaged.length > 0) {
    notices.push(`Resuming from ${resumed.name} instead, after epoch ${resumed.state.epoch}`);
  }
  const changed = [...changedPlans(resumed.initArgs, now), ...changedCases(resumed, now.split)];
  if (changed.length > 0) {
    notices.push(`Changed since ${resumed.name} was written: ${changed.join("; ")}`);
  }
  if (now.pretrainedWeights !== undefined) {
    notices.push(
      `Not using the pretrained weights of ${now.pretrainedWeights}, which are for new trainings`,
    );
  }
  return notices;
}

function changedCases({ split: before }: Resumed, now: Split): string[] {
  if (!before) return [];
  return ([["training", before.train, now.train], [
    "validation",
    before.validation,
    now.validation,
  ]] as const).flatMap(([what, old, names]) => [
    ...list(`${what} cases added`, names.filter((name) => !old.includes(name))),
    ...list(`${what} cases removed`, old.filter((name) => !names.includes(name))),
  ]);
}

function list(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${nameSome(names)}`];
}

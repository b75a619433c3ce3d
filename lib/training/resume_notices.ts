/** Says what users should know about a training that is resumed. */

import { nameSome } from "../files/some_names.ts";
import type { Split } from "../files/splits_json.ts";
import { count } from "../options/count.ts";
import { changedPlans, type TrainedWith } from "./changed_plans.ts";
import { changedOptions } from "./kept_options.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { FoundCheckpoint, Resumed } from "./resumed_checkpoint.ts";
import type { TrainerOptions, TrainingSchedule } from "./training_options.ts";

/** What a training is resumed with. */
export interface ResumedWith extends TrainedWith {
  /** The fold's folder. */
  readonly folder: string;
  readonly split: Split;
  readonly options: TrainerOptions;
  /** What omitted options stand for. */
  readonly standard: ResolvedOptions;
  readonly schedule: Pick<TrainingSchedule, "epochs" | "seed">;
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
  const { name, state: { epoch, seed } } = resumed;
  const changed = [
    ...changedPlans(resumed.initArgs, now),
    ...changedCases(resumed, now.split),
    ...changedOptions(resumed, now.options, now.standard),
  ];
  if (changed.length > 0) {
    notices.push(`Changed since ${name} was written: ${changed.join("; ")}`);
  }
  if (epoch > now.schedule.epochs) {
    notices.push(
      `${name} has ${
        count(epoch, "epoch")
      }, more than the ${now.schedule.epochs} of this training, ` +
        "which ends with them",
    );
  }
  if (now.options.seed !== undefined && now.options.seed !== seed) {
    notices.push(
      `Not using the seed ${now.options.seed}, which is for new trainings; this one began with ${seed}`,
    );
  }
  if (now.pretrainedWeights !== undefined) {
    notices.push(
      `Not using the pretrained weights of ${now.pretrainedWeights}, which are for new trainings`,
    );
  }
  return notices;
}

/**
 * Returns why none of a fold's checkpoints can be used: the first one's reason and what has changed in
 * the plans since, or the reasons of all.
 */
export function whyNotResumed(
  damaged: FoundCheckpoint["damaged"],
  now: Pick<ResumedWith, keyof TrainedWith>,
): string {
  const [{ reason, initArgs }] = damaged;
  const changed = initArgs ? changedPlans(initArgs, now) : [];
  if (changed.length === 0) return damaged.map(({ reason }) => reason).join("; ");
  return `${reason}; since it was written, this has changed: ${changed.join("; ")}; ` +
    "plan as before to resume";
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

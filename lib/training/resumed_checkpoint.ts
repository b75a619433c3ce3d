/** Chooses the checkpoint that a training is resumed from. */

import { join } from "../platform/paths.ts";
import { readCheckpoint } from "../files/checkpoint_file.ts";
import { fileNames } from "../files/paths.ts";
import type { InitArgs, NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import type { Split } from "../files/splits_json.ts";
import { reasonOf } from "../options/reason_of.ts";
import { exists } from "../platform/files.ts";
import type { RecordedOptions } from "./kept_options.ts";
import { optionsOf, splitOf, type TrainingState } from "./training_state.ts";

/**
 * Checkpoints to resume from, in order of preference. A training removes the latest checkpoint when
 * it ends, so a latest one next to a final one belongs to a training that was prolonged; upstream
 * would resume from the final one.
 */
const resumable = [
  fileNames.checkpointLatest,
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
] as const;

/** A state to resume from, and the checkpoint that it is in. */
export interface Resumed<State = TrainingState> {
  /** File name of the checkpoint. */
  readonly name: string;
  readonly state: State;
  /** What the training was started with. */
  readonly initArgs: InitArgs;
  /** The cases it was trained with; undefined for nnU-Net's checkpoints. */
  readonly split?: Split;
  /** The options it was trained with, as far as they are known. */
  readonly options: RecordedOptions;
  /** Whether other options were omitted, rather than are unknown. */
  readonly hasAllOptions: boolean;
}

/** Result of {@link findCheckpoint}. */
export interface FoundCheckpoint<State = TrainingState> {
  /** Undefined if there is no checkpoint, or none can be used. */
  readonly resumed?: Resumed<State>;
  /** Checkpoints that cannot be used, and why. */
  readonly damaged: readonly UnusableCheckpoint[];
}

/** A checkpoint that cannot be used. */
export interface UnusableCheckpoint {
  readonly name: string;
  readonly reason: string;
  /** What the training was started with, if the checkpoint can be read. */
  readonly initArgs?: InitArgs;
}

/**
 * Returns the state of a fold's last checkpoint. If that is damaged or belongs to another network, it
 * is the one of the other checkpoints that has the most epochs.
 *
 * @param folder The fold's folder.
 * @param convert Converts a checkpoint to a state, or throws.
 */
export async function findCheckpoint<State extends { readonly epoch: number }>(
  folder: string,
  convert: (checkpoint: NnunetCheckpoint) => State,
): Promise<FoundCheckpoint<State>> {
  const damaged: UnusableCheckpoint[] = [];
  let best: Resumed<State> | undefined;
  for (const name of resumable) {
    const path = join(folder, name);
    if (!await exists(path)) continue;
    let initArgs: InitArgs | undefined;
    try {
      const checkpoint = await readCheckpoint(path);
      initArgs = checkpoint.initArgs;
      const found = {
        name,
        state: convert(checkpoint),
        initArgs,
        split: splitOf(checkpoint),
        ...optionsOf(checkpoint),
      };
      if (damaged.length === 0) return { resumed: found, damaged };
      if (!best || found.state.epoch > best.state.epoch) best = found;
    } catch (error) {
      const reason = reasonOf(error);
      damaged.push({
        name,
        reason: reason.includes(path) ? reason : `Cannot use ${path}: ${reason}`,
        initArgs,
      });
    }
  }
  return { resumed: best, damaged };
}

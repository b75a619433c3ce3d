/** What touches all weights of a network at once, which takes longer than a thread may wait. */

import { join } from "../platform/paths.ts";
import type { NdArray } from "../array/nd_array.ts";
import { readCheckpoint, writeCheckpoint } from "../files/checkpoint_file.ts";
import { fileNames } from "../files/paths.ts";
import { fillModel } from "../graph/encode.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { initialWeights, type ParameterSpec } from "../network/network.ts";
import { createGenerator } from "../random/generator.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import { type OptimizerChoice, optimizerOf } from "./optimizer_choice.ts";
import { withPretrained } from "./pretrained.ts";
import { fromCheckpoint, type TrainingState } from "./training_state.ts";
import { exists } from "../platform/files.ts";

/**
 * In the order in which to look for a state to go on from. A training takes the latest away when it
 * ends, so one beside a final state is of a newer training; upstream would go back to the final.
 */
const resumable = [
  fileNames.checkpointLatest,
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
] as const;

const api = {
  writeCheckpoint,

  /**
   * The state in a folder's last checkpoint, or nothing if there is none.
   *
   * @throws {Error} If it cannot be read or is of another network.
   */
  async resume(
    folder: string,
    parameters: readonly ParameterSpec[],
    seed: number,
    optimizer: OptimizerChoice,
  ) {
    for (const name of resumable) {
      const path = join(folder, name);
      if (!await exists(path)) continue;
      const state = fromCheckpoint(
        await readCheckpoint(path),
        parameters,
        seed,
        optimizerOf(optimizer),
      );
      const { weights, momentum } = state.optimizer;
      return new Transferred<TrainingState | undefined>(state, [weights.buffer, momentum.buffer]);
    }
    return new Transferred<TrainingState | undefined>(undefined, []);
  },

  /**
   * Weights to begin with: random ones, and a checkpoint's in place of those that it has.
   *
   * @throws {Error} If the checkpoint cannot be read or is of another network.
   */
  async begin(parameters: readonly ParameterSpec[], seed: number, pretrained?: string) {
    const fresh = initialWeights(parameters, createGenerator(seed));
    const weights = pretrained === undefined
      ? fresh
      : withPretrained(await readCheckpoint(pretrained), parameters, fresh);
    return new Transferred(weights, [weights.buffer]);
  },

  /** Puts weights into a model, and writes it where a path is given. */
  async fill(frame: Uint8Array, weights: ReadonlyMap<string, NdArray>, path?: string) {
    const model = fillModel(frame, weights);
    if (path !== undefined) await writeFileAtomically(path, model);
    return new Transferred(model, [model.buffer]);
  },

  /** Puts the weights of a checkpoint into a model. */
  async fillFrom(frame: Uint8Array, checkpoint: string) {
    const model = fillModel(frame, (await readCheckpoint(checkpoint)).networkWeights);
    return new Transferred(model, [model.buffer]);
  },
};

/** What the worker serves. */
export type WeightsApi = typeof api;

serve(api);

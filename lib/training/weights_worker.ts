/** The worker that processes all weights of a network, which would block the calling thread. */

import { join } from "../platform/paths.ts";
import type { NdArray } from "../array/nd_array.ts";
import { readCheckpoint, writeCheckpoint } from "../files/checkpoint_file.ts";
import { fileNames } from "../files/paths.ts";
import { fillModel } from "../graph/encode.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { initialWeights, type ParameterSpec } from "../network/network.ts";
import { createGenerator } from "../random/generator.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import { type OptimizerChoice, optimizerOf } from "./step/optimizer_choice.ts";
import { withPretrained } from "./pretrained.ts";
import { fromCheckpoint, type TrainingState } from "./training_state.ts";
import { exists } from "../platform/files.ts";

/**
 * Checkpoints to resume from, in order of preference. A training removes the latest checkpoint when
 * it ends, so a latest one next to a final one belongs to a newer training; upstream would resume
 * from the final one.
 */
const resumable = [
  fileNames.checkpointLatest,
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
] as const;

const api = {
  writeCheckpoint,

  /**
   * Returns the state in a folder's last checkpoint; undefined if there is none.
   *
   * @throws {Error} If it cannot be read or belongs to another network.
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
   * Returns initial weights: random ones, replaced by those of the pretrained checkpoint, if any.
   *
   * @param pretrained Path of the checkpoint.
   * @throws {Error} If the checkpoint cannot be read or belongs to another network.
   */
  async begin(parameters: readonly ParameterSpec[], seed: number, pretrained?: string) {
    const fresh = initialWeights(parameters, createGenerator(seed));
    const weights = pretrained === undefined
      ? fresh
      : withPretrained(await readCheckpoint(pretrained), parameters, fresh);
    return new Transferred(weights, [weights.buffer]);
  },

  /** Fills a model with weights and, if a path is given, writes it. */
  async fill(weightless: Uint8Array, weights: ReadonlyMap<string, NdArray>, path?: string) {
    const model = fillModel(weightless, weights);
    if (path !== undefined) await writeFileAtomically(path, model);
    return new Transferred(model, [model.buffer]);
  },

  /** Fills a model with the weights of a checkpoint. */
  async fillFrom(weightless: Uint8Array, checkpoint: string) {
    const model = fillModel(weightless, (await readCheckpoint(checkpoint)).networkWeights);
    return new Transferred(model, [model.buffer]);
  },
};

/** The functions that the worker serves. */
export type WeightsApi = typeof api;

serve(api);

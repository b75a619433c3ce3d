/**
 * The worker for a training's work that would block the calling thread: whatever takes all weights of
 * a network, and pictures of its curves.
 */

import { renderCurves } from "../display/curves.ts";
import { readCheckpoint, writeCheckpoint } from "../files/checkpoint_file.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { fillModel } from "../graph/encode.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { initialWeights, type ParameterSpec } from "../network/network.ts";
import { createGenerator } from "../random/generator.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { RecordedOptions } from "./kept_options.ts";
import { type OptimizerChoice, optimizerOf } from "./step/optimizer_choice.ts";
import { withPretrained } from "./pretrained.ts";
import { findCheckpoint } from "./resumed_checkpoint.ts";
import { receiveState, type SentState } from "./step/sent_state.ts";
import { parametersByName } from "./step/flat_parameters.ts";
import {
  type CheckpointFacts,
  fromCheckpoint,
  optionsOf,
  type RunState,
  toCheckpoint,
} from "./training_state.ts";

/** The facts of a checkpoint, without functions, which no message can hold. */
export interface SentFacts extends Omit<CheckpointFacts, "parameters" | "optimizer"> {
  readonly optimizer: OptimizerChoice;
}

/** A training that was begun. */
export interface BegunTraining {
  readonly options: RecordedOptions;
  readonly log?: TrainingLog;
}

const api = {
  /** Writes a checkpoint of the state that the engine sends. */
  async writeCheckpoint(path: string, run: RunState, sent: SentState, facts: SentFacts) {
    const state = { ...run, optimizer: await receiveState(sent) };
    const { parameters } = sent.layout;
    const optimizer = optimizerOf(facts.optimizer);
    await writeCheckpoint(path, toCheckpoint(state, { ...facts, parameters, optimizer }));
  },

  /** Returns the state to resume a training from; see {@link findCheckpoint}. */
  async resume(
    folder: string,
    parameters: readonly ParameterSpec[],
    seed: number,
    optimizer: OptimizerChoice,
  ) {
    const found = await findCheckpoint(
      folder,
      (checkpoint) => fromCheckpoint(checkpoint, parameters, seed, optimizerOf(optimizer)),
    );
    const buffers = found.resumed
      ? [found.resumed.state.optimizer.weights, found.resumed.state.optimizer.momentum]
      : [];
    return new Transferred(found, buffers.map(({ buffer }) => buffer));
  },

  /**
   * Returns what a fold's training began with and how far it got, without its weights. `log` is there
   * if the training has ended: its final checkpoint is the last one. Undefined if no checkpoint can be
   * read.
   */
  async begun(folder: string): Promise<BegunTraining | undefined> {
    const { resumed, damaged } = await findCheckpoint(
      folder,
      ({ currentEpoch, log }) => ({ epoch: currentEpoch, log }),
    );
    if (!resumed) return undefined;
    const { name, state: { log }, options } = resumed;
    const hasEnded = name === fileNames.checkpointFinal && damaged.length === 0;
    return { options, log: hasEnded ? log : undefined };
  },

  /** Returns the options that a checkpoint was trained with, as far as they are known. */
  async optionsOf(path: string): Promise<RecordedOptions> {
    return optionsOf(await readCheckpoint(path)).options;
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

  /** Writes a picture of a training's curves. */
  async drawProgress(path: string, log: TrainingLog) {
    await writeFileAtomically(path, await renderCurves(log));
  },

  /** Fills a model with the weights that the engine sends and, if a path is given, writes it. */
  async fill(weightless: Uint8Array, sent: SentState, path?: string) {
    const { weights } = await receiveState(sent);
    const model = fillModel(weightless, parametersByName(sent.layout.parameters, weights));
    if (path !== undefined) await writeFileAtomically(path, model);
    return new Transferred(model, [model.buffer]);
  },

  /**
   * Fills a model with the weights of a checkpoint and, if a path is given, writes it.
   *
   * @returns The model, and the number of epochs that the checkpoint was trained for.
   */
  async fillFrom(weightless: Uint8Array, checkpoint: string, path?: string) {
    const { networkWeights, currentEpoch } = await readCheckpoint(checkpoint);
    const model = fillModel(weightless, networkWeights);
    if (path !== undefined) await writeFileAtomically(path, model);
    return new Transferred({ model, epochs: currentEpoch }, [model.buffer]);
  },
};

/** The functions that the worker serves. */
export type WeightsApi = typeof api;

serve(api);

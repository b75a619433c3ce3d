/** Defines a training's state between two steps, and converts it to and from checkpoints. */

import type { GradScalerState, InitArgs, NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import { type ParameterSpec, placesOf, trainedOf } from "../network/network.ts";
import type { Split } from "../files/splits_json.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import type { RecordedOptions } from "./kept_options.ts";
import { parametersByName, parametersEndToEnd } from "./step/flat_parameters.ts";
import { defaultLossScaling } from "./step/loss_scaling.ts";
import type { Optimizer, OptimizerState } from "./step/optimizer.ts";
import { sgd } from "./step/sgd.ts";

/** Everything that is needed to resume a training. */
export interface TrainingState {
  /** The current epoch, from 0. */
  readonly epoch: number;
  /** Losses of the current epoch's steps so far. */
  readonly epochLosses: readonly number[];
  /** When the current epoch started, in seconds since 1970. */
  readonly epochStart: number;
  /** Determines the initial weights and all batches. */
  readonly seed: number;
  /** Maximum of the moving average pseudo Dice; null if no epoch has had one. */
  readonly bestEma: number | null;
  readonly log: TrainingLog;
  readonly optimizer: OptimizerState;
}

/** The part of the state that is not on the engine. */
export type RunState = Omit<TrainingState, "optimizer">;

/** What a checkpoint contains besides the state. */
export interface CheckpointFacts {
  readonly parameters: readonly ParameterSpec[];
  readonly initArgs: InitArgs;
  readonly trainerName: string;
  readonly learningRate: number;
  readonly initialLearningRate: number;
  readonly optimizer: Optimizer;
  readonly mirrorAxes: readonly number[];
  /** The cases, to notice when resuming that they have changed. */
  readonly split: Split;
  /** The options that are not nnU-Net's, to continue with. */
  readonly options: RecordedOptions;
  /** In mixed precision, the growth interval; {@link defaultLossScaling}'s by default. */
  readonly growthInterval?: number;
}

/**
 * Converts a state to nnU-Net's checkpoint, with an additional key for what nnU-Net lacks.
 *
 * @param now Seconds since 1970.
 */
export function toCheckpoint(
  state: TrainingState,
  facts: CheckpointFacts,
  now = Date.now() / 1000,
): NnunetCheckpoint {
  const { epoch, epochLosses, epochStart, seed, bestEma, log, optimizer } = state;
  return {
    networkWeights: parametersByName(facts.parameters, optimizer.weights),
    modulePlaces: placesOf(facts.parameters),
    optimizer: facts.optimizer.toRecord(optimizer.momentum, trainedOf(facts.parameters), {
      learningRate: facts.learningRate,
      initialLearningRate: facts.initialLearningRate,
    }),
    ...optimizer.scaling && { gradScaler: scalerOf(optimizer.scaling, facts) },
    log,
    bestEma,
    currentEpoch: epoch,
    initArgs: facts.initArgs,
    trainerName: facts.trainerName,
    inferenceAllowedMirroringAxes: facts.mirrorAxes.length > 0 ? facts.mirrorAxes : null,
    extraState: {
      seed,
      epochLosses: [...epochLosses],
      epochSeconds: epochLosses.length > 0 ? now - epochStart : 0,
      options: facts.options,
      split: { train: [...facts.split.train], validation: [...facts.split.validation] },
    },
  };
}

/**
 * Restores the state from a checkpoint of this library or of nnU-Net.
 *
 * A checkpoint of another optimiser restores only the weights. The time since the checkpoint was
 * written does not count towards the epoch.
 *
 * @param seed Seed to continue with if the checkpoint has none, as nnU-Net's.
 * @param now Seconds since 1970.
 * @throws {TypeError} If the checkpoint's parameters do not match the network's.
 */
export function fromCheckpoint(
  checkpoint: NnunetCheckpoint,
  parameters: readonly ParameterSpec[],
  seed: number,
  optimizer: Optimizer = sgd(),
  now = Date.now() / 1000,
): TrainingState {
  const own = ownOf(checkpoint);
  const { gradScaler } = checkpoint;
  return {
    epoch: checkpoint.currentEpoch,
    epochLosses: own?.epochLosses ?? [],
    epochStart: now - (own?.epochSeconds ?? 0),
    seed: own?.seed ?? seed,
    bestEma: checkpoint.bestEma,
    log: checkpoint.log,
    optimizer: {
      weights: parametersEndToEnd(parameters, checkpoint.networkWeights),
      momentum: optimizer.fromRecord(checkpoint.optimizer, trainedOf(parameters)),
      ...gradScaler && { scaling: Float32Array.of(gradScaler.scale, gradScaler.growthTracker) },
    },
  };
}

/** What checkpoints of this library have in addition; the optional fields are newer. */
interface OwnState {
  readonly seed: number;
  readonly epochLosses: readonly number[];
  readonly epochSeconds?: number;
  readonly split?: Split;
  readonly options?: RecordedOptions;
}

function ownOf({ extraState }: NnunetCheckpoint): OwnState | undefined {
  return extraState as unknown as OwnState | undefined;
}

/** Returns the cases that a checkpoint was trained with; undefined for nnU-Net's. */
export function splitOf(checkpoint: NnunetCheckpoint): Split | undefined {
  return ownOf(checkpoint)?.split;
}

/**
 * Returns the options that a checkpoint was trained with, as far as it has them, and whether those
 * are all that were given. nnU-Net's has the axes that were mirrored.
 */
export function optionsOf(
  checkpoint: NnunetCheckpoint,
): { readonly options: RecordedOptions; readonly hasAllOptions: boolean } {
  const mirrorAxes = [...checkpoint.inferenceAllowedMirroringAxes ?? []];
  const own = ownOf(checkpoint)?.options;
  return { options: { ...own, mirrorAxes }, hasAllOptions: own !== undefined };
}

function scalerOf(
  [scale, growthTracker]: Float32Array,
  { growthInterval = defaultLossScaling.growthInterval }: CheckpointFacts,
): GradScalerState {
  return { scale, growthInterval, growthTracker };
}

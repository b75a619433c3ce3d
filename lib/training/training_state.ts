/** A training between two steps: everything that resuming needs, and its form as a checkpoint. */

import type { GradScalerState, InitArgs, NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import type { ParameterSpec } from "../network/network.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { parametersByName, parametersEndToEnd } from "./flat_parameters.ts";
import { defaultLossScaling } from "./loss_scaling.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** How far a training has come. */
export interface TrainingState {
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** Losses of the steps done in it. */
  readonly epochLosses: readonly number[];
  /** When it began, seconds since 1970. */
  readonly epochStart: number;
  /** From which every batch and the starting weights follow. */
  readonly seed: number;
  readonly bestEma: number | null;
  readonly log: TrainingLog;
  readonly optimizer: OptimizerState;
}

/** A state without what the engine holds. */
export type RunState = Omit<TrainingState, "optimizer">;

/** What a checkpoint says beyond the state. */
export interface CheckpointFacts {
  readonly parameters: readonly ParameterSpec[];
  readonly initArgs: InitArgs;
  readonly trainerName: string;
  readonly learningRate: number;
  readonly initialLearningRate: number;
  readonly optimizer: Optimizer;
  readonly mirrorAxes: readonly number[];
  /** Of mixed precision, {@link defaultLossScaling}'s if left out. */
  readonly growthInterval?: number;
}

/** nnU-Net's checkpoint of a state; what only we need stands under a key of our own. */
export function toCheckpoint(state: TrainingState, facts: CheckpointFacts): NnunetCheckpoint {
  const { epoch, epochLosses, epochStart, seed, bestEma, log, optimizer } = state;
  return {
    networkWeights: parametersByName(facts.parameters, optimizer.weights),
    optimizer: facts.optimizer.toRecord(optimizer.momentum, facts.parameters, {
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
    extraState: { seed, epochLosses: [...epochLosses], epochStart },
  };
}

/**
 * The state in a checkpoint, ours or nnU-Net's.
 *
 * One of nnU-Net's has no seed of ours; training then goes on with `seed`. One of another optimiser
 * gives its weights alone.
 *
 * @throws {TypeError} If its parameters are not the network's.
 */
export function fromCheckpoint(
  checkpoint: NnunetCheckpoint,
  parameters: readonly ParameterSpec[],
  seed: number,
  optimizer: Optimizer = sgd(),
): TrainingState {
  const own = checkpoint.extraState as
    | { seed: number; epochLosses: number[]; epochStart: number }
    | undefined;
  const { gradScaler } = checkpoint;
  return {
    epoch: checkpoint.currentEpoch,
    epochLosses: own?.epochLosses ?? [],
    epochStart: own?.epochStart ?? 0,
    seed: own?.seed ?? seed,
    bestEma: checkpoint.bestEma,
    log: checkpoint.log,
    optimizer: {
      weights: parametersEndToEnd(parameters, checkpoint.networkWeights),
      momentum: optimizer.fromRecord(checkpoint.optimizer, parameters),
      ...gradScaler && { scaling: Float32Array.of(gradScaler.scale, gradScaler.growthTracker) },
    },
  };
}

function scalerOf(
  [scale, growthTracker]: Float32Array,
  { growthInterval = defaultLossScaling.growthInterval }: CheckpointFacts,
): GradScalerState {
  return { scale, growthInterval, growthTracker };
}

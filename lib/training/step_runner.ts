/** Runs training and validation steps; weights and momentum stay with the engine in between. */

import type { Shape } from "../array/nd_array.ts";
import { encodeModel } from "../graph/encode.ts";
import { lowerFor } from "../lowering/for_device.ts";
import {
  countParameters,
  type Network,
  parametersOf,
  type ParameterSpec,
} from "../network/network.ts";
import type { Device } from "../runtime/device.ts";
import { Engine, type LoadedModel } from "../runtime/engine.ts";
import type { HostTensor } from "../runtime/session.ts";
import type { Batch } from "./batch.ts";
import type { Loss } from "./losses.ts";
import type { SgdOptions } from "./optimizer.ts";
import { stepNames, trainingGraph, validationGraph } from "./step_graph.ts";
import type { Targets } from "./targets.ts";

/** What to train and with what batches. */
export interface StepRunnerOptions {
  readonly network: Network;
  readonly loss: Loss;
  readonly targets: Targets;
  /** (n, c, …patch) */
  readonly imageShape: Shape;
  /** Whether the lower resolutions' outputs enter the loss; true by default. */
  readonly deepSupervision?: boolean;
  readonly sgd?: SgdOptions;
  /** Threads of a step; all cores if left out. */
  readonly threads?: number;
  /** The CPU if left out. */
  readonly device?: Device;
}

/** Weights and momentum, each one flat vector over all parameters in their order. */
export interface OptimizerState {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly momentum: Float32Array<ArrayBuffer>;
}

/** What a validation step finds. */
export interface ValidationStep {
  readonly loss: number;
  /** Per foreground label or region. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** A network in training on an engine of its own. */
export class StepRunner {
  readonly parameters: readonly ParameterSpec[];
  readonly #engine: Engine;
  readonly #training: LoadedModel;
  readonly #validation: LoadedModel;

  private constructor(
    parameters: readonly ParameterSpec[],
    engine: Engine,
    training: LoadedModel,
    validation: LoadedModel,
  ) {
    this.parameters = parameters;
    this.#engine = engine;
    this.#training = training;
    this.#validation = validation;
  }

  /**
   * Builds both graphs and loads them.
   *
   * @param initial Starting state; momentum is zero if left out.
   * @throws {RangeError} If the state does not have the network's number of parameters.
   */
  static async start(
    options: StepRunnerOptions,
    initial: (parameters: readonly ParameterSpec[]) => Partial<OptimizerState> & {
      readonly weights: Float32Array<ArrayBuffer>;
    },
  ): Promise<StepRunner> {
    const { network, loss, targets, imageShape, deepSupervision, sgd, threads, device = "cpu" } =
      options;
    const parameters = parametersOf(network, imageShape);
    const count = countParameters(parameters);
    const { weights, momentum = new Float32Array(count) } = initial(parameters);
    if (weights.length !== count || momentum.length !== count) {
      throw new RangeError(
        `Cannot train: found ${weights.length} weights and ${momentum.length} momentum values, ` +
          `the network has ${count} parameters`,
      );
    }
    const parts = { network, parameters, loss, targets, imageShape, deepSupervision };
    const engine = await Engine.start();
    try {
      const load = (graph: ReturnType<typeof trainingGraph>, resident: readonly string[]) =>
        engine.load(encodeModel(lowerFor(device, graph)), { threads, device, resident });
      const training = await load(trainingGraph(parts, sgd), [
        stepNames.newWeights,
        stepNames.newMomentum,
      ]);
      const validation = await load(validationGraph(parts), []);
      await engine.keep(stepNames.weights, vector(weights));
      await engine.keep(stepNames.momentum, vector(momentum));
      return new StepRunner(parameters, engine, training, validation);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * One step of training. The batch's buffers move away and come back in the result.
   */
  async train(batch: Batch, learningRate: number): Promise<{ loss: number; batch: Batch }> {
    const { outputs, feeds } = await this.#training.run({
      ...tensorsOf(batch),
      [stepNames.learningRate]: {
        type: "float32",
        shape: [],
        data: Float32Array.of(learningRate),
      },
    }, {
      keptInputs: [stepNames.weights, stepNames.momentum],
      keptOutputs: {
        [stepNames.newWeights]: stepNames.weights,
        [stepNames.newMomentum]: stepNames.momentum,
      },
    });
    return { loss: Number(outputs[stepNames.loss].data[0]), batch: returned(batch, feeds) };
  }

  /** Loss and counts of a batch; nothing is changed. */
  async validate(batch: Batch): Promise<{ step: ValidationStep; batch: Batch }> {
    const { outputs, feeds } = await this.#validation.run(tensorsOf(batch), {
      keptInputs: [stepNames.weights],
    });
    const { data, shape } = outputs[stepNames.counts];
    const row = (i: number) => Array.from(data.slice(i * shape[1], (i + 1) * shape[1]), Number);
    return {
      step: {
        loss: Number(outputs[stepNames.loss].data[0]),
        truePositives: row(0),
        falsePositives: row(1),
        falseNegatives: row(2),
      },
      batch: returned(batch, feeds),
    };
  }

  /** A copy of the state. */
  async state(): Promise<OptimizerState> {
    const weights = await this.#engine.read(stepNames.weights);
    const momentum = await this.#engine.read(stepNames.momentum);
    return {
      weights: weights.data as Float32Array<ArrayBuffer>,
      momentum: momentum.data as Float32Array<ArrayBuffer>,
    };
  }

  /** Ends the engine at once; a step under way fails. */
  close(): void {
    this.#engine.close();
  }
}

function vector(data: Float32Array<ArrayBuffer>): HostTensor {
  return { type: "float32", shape: [data.length], data };
}

function tensorsOf({ data, target, shape: { batchSize, channels, patchSize } }: Batch) {
  return {
    [stepNames.image]: { type: "float32", shape: [batchSize, channels, ...patchSize], data },
    [stepNames.target]: { type: "uint8", shape: [batchSize, ...patchSize], data: target },
  } as const satisfies Record<string, HostTensor>;
}

/** The batch with the buffers that came back. */
function returned(batch: Batch, feeds: Readonly<Record<string, HostTensor>>): Batch {
  return {
    ...batch,
    data: feeds[stepNames.image].data as Float32Array<ArrayBuffer>,
    target: feeds[stepNames.target].data as Uint8Array<ArrayBuffer>,
  };
}

/** Runs training and validation steps; weights and momentum stay with the engine in between. */

import type { Shape } from "../array/nd_array.ts";
import { encodeModel } from "../graph/encode.ts";
import type { Graph } from "../graph/graph.ts";
import { encodeRepeated } from "../graph/repeat.ts";
import { peakMemory } from "../graph/peak_memory.ts";
import { channelBlockNames, channelBlockOf } from "../lowering/blocked/channel_block.ts";
import { halveFor, lowerFor } from "../lowering/for_device.ts";
import { recomputeAtPeak } from "../lowering/recompute.ts";
import {
  countParameters,
  type Network,
  parametersOf,
  type ParameterSpec,
} from "../network/network.ts";
import { type Device, vectorRow } from "../runtime/device.ts";
import { type DeviceLimits, requireFits } from "../memory/memory_error.ts";
import { Engine, type RunOptions } from "../runtime/engine.ts";
import type { Heads } from "../model/heads.ts";
import { type ModelFile, ModelSet } from "../runtime/model_set.ts";
import type { HostTensor } from "../runtime/session.ts";
import { turn } from "../runtime/turn.ts";
import type { Batch } from "./batch.ts";
import type { Loss } from "./losses.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";
import { initialScaling, type LossScaling } from "./loss_scaling.ts";
import { stepNames, trainingGraph, validationGraph } from "./step_graph.ts";
import { broughtTogether, laidOut, layoutOf, type VectorLayout } from "./vector_layout.ts";

/** What to train and with what batches. */
export interface StepRunnerOptions {
  readonly network: Network;
  readonly loss: Loss;
  readonly heads: Heads;
  /** (n, c, …patch) */
  readonly imageShape: Shape;
  /** Whether the lower resolutions' outputs enter the loss; true by default. */
  readonly deepSupervision?: boolean;
  /** nnU-Net's {@link sgd} if left out. */
  readonly optimizer?: Optimizer;
  /** Threads of a step; all cores if left out. */
  readonly threads?: number;
  /** The CPU if left out. */
  readonly device?: Device;
  /** Convolutions in float16 with a scaled loss; everything in float32 if left out. */
  readonly lossScaling?: LossScaling;
  /** What the device holds, to be checked before anything is sent there. */
  readonly limits?: DeviceLimits;
  /** Steps that {@link StepRunner.trainSteps} does in one run; 1 if left out. */
  readonly stepsPerRun?: number;
}

/**
 * Weights, one flat vector over all parameters in their order; what the optimiser keeps of earlier
 * gradients; a loss scale.
 */
export interface OptimizerState {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly momentum: Float32Array<ArrayBuffer>;
  /** In mixed precision (2): the loss's scale, and finite steps since it last changed. */
  readonly scaling?: Float32Array<ArrayBuffer>;
}

/** A state to begin with. */
export type StartingState = Partial<OptimizerState> & Pick<OptimizerState, "weights">;

/** What a validation step finds. */
export interface ValidationStep {
  readonly loss: number;
  /** Per foreground label or region. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** One step, several in one run, a validation step. */
type StepModel = "training" | "many" | "validation";

/**
 * Bytes of a step from which on memory is worth time: cheap values are computed again, two to three
 * per cent of a step, and training and validation are not kept loaded both, a second an epoch.
 */
const LARGE = 2 ** 30;

/** A network in training on an engine of its own. */
export class StepRunner {
  readonly parameters: readonly ParameterSpec[];
  readonly #layout: VectorLayout;
  /** Batches that {@link trainSteps} takes. */
  readonly stepsPerRun: number;
  readonly #engine: Engine;
  /** The state that a training step reads and writes. */
  readonly #keeping: RunOptions;
  readonly #models: ModelSet<StepModel>;

  private constructor(
    layout: VectorLayout,
    stepsPerRun: number,
    engine: Engine,
    carried: Readonly<Record<string, string>>,
    models: ModelSet<StepModel>,
  ) {
    this.parameters = layout.parameters;
    this.#layout = layout;
    this.stepsPerRun = stepsPerRun;
    this.#engine = engine;
    this.#keeping = {
      keptInputs: Object.keys(carried),
      keptOutputs: Object.fromEntries(
        Object.entries(carried).map(([input, output]) => [output, input]),
      ),
    };
    this.#models = models;
  }

  /**
   * Builds both graphs and loads them.
   *
   * @param initial Starting state, whose buffers move away; momentum is zero if left out, a scale
   * that `lossScaling` begins with; one that the precision has no use for is passed over.
   * @throws {RangeError} If the state does not have the network's number of parameters.
   */
  static async start(
    options: StepRunnerOptions,
    initial: (parameters: readonly ParameterSpec[]) => StartingState | Promise<StartingState>,
  ): Promise<StepRunner> {
    const { network, loss, heads, imageShape, deepSupervision, threads } = options;
    const { device = "cpu", lossScaling, stepsPerRun = 1, optimizer = sgd() } = options;
    const parameters = parametersOf(network, imageShape);
    const count = countParameters(parameters);
    const stateSize = optimizer.stateSize(count);
    const { weights, momentum = new Float32Array(stateSize), scaling } = await initial(parameters);
    if (weights.length !== count || momentum.length !== stateSize) {
      throw new RangeError(
        `Cannot train: found ${weights.length} weights and ${momentum.length} momentum values, ` +
          `the network has ${count} parameters`,
      );
    }
    const row = vectorRow(device);
    const layout = layoutOf(parameters, row);
    const parts = { network, parameters, loss, heads, imageShape, deepSupervision, row };
    const engine = await Engine.start();
    try {
      const precise = (graph: Graph) => lossScaling ? halveFor(device, graph) : graph;
      const channelBlock = device === "cpu"
        ? await channelBlockOf(async (model, input) => {
          const loaded = await engine.load(model);
          const { outputs } = await loaded.run({ [channelBlockNames.input]: input });
          await loaded.release();
          return outputs[channelBlockNames.output];
        })
        : 1;
      const lowered = (graph: Graph) => lowerFor(device, precise(graph), { channelBlock });
      const carried = {
        [stepNames.weights]: stepNames.newWeights,
        [stepNames.momentum]: stepNames.newMomentum,
        ...lossScaling && { [stepNames.scaling]: stepNames.newScaling },
      };
      const file = (model: Uint8Array, resident: readonly string[]) => ({
        model,
        options: { threads, device, resident, mergeEqual: !savesMemory },
      });
      const whole = lowered(trainingGraph(parts, optimizer, lossScaling));
      await turn();
      const savesMemory = device === "cpu" && peakMemory(whole).bytes > LARGE;
      const step = savesMemory ? recomputeAtPeak(whole) : whole;
      if (options.limits) requireFits(device, peakMemory(step), options.limits);
      await turn(); // A large network's graph has taken tens of milliseconds, and its file will.
      // Elsewhere a shape that is not known would have to come from the device.
      const encoding = { toRunInOrder: true, shapesInRun: device === "cpu" };
      const state = Object.values(carried);
      const files: Partial<Record<StepModel, ModelFile>> = {
        training: file(encodeModel(step, {}, encoding), state),
        ...stepsPerRun > 1 && {
          many: file(
            encodeRepeated(step, {
              times: stepsPerRun,
              carried,
              stacked: [stepNames.image, stepNames.target],
            }),
            state,
          ),
        },
        validation: file(encodeModel(lowered(validationGraph(parts)), {}, encoding), []),
      };
      const models = await ModelSet.load(engine, files, { oneAtATime: savesMemory });
      await engine.keep(stepNames.weights, vector(laidOut(weights, layout)));
      await engine.keep(stepNames.momentum, vector(laidOut(momentum, layout)));
      if (lossScaling) {
        await engine.keep(stepNames.scaling, vector(scaling ?? initialScaling(lossScaling)));
      }
      return new StepRunner(layout, stepsPerRun, engine, carried, models);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * One step of training. The batch's buffers move away and come back in the result.
   */
  async train(batch: Batch, learningRate: number): Promise<{ loss: number; batch: Batch }> {
    const training = await this.#models.get("training");
    const { outputs, feeds } = await training.run({
      ...tensorsOf(batch),
      [stepNames.learningRate]: scalar(learningRate),
    }, this.#keeping);
    return { loss: Number(outputs[stepNames.loss].data[0]), batch: returned(batch, feeds) };
  }

  /**
   * {@link stepsPerRun} steps of training in one run: the state stays on a device that cannot keep
   * it between runs. The batches are copied.
   *
   * @returns One loss a step.
   * @throws {RangeError} If the number of batches is another.
   */
  async trainSteps(batches: readonly Batch[], learningRate: number): Promise<number[]> {
    if (batches.length !== this.stepsPerRun) {
      throw new RangeError(
        `Cannot train: found ${batches.length} batches, expected ${this.stepsPerRun}`,
      );
    }
    if (this.stepsPerRun === 1) return [(await this.train(copyOf(batches[0]), learningRate)).loss];
    const many = await this.#models.get("many");
    const { outputs } = await many.run({
      ...stacked(batches),
      [stepNames.learningRate]: scalar(learningRate),
    }, this.#keeping);
    return Array.from(outputs[stepNames.loss].data, Number);
  }

  /** Loss and counts of a batch; nothing is changed. */
  async validate(batch: Batch): Promise<{ step: ValidationStep; batch: Batch }> {
    const validation = await this.#models.get("validation");
    const { outputs, feeds } = await validation.run(tensorsOf(batch), {
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
    const read = async (name: string) =>
      (await this.#engine.read(name)).data as Float32Array<ArrayBuffer>;
    return {
      weights: broughtTogether(await read(stepNames.weights), this.#layout),
      momentum: broughtTogether(await read(stepNames.momentum), this.#layout),
      ...this.#keeping.keptInputs?.includes(stepNames.scaling) && {
        scaling: await read(stepNames.scaling),
      },
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

function scalar(value: number): HostTensor {
  return { type: "float32", shape: [], data: Float32Array.of(value) };
}

function copyOf(batch: Batch): Batch {
  return { ...batch, data: batch.data.slice(), target: batch.target.slice() };
}

/** Several batches as one tensor an input, with a first axis for the batch. */
function stacked(batches: readonly Batch[]): Record<string, HostTensor> {
  const image = new Float32Array(batches.length * batches[0].data.length);
  const target = new Uint8Array(batches.length * batches[0].target.length);
  batches.forEach((batch, i) => {
    image.set(batch.data, i * batch.data.length);
    target.set(batch.target, i * batch.target.length);
  });
  const tensors = tensorsOf(batches[0]);
  const shapeOf = (name: keyof typeof tensors) => [batches.length, ...tensors[name].shape];
  return {
    [stepNames.image]: { type: "float32", shape: shapeOf(stepNames.image), data: image },
    [stepNames.target]: { type: "uint8", shape: shapeOf(stepNames.target), data: target },
  };
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

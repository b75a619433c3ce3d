/** Runs training and validation steps on an engine, which keeps the state between them. */

import { encodeModel } from "../../graph/encode.ts";
import { encodeRepeated } from "../../graph/repeat.ts";
import { channelBlockNames, channelBlockOf } from "../../lowering/blocked/channel_block.ts";
import { countParameters, type ParameterSpec } from "../../network/network.ts";
import { Engine, type RunOptions } from "../../runtime/engine.ts";
import { yieldToEventLoop } from "../../runtime/event_loop.ts";
import { type ModelFile, ModelSet } from "../../runtime/model_set.ts";
import type { HostTensor } from "../../runtime/session.ts";
import type { Batch } from "../batches/batch.ts";
import { initialScaling } from "./loss_scaling.ts";
import type { OptimizerState, StartingState } from "./optimizer.ts";
import type { ValidationStep } from "./pseudo_dice.ts";
import { stepNames } from "./step_names.ts";
import { randomInputs, type StepPosition } from "./random_inputs.ts";
import { planStep, type StepOptions, type StepPlan } from "./step_plan.ts";
import { receiveState, type SentState } from "./sent_state.ts";
import { laidOut, trainedLayout, type VectorLayout } from "./vector_layout.ts";

/** Options of {@link StepRunner.start}. */
export interface StepRunnerOptions extends StepOptions {
  /** Number of threads on the CPU; all cores by default. */
  readonly threads?: number;
}

/** A training step, several training steps in one run, or a validation step. */
type StepModel = "training" | "several" | "validation";

/** Trains a network on its own engine. */
export class StepRunner {
  readonly parameters: readonly ParameterSpec[];
  readonly #layout: VectorLayout;
  /** Number of batches that {@link trainSteps} takes. */
  readonly stepsPerRun: number;
  readonly #engine: Engine;
  /**
   * Keeps the state on the engine: the inputs that a step reads, and the outputs that replace them.
   */
  readonly #keeping: RunOptions & Required<Pick<RunOptions, "keptInputs">>;
  readonly #models: ModelSet<StepModel>;
  readonly #random: StepPlan["random"];

  private constructor(
    { layout, stepsPerRun, carried, random }: StepPlan,
    engine: Engine,
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
    this.#random = random;
  }

  /**
   * Plans the steps, loads their models and sends the starting state to the engine.
   *
   * @param initial Makes the starting state for the network's parameters; its buffers are
   * transferred. The momentum is zero by default, and the scale that of `lossScaling`; without
   * `lossScaling`, a scale is ignored.
   * @throws {RangeError} If the state's length does not match the network's number of parameters.
   * @throws {DeviceMemoryError} If a step does not fit in the device's memory.
   */
  static async start(
    { threads, ...options }: StepRunnerOptions,
    initial: (parameters: readonly ParameterSpec[]) => StartingState | Promise<StartingState>,
  ): Promise<StepRunner> {
    const engine = await Engine.start();
    try {
      const { device = "cpu" } = options;
      const plan = await planStep(options, device === "cpu" ? await channelBlockIn(engine) : 1);
      const state = stateFor(plan, await initial(plan.layout.parameters));
      const models = await ModelSet.load(engine, await modelFiles(plan, threads), {
        oneAtATime: plan.savesMemory,
      });
      for (const [name, value] of Object.entries(state)) await engine.keep(name, vector(value));
      return new StepRunner(plan, engine, models);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * Runs one training step. The batch's buffers are transferred; the result returns them.
   *
   * @param position Determines the random numbers of networks that ask for some.
   */
  async train(
    batch: Batch,
    learningRate: number,
    position?: StepPosition,
  ): Promise<{ loss: number; batch: Batch }> {
    const random = randomInputs(this.#random, position);
    const training = await this.#models.get("training");
    const { outputs, feeds } = await training.run({
      ...tensorsOf(batch),
      ...random,
      [stepNames.learningRate]: scalar(learningRate),
    }, this.#keeping);
    return { loss: Number(outputs[stepNames.loss].data[0]), batch: returned(batch, feeds) };
  }

  /**
   * Runs {@link stepsPerRun} training steps in one run, for devices that cannot keep the state
   * between runs. The batches are copied.
   *
   * @param batches One per step.
   * @param position Of the first step.
   * @returns One loss per step.
   * @throws {RangeError} If the number of batches differs.
   */
  async trainSteps(
    batches: readonly Batch[],
    learningRate: number,
    position?: StepPosition,
  ): Promise<number[]> {
    if (batches.length !== this.stepsPerRun) {
      throw new RangeError(
        `Cannot train: found ${batches.length} batches, expected ${this.stepsPerRun}`,
      );
    }
    if (this.stepsPerRun === 1) {
      return [(await this.train(copyOf(batches[0]), learningRate, position)).loss];
    }
    const random = batches.map((_, i) =>
      randomInputs(this.#random, position && { ...position, step: position.step + i })
    );
    const several = await this.#models.get("several");
    const { outputs } = await several.run({
      ...stacked(batches),
      ...stackedRandom(random),
      [stepNames.learningRate]: scalar(learningRate),
    }, this.#keeping);
    return Array.from(outputs[stepNames.loss].data, Number);
  }

  /**
   * Runs a validation step, which leaves the state unchanged. The result returns the batch's
   * buffers.
   */
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

  /**
   * Returns a copy of the state. {@link sendState} does not block the calling thread where the network
   * is large.
   */
  async state(): Promise<OptimizerState> {
    return await this.sendState((sent) => receiveState(sent));
  }

  /**
   * Sends a copy of the state to another thread.
   *
   * @param receive Makes the other thread call `receiveState()`, and returns its result.
   */
  async sendState<T>(receive: (sent: SentState) => Promise<T>): Promise<T> {
    const { port1, port2 } = new MessageChannel();
    const [result] = await Promise.all([
      receive({ port: port2, layout: this.#layout }),
      this.#engine.send(this.#keeping.keptInputs, port1),
    ]);
    return result;
  }

  /** Ends the engine immediately; a running step fails. */
  close(): void {
    this.#engine.close();
  }
}

/** Determines the channels per block of ONNX Runtime's CPU provider. */
function channelBlockIn(engine: Engine): Promise<number> {
  return channelBlockOf(async (model, input) => {
    const loaded = await engine.load(model);
    const { outputs } = await loaded.run({ [channelBlockNames.input]: input });
    await loaded.release();
    return outputs[channelBlockNames.output];
  });
}

/** Encodes a plan's models, which takes tens of milliseconds each. */
async function modelFiles(
  { device, training, validation, carried, random, stepsPerRun, savesMemory }: StepPlan,
  threads: number | undefined,
): Promise<Partial<Record<StepModel, ModelFile>>> {
  const file = (model: Uint8Array, resident: readonly string[]) => ({
    model,
    options: { threads, device, resident, mergeEqual: !savesMemory },
  });
  // On other devices, a shape computed during the run would have to be copied from the device.
  const encoding = { toRunInOrder: true, shapesInRun: device === "cpu" };
  const state = Object.values(carried);
  const trainingModel = encodeModel(training, {}, encoding);
  await yieldToEventLoop();
  const validationModel = encodeModel(validation, {}, encoding);
  await yieldToEventLoop();
  return {
    training: file(trainingModel, state),
    ...stepsPerRun > 1 && {
      several: file(
        encodeRepeated(training, {
          times: stepsPerRun,
          carried,
          stacked: [stepNames.image, stepNames.target, ...random.map(({ name }) => name)],
        }),
        state,
      ),
    },
    validation: file(validationModel, []),
  };
}

/**
 * Returns the initial values of a training step's state inputs, by name.
 *
 * @throws {RangeError} If the state's length does not match the network's number of parameters.
 */
function stateFor(
  { layout, optimizerStateSize, lossScaling }: StepPlan,
  { weights, momentum = new Float32Array(optimizerStateSize), scaling }: StartingState,
): Record<string, Float32Array<ArrayBuffer>> {
  const count = countParameters(layout.parameters);
  if (weights.length !== count || momentum.length !== optimizerStateSize) {
    throw new RangeError(
      `Cannot train: found ${weights.length} weights and ${momentum.length} momentum values, ` +
        `the network has ${count} parameters`,
    );
  }
  return {
    [stepNames.weights]: laidOut(weights, layout),
    [stepNames.momentum]: laidOut(momentum, trainedLayout(layout)),
    ...lossScaling && { [stepNames.scaling]: scaling ?? initialScaling(lossScaling) },
  };
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

/** Stacks batches into one tensor per input, with a new first axis (steps, n, …). */
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

/** Stacks the random numbers of several steps like {@link stacked}. */
function stackedRandom(
  steps: readonly Record<string, HostTensor>[],
): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(steps[0]).map(([name, { shape, data: { length } }]): [string, HostTensor] => {
      const data = new Float32Array(steps.length * length);
      steps.forEach((step, i) => data.set(step[name].data as Float32Array, i * length));
      return [name, { type: "float32", shape: [steps.length, ...shape], data }];
    }),
  );
}

function tensorsOf({ data, target, shape: { batchSize, channels, patchSize } }: Batch) {
  return {
    [stepNames.image]: { type: "float32", shape: [batchSize, channels, ...patchSize], data },
    [stepNames.target]: { type: "uint8", shape: [batchSize, ...patchSize], data: target },
  } as const satisfies Record<string, HostTensor>;
}

/** Returns the batch with the buffers that the run returned. */
function returned(batch: Batch, feeds: Readonly<Record<string, HostTensor>>): Batch {
  return {
    ...batch,
    data: feeds[stepNames.image].data as Float32Array<ArrayBuffer>,
    target: feeds[stepNames.target].data as Uint8Array<ArrayBuffer>,
  };
}

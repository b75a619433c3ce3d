/**
 * Plans the training and validation steps of a device: their graphs, and the memory that they need.
 *
 * This module does not use ONNX Runtime; {@link StepRunner} runs a plan.
 */

import type { Shape } from "../../array/nd_array.ts";
import type { Graph } from "../../graph/graph.ts";
import { type MemoryNeeds, peakMemory } from "../../graph/peak_memory.ts";
import { halveFor, lowerForInPieces } from "../../lowering/for_device.ts";
import { recomputeAtPeak } from "../../lowering/recompute.ts";
import { type DeviceLimits, requireStepFits } from "../../memory/device_limits.ts";
import { countParameters, parametersOf, trainedOf } from "../../network/network.ts";
import { type Device, vectorRow } from "../../runtime/device.ts";
import { yieldToEventLoop } from "../../runtime/event_loop.ts";
import { inPieces } from "../../runtime/in_pieces.ts";
import type { LossScaling } from "./loss_scaling.ts";
import { type OptimizerChoice, optimizerOf } from "./optimizer_choice.ts";
import { type StepDefinition, trainingGraph, validationGraph } from "./step_graph.ts";
import { stepNames } from "./step_names.ts";
import { layoutOf, type VectorLayout } from "./vector_layout.ts";

/** What a step computes, and on which device. */
export interface StepOptions extends StepDefinition {
  /** nnU-Net's SGD by default. */
  readonly optimizer?: OptimizerChoice;
  /** The CPU by default. */
  readonly device?: Device;
  /** Computes convolutions in float16 with a scaled loss; if omitted, everything is float32. */
  readonly lossScaling?: LossScaling;
  /** The device's memory limits, checked before anything is sent to it. */
  readonly limits?: DeviceLimits;
  /** Number of training steps in one run; 1 by default. */
  readonly stepsPerRun?: number;
}

/** The steps of a device. */
export interface StepPlan {
  readonly device: Device;
  /** Positions of the parameters in the vectors that a step reads and writes. */
  readonly layout: VectorLayout;
  /** Length of the optimiser's state for contiguous parameters. */
  readonly optimizerStateSize: number;
  readonly lossScaling?: LossScaling;
  readonly stepsPerRun: number;
  /** The training step's state inputs, each with the output that replaces it. */
  readonly carried: Readonly<Record<string, string>>;
  /** Names and shapes of the training step's inputs of random numbers, in their order. */
  readonly random: readonly { readonly name: string; readonly shape: Shape }[];
  readonly training: Graph;
  readonly validation: Graph;
  /** Memory that a training step needs. */
  readonly memory: MemoryNeeds;
  /**
   * Whether to save memory at the cost of time: values are recomputed, so equal nodes must not be
   * merged, and only one model should be loaded at a time.
   */
  readonly savesMemory: boolean;
}

/**
 * Bytes of a CPU step above which to save memory: recomputing cheap values costs two to three per
 * cent of a step, and loading training and validation models in turn costs a second per epoch.
 */
const LARGE = 2 ** 30;

/**
 * Plans training and validation steps for a device.
 *
 * @param channelBlock The result of `channelBlockOf()` on the CPU; 1 on other devices.
 * @throws {DeviceMemoryError} If the training step needs more memory than `limits` allow.
 */
export async function planStep(options: StepOptions, channelBlock = 1): Promise<StepPlan> {
  const { device = "cpu", lossScaling, limits, stepsPerRun = 1 } = options;
  const optimizer = optimizerOf(options.optimizer ?? { kind: "sgd" });
  const parameters = parametersOf(options.network, options.imageShape);
  const row = vectorRow(device);
  const parts = { ...options, parameters, row };
  const lowered = (graph: Graph) =>
    lossScaling
      // Channel blocks are for float32 only.
      ? inPieces(lowerForInPieces(device, halveFor(device, graph)))
      : inPieces(lowerForInPieces(device, graph, { channelBlock }));
  // Building, lowering and analysing a large network's graph take tens of milliseconds each.
  const plain = trainingGraph(parts, optimizer, lossScaling);
  await yieldToEventLoop();
  const whole = await lowered(plain);
  await yieldToEventLoop();
  const savesMemory = device === "cpu" && peakMemory(whole).bytes > LARGE;
  await yieldToEventLoop();
  const training = savesMemory ? await inPieces(recomputeAtPeak(whole)) : whole;
  await yieldToEventLoop();
  const memory = peakMemory(training);
  if (limits) requireStepFits(device, memory, limits);
  await yieldToEventLoop();
  const plainValidation = validationGraph(parts);
  await yieldToEventLoop();
  const validation = await lowered(plainValidation);
  await yieldToEventLoop();
  return {
    device,
    layout: layoutOf(parameters, row),
    optimizerStateSize: optimizer.stateSize(countParameters(trainedOf(parameters))),
    lossScaling,
    stepsPerRun,
    carried: {
      [stepNames.weights]: stepNames.newWeights,
      [stepNames.momentum]: stepNames.newMomentum,
      ...lossScaling && { [stepNames.scaling]: stepNames.newScaling },
    },
    random: training.inputs
      .filter(({ name }) => name.startsWith(stepNames.random))
      .map(({ name, shape }) => ({ name, shape })),
    training,
    validation,
    memory,
    savesMemory,
  };
}

/**
 * How a device computes training and validation steps: their graphs, and what memory they need.
 *
 * Nothing here loads a model or needs ONNX Runtime; {@link StepRunner} runs a plan.
 */

import type { Graph } from "../graph/graph.ts";
import { type MemoryNeeds, peakMemory } from "../graph/peak_memory.ts";
import { halveFor, lowerFor } from "../lowering/for_device.ts";
import { recomputeAtPeak } from "../lowering/recompute.ts";
import { type DeviceLimits, requireStepFits } from "../memory/device_limits.ts";
import { countParameters, parametersOf } from "../network/network.ts";
import { type Device, vectorRow } from "../runtime/device.ts";
import { yieldToEventLoop } from "../runtime/event_loop.ts";
import type { LossScaling } from "./loss_scaling.ts";
import { type OptimizerChoice, optimizerOf } from "./optimizer_choice.ts";
import { type StepDefinition, stepNames, trainingGraph, validationGraph } from "./step_graph.ts";
import { layoutOf, type VectorLayout } from "./vector_layout.ts";

/** What a step computes, and on what. */
export interface StepOptions extends StepDefinition {
  /** nnU-Net's SGD by default. */
  readonly optimizer?: OptimizerChoice;
  /** The CPU by default. */
  readonly device?: Device;
  /** Convolutions in float16 with a scaled loss; everything in float32 if left out. */
  readonly lossScaling?: LossScaling;
  /** What the device holds, checked before anything is sent there. */
  readonly limits?: DeviceLimits;
  /** Training steps that one run computes; 1 by default. */
  readonly stepsPerRun?: number;
}

/** Steps as a device computes them. */
export interface StepPlan {
  readonly device: Device;
  /** Where the parameters are in the vectors that a step takes and returns. */
  readonly layout: VectorLayout;
  /** Elements that the optimiser keeps, for parameters end to end. */
  readonly optimizerStateSize: number;
  readonly lossScaling?: LossScaling;
  readonly stepsPerRun: number;
  /** The training step's inputs that hold the state, each with the output that replaces it. */
  readonly carried: Readonly<Record<string, string>>;
  readonly training: Graph;
  readonly validation: Graph;
  /** What a training step needs. */
  readonly memory: MemoryNeeds;
  /**
   * Whether memory matters more than time: values are recomputed, which equal nodes may not be
   * merged for, and only one of the models should be loaded at a time.
   */
  readonly savesMemory: boolean;
}

/**
 * Bytes of a step on the CPU above which memory is worth time: recomputing cheap values costs two
 * to three per cent of a step; loading training and validation in turns, a second per epoch.
 */
const LARGE = 2 ** 30;

/**
 * Builds the graphs of training and validation steps for a device.
 *
 * @param channelBlock What `channelBlockOf()` found on the CPU; 1 on other devices.
 * @throws {DeviceMemoryError} If the training step needs more memory than `limits` allow.
 */
export async function planStep(options: StepOptions, channelBlock = 1): Promise<StepPlan> {
  const { device = "cpu", lossScaling, limits, stepsPerRun = 1 } = options;
  const optimizer = optimizerOf(options.optimizer ?? { kind: "sgd" });
  const parameters = parametersOf(options.network, options.imageShape);
  const row = vectorRow(device);
  const parts = { ...options, parameters, row };
  const lowered = (graph: Graph) =>
    lowerFor(device, lossScaling ? halveFor(device, graph) : graph, { channelBlock });
  const whole = lowered(trainingGraph(parts, optimizer, lossScaling));
  await yieldToEventLoop(); // Building a large network's graph takes tens of milliseconds.
  const savesMemory = device === "cpu" && peakMemory(whole).bytes > LARGE;
  const training = savesMemory ? recomputeAtPeak(whole) : whole;
  const memory = peakMemory(training);
  if (limits) requireStepFits(device, memory, limits);
  await yieldToEventLoop();
  return {
    device,
    layout: layoutOf(parameters, row),
    optimizerStateSize: optimizer.stateSize(countParameters(parameters)),
    lossScaling,
    stepsPerRun,
    carried: {
      [stepNames.weights]: stepNames.newWeights,
      [stepNames.momentum]: stepNames.newMomentum,
      ...lossScaling && { [stepNames.scaling]: stepNames.newScaling },
    },
    training,
    validation: lowered(validationGraph(parts)),
    memory,
    savesMemory,
  };
}

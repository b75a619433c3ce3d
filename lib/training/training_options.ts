/** Defines the options of a training. */

import type { TransformChoice } from "../augmentation/custom_transform.ts";
import type { AugmentationOptions, AugmentationVariant } from "../augmentation/nnunet_pipeline.ts";
import type { Fold } from "../dataset/splits.ts";
import type { Configuration } from "../files/plans.ts";
import type { Network } from "../network/network.ts";
import type { DeviceChoice } from "../runtime/device.ts";
import type { AdamOptions } from "./step/adam.ts";
import type { AdanOptions } from "./step/adan.ts";
import type { LossFor } from "./step/losses.ts";
import type { SamplingOptions } from "./batches/patch_sampler.ts";
import type { Schedule } from "./schedule.ts";
import type { SgdOptions } from "./step/sgd.ts";
import type { StopOptions } from "./stopping.ts";

/** Makes the network of a configuration for a number of heads. */
export type NetworkFor = (
  configuration: Configuration,
  options: { readonly heads: number; readonly deepSupervision: boolean },
) => Network;

/** The network, its loss and its optimiser. */
export interface ObjectiveOptions {
  /**
   * Makes the network; by default the U-Net of the plans. With deep supervision, it has one output
   * per resolution to supervise, otherwise a single one.
   */
  readonly network?: NetworkFor;
  /** Makes the loss; by default the sum of Dice and cross-entropy. */
  readonly loss?: LossFor;
  /** Whether the loss includes the lower-resolution outputs; true by default. */
  readonly deepSupervision?: boolean;
  /** Momentum, weight decay and gradient clipping of nnU-Net's optimiser. */
  readonly sgd?: SgdOptions;
  /** Uses Adam with these settings instead of nnU-Net's optimiser. */
  readonly adam?: AdamOptions;
  /** Uses Adan with these settings instead of nnU-Net's optimiser. */
  readonly adan?: AdanOptions;
}

/** How training patches are drawn and augmented. */
export interface DataOptions extends AugmentationOptions, SamplingOptions {
  /** Variations of nnU-Net's augmentation; none by default. */
  readonly augmentation?: AugmentationVariant;
  /** Custom transforms, in addition to nnU-Net's or instead of them. */
  readonly transforms?: TransformChoice;
  /** Number of workers that make training batches; 1 by default. */
  readonly loaders?: number;
  /**
   * Whether to train and validate on one batch of random numbers, to measure a device without the
   * work that makes batches; false by default.
   */
  readonly randomBatch?: boolean;
}

/** The length of a training and its learning rates. */
export interface ScheduleOptions extends StopOptions {
  /** Number of epochs; 1000 by default. */
  readonly epochs?: number;
  /** Training steps per epoch; 250 by default. */
  readonly iterations?: number;
  /** Validation steps per epoch; 50 by default. */
  readonly validationIterations?: number;
  /** Determines the initial weights and all batches; 0 by default. */
  readonly seed?: number;
  /** Learning rate of each epoch; by default polynomial decay from 0.01. */
  readonly schedule?: Schedule;
}

/** Where a training's weights come from, and whether they are saved. */
export interface CheckpointOptions {
  /**
   * Path of a checkpoint whose weights, except those of the segmentation heads, a new training
   * starts from. A resumed training ignores it.
   */
  readonly pretrainedWeights?: string;
  /** Whether to write weights to disk; true by default. */
  readonly checkpoints?: boolean;
  /**
   * Whether the training only measures its speed: it predicts no whole cases, and writes the seconds
   * of its fastest epoch to `benchmark_result.json`. Only fold 0 is measured. False by default.
   */
  readonly benchmark?: boolean;
}

/** The device that computes a training. */
export interface MachineOptions {
  /** Device; the fastest available one by default. */
  readonly device?: DeviceChoice;
  /**
   * Whether convolutions are computed in float16 ("mixed") or everything in float32; by default
   * mixed on CUDA, as in nnU-Net, and float32 elsewhere.
   */
  readonly precision?: "auto" | "float32" | "mixed";
  /** Number of threads on the CPU; all cores by default. */
  readonly threads?: number;
}

/** Options of a training; the defaults are nnU-Net's. */
export interface TrainerOptions
  extends ObjectiveOptions, DataOptions, ScheduleOptions, CheckpointOptions, MachineOptions {
  /**
   * Name of one of upstream's trainers, such as `nnUNetTrainer_100epochs`; `nnUNetTrainer` by
   * default. Its differences from the default trainer apply unless another option overrides them.
   */
  readonly trainer?: string;
  /** Fold to train; 0 by default. */
  readonly fold?: Fold;
  /** Initial learning rate of the polynomial decay, 0.01 by default; `schedule` overrides it. */
  readonly learningRate?: number;
}

/** Schedule options with a value wherever a default exists. */
export type TrainingSchedule =
  & StopOptions
  & Required<Omit<ScheduleOptions, keyof StopOptions>>;

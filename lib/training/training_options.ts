/** What a user may choose about a training. */

import type { TransformChoice } from "../augmentation/custom_transform.ts";
import type { AugmentationOptions, AugmentationVariant } from "../augmentation/nnunet_pipeline.ts";
import type { Fold } from "../dataset/splits.ts";
import type { Configuration } from "../files/plans.ts";
import type { Network } from "../network/network.ts";
import type { DeviceChoice } from "../runtime/device.ts";
import type { AdamOptions } from "./adam.ts";
import type { LossFor } from "./losses.ts";
import type { SamplingOptions } from "./patch_sampler.ts";
import type { Schedule } from "./schedule.ts";
import type { SgdOptions } from "./sgd.ts";
import type { StopOptions } from "./stopping.ts";

/** Makes a network for a number of heads. */
export type NetworkFor = (
  configuration: Configuration,
  options: { readonly heads: number; readonly deepSupervision: boolean },
) => Network;

/** What is trained, and what it is to minimise. */
export interface ObjectiveOptions {
  /**
   * Makes the network; by default the U-Net of the plans. With deep supervision it has an output
   * for every resolution to supervise, otherwise one.
   */
  readonly network?: NetworkFor;
  /** Dice and cross-entropy by default. */
  readonly loss?: LossFor;
  /** Whether the network's lower resolutions enter the loss; true by default. */
  readonly deepSupervision?: boolean;
  /** Momentum, weight decay and gradient clipping of nnU-Net's optimiser. */
  readonly sgd?: SgdOptions;
  /** Adam with these settings in place of nnU-Net's optimiser. */
  readonly adam?: AdamOptions;
}

/** Which patches a training sees, and how they are augmented. */
export interface DataOptions extends AugmentationOptions, SamplingOptions {
  /** How nnU-Net's augmentation is varied; unchanged by default. */
  readonly augmentation?: AugmentationVariant;
  /** The user's own transforms, among nnU-Net's or in place of them. */
  readonly transforms?: TransformChoice;
  /** Workers that make batches; 1 by default. */
  readonly loaders?: number;
}

/** How long a training takes, and how fast it learns. */
export interface ScheduleOptions extends StopOptions {
  /** 1000 by default. */
  readonly epochs?: number;
  /** Training steps per epoch; 250 by default. */
  readonly iterations?: number;
  /** Validation steps per epoch; 50 by default. */
  readonly validationIterations?: number;
  /** The starting weights and all batches follow from it; 0 by default. */
  readonly seed?: number;
  /** The learning rate of every epoch; by default polynomial decay from 0.01. */
  readonly schedule?: Schedule;
}

/** Where a training's weights come from, and whether they are kept. */
export interface CheckpointOptions {
  /**
   * A checkpoint whose weights a new training starts from, all but those of the segmentation heads.
   * A training that is resumed keeps its own.
   */
  readonly pretrainedWeights?: string;
  /** Whether to write weights to disk; true by default. */
  readonly checkpoints?: boolean;
}

/** What a training is computed on. */
export interface MachineOptions {
  /** The fastest device available by default. */
  readonly device?: DeviceChoice;
  /**
   * Whether convolutions are computed in float16 ("mixed") or everything in float32; by default
   * mixed on CUDA, as in nnU-Net, and float32 elsewhere.
   */
  readonly precision?: "auto" | "float32" | "mixed";
  /** Threads of a step on the CPU; all cores by default. */
  readonly threads?: number;
}

/** How to train; nnU-Net's way where left out. */
export interface TrainerOptions
  extends ObjectiveOptions, DataOptions, ScheduleOptions, CheckpointOptions, MachineOptions {
  /**
   * One of upstream's trainers, such as `nnUNetTrainer_100epochs`: its differences from
   * `nnUNetTrainer`, the default, apply where no other option is given.
   */
  readonly trainer?: string;
  /** 0 by default. */
  readonly fold?: Fold;
  /** The learning rate to start from, 0.01 by default; it decays polynomially. */
  readonly learningRate?: number;
}

/** A schedule with a value for everything that has a default. */
export type TrainingSchedule =
  & StopOptions
  & Required<Omit<ScheduleOptions, keyof StopOptions>>;

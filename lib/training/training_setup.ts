/** What a training is made of. */

import type { TransformChoice } from "../augmentation/custom_transform.ts";
import type { AugmentationVariant } from "../augmentation/nnunet_pipeline.ts";
import type { Split } from "../files/splits_json.ts";
import type { InitArgs } from "../interop/nnunet_checkpoint.ts";
import type { Heads } from "../model/heads.ts";
import type { Network } from "../network/network.ts";
import type { Configuration } from "../files/plans.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceLimits } from "../memory/device_limits.ts";
import type { BatchLoaderOptions } from "./batch_loader.ts";
import type { TrainingSettings } from "./log_files.ts";
import type { LossScaling } from "./loss_scaling.ts";
import type { Loss } from "./losses.ts";
import type { OptimizerChoice } from "./optimizer_choice.ts";
import type { Oversampling } from "./patch_sampler.ts";
import type { Schedule } from "./schedule.ts";
import type { StopOptions } from "./stopping.ts";

/** Everything a run depends on. */
export interface TrainingSetup extends StopOptions {
  readonly configuration: Configuration;
  /** Input channels of the network. */
  readonly channels: number;
  readonly network: Network;
  readonly loss: Loss;
  readonly heads: Heads;
  readonly deepSupervision: boolean;
  readonly schedule: Schedule;
  readonly optimizer: OptimizerChoice;
  readonly epochs: number;
  readonly iterations: number;
  readonly validationIterations: number;
  readonly seed: number;
  /** Axes of the patch to mirror. */
  readonly mirrorAxes: readonly number[];
  readonly threads?: number;
  readonly device: Device;
  /** What the device holds, where that is known. */
  readonly limits?: DeviceLimits;
  /** Convolutions in float16 with a scaled loss; everything in float32 if left out. */
  readonly lossScaling?: LossScaling;
  readonly loaders: number;
  /** How nnU-Net's augmentation is varied. */
  readonly augmentation?: AugmentationVariant;
  /** Which patches are centred on foreground. */
  readonly oversampling?: Oversampling;
  /** Whether to deform patches elastically, too. */
  readonly elasticDeformation?: boolean;
  /** Transforms of the user's own. */
  readonly transforms?: TransformChoice;
  /** Folder of the preprocessed cases. */
  readonly casesFolder: string;
  /** In a cascade, the segmentations of the stage before. */
  readonly previousStage?: BatchLoaderOptions["previousStage"];
  /** Checkpoint to begin with the weights of, but for the segmentation heads. */
  readonly pretrainedWeights?: string;
  /** Whether weights are written at all. */
  readonly checkpoints: boolean;
  /** For the log: what the user chose. */
  readonly settings: TrainingSettings;
  readonly split: Split;
  /** Folder of the fold's results. */
  readonly folder: string;
  /** What Python's trainer would have been made with. */
  readonly initArgs: InitArgs;
  /** Name under which Python's nnU-Net finds the class to continue with. */
  readonly trainerName: string;
}

/** The Trainer: a plan, a configuration and a fold in; a checkpoint out. */

import { join } from "@std/path";
import { planAugmentation } from "./augmentation/augmentation_plan.ts";
import type { TransformChoice } from "./augmentation/custom_transform.ts";
import type { AugmentationVariant } from "./augmentation/nnunet_pipeline.ts";
import type { EvaluationSummary } from "./files/summary.ts";
import type { InferenceProgress } from "./inference/case_pipeline.ts";
import { validateFold } from "./inference/validate_fold.ts";
import type { Fold } from "./dataset/splits.ts";
import { foregroundIntegers, formatDatasetJson, writeDatasetJson } from "./files/dataset_json.ts";
import { writeFingerprint } from "./files/fingerprint_json.ts";
import { fileNames, modelFolderName } from "./files/paths.ts";
import { formatPlans, writePlans } from "./files/plans_json.ts";
import { readSplits, type Split } from "./files/splits_json.ts";
import { type Heads, headsOf } from "./model/heads.ts";
import { inferenceFrame } from "./model/inference_graph.ts";
import { modelFacts } from "./model/model_facts.ts";
import { modelMetadata } from "./model/model_metadata.ts";
import type { JsonValue } from "./interop/json_value.ts";
import type { TrainingLog } from "./interop/training_log.ts";
import type { Network } from "./network/network.ts";
import { networkOf } from "./network/network_of.ts";
import type { Configuration, ConfigurationName } from "./files/plans.ts";
import type { Plans } from "./plans.ts";
import type { DeviceChoice } from "./runtime/device.ts";
import { chooseDevice, isMixed, limitsOf } from "./runtime/find_devices.ts";
import type { AdamOptions } from "./training/adam.ts";
import { foldCases } from "./training/fold_cases.ts";
import { addValidation, addWarning, type TrainingSettings } from "./training/log_files.ts";
import { diceAndCrossEntropy, type LossFor } from "./training/losses.ts";
import { findNextStage } from "./training/next_stage.ts";
import { findPreviousStage } from "./training/previous_stage.ts";
import { requireTrainable } from "./training/option_checks.ts";
import type { Oversampling } from "./training/patch_sampler.ts";
import { polynomial, type Schedule } from "./training/schedule.ts";
import type { SgdOptions } from "./training/sgd.ts";
import type { StopOptions } from "./training/stopping.ts";
import { DEFAULT_TRAINER, trainerVariant } from "./training/trainer_variants.ts";
import type { EpochOptions } from "./training/training_progress.ts";
import { connectWeightsWorker, TrainingRun } from "./training/training_run.ts";
import type { TrainingSetup } from "./training/training_setup.ts";
import { withoutUndefined } from "./files/without_undefined.ts";

/** How to train; nnU-Net's way where left out. */
export interface TrainerOptions extends StopOptions {
  /**
   * One of upstream's trainers, such as `nnUNetTrainer_100epochs`: what it does differently holds
   * where no other option says something else. `nnUNetTrainer` by default.
   */
  readonly trainer?: string;
  /** 0 by default. */
  readonly fold?: Fold;
  /** 1000 by default. */
  readonly epochs?: number;
  /** Training steps an epoch, 250 by default. */
  readonly iterations?: number;
  /** Validation steps an epoch, 50 by default. */
  readonly validationIterations?: number;
  /** Starting weights and all batches follow from it; 0 by default. */
  readonly seed?: number;
  /** {@link diceAndCrossEntropy} by default. */
  readonly loss?: LossFor;
  /** Whether the network's lower resolutions enter the loss, true by default. */
  readonly deepSupervision?: boolean;
  /**
   * Makes a network for a number of heads; the plan's U-Net by default. With deep supervision it
   * gives an output for every resolution that is to be supervised, otherwise one.
   */
  readonly network?: (
    configuration: Configuration,
    options: { readonly heads: number; readonly deepSupervision: boolean },
  ) => Network;
  /** Learning rate to begin with, 0.01 by default; it decays polynomially. */
  readonly learningRate?: number;
  /** Learning rates of all epochs, in place of `learningRate` and its decay. */
  readonly schedule?: Schedule;
  /** Momentum, weight decay and gradient clipping of nnU-Net's optimiser. */
  readonly sgd?: SgdOptions;
  /** Adam with these settings in its place. */
  readonly adam?: AdamOptions;
  /**
   * Axes of the patch to mirror, in training and in prediction; all by default. Leave out those
   * along which mirrored anatomy would be wrong.
   */
  readonly mirrorAxes?: readonly number[];
  /** Transforms of one's own, among nnU-Net's or in their place. */
  readonly transforms?: TransformChoice;
  /** How nnU-Net's augmentation is varied; not at all by default. */
  readonly augmentation?: AugmentationVariant;
  /** Which patches of a batch are centred on foreground; the last third by default. */
  readonly oversampling?: Oversampling;
  /** Whether to deform patches elastically as nnU-Net v1 could, which is slow; false by default. */
  readonly elasticDeformation?: boolean;
  /**
   * A checkpoint whose weights a training begins with, all but those of the segmentation heads.
   * One that is taken up again goes on with its own.
   */
  readonly pretrainedWeights?: string;
  /** Whether to write weights to disk, true by default. */
  readonly checkpoints?: boolean;
  /** What to compute on; by default the fastest device there is. */
  readonly device?: DeviceChoice;
  /**
   * Whether convolutions are computed in float16 ("mixed") or all in float32; by default mixed on
   * CUDA, as nnU-Net does, and float32 elsewhere.
   */
  readonly precision?: "auto" | "float32" | "mixed";
  /** Threads of a step on the CPU, all cores by default. */
  readonly threads?: number;
  /** Workers that make batches, 1 by default. */
  readonly loaders?: number;
}

/** How a training can be watched, ended and taken up again. */
export interface FitOptions extends EpochOptions {
  /** Go on from the last checkpoint of the fold, if there is one; false by default. */
  readonly resume?: boolean;
  /** How to validate the fold's cases after training, as {@link Trainer.validate} does; or not. */
  readonly validation?: false | Pick<ValidationOptions, "checkpoint" | "saveProbabilities">;
  /** Called while the fold's cases are validated. */
  readonly onValidation?: ValidationOptions["onProgress"];
  readonly onWarning?: ValidationOptions["onWarning"];
}

/** How to validate a trained fold. */
export interface ValidationOptions {
  /** Which checkpoint to take the weights of, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
  /** Write `CASE.npz` and `CASE.pkl` beside the label maps, for ensembles. */
  readonly saveProbabilities?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: InferenceProgress) => void;
  /** Called with what should be known although all goes on; the fold's log has it, too. */
  readonly onWarning?: (message: string) => void;
}

/** A finished epoch. */
export interface EpochReport {
  /** From 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** All epochs up to this one. */
  readonly log: TrainingLog;
}

type FoldCases = Pick<TrainingSetup, "casesFolder" | "split" | "previousStage">;

type Unset =
  | "sgd"
  | "adam"
  | "transforms"
  | "augmentation"
  | "oversampling"
  | "elasticDeformation"
  | "pretrainedWeights"
  | "threads"
  | keyof StopOptions;

/**
 * Trains one fold of one configuration.
 *
 * @example
 * ```ts
 * const trainer = new Trainer(plans, "3d_fullres", { fold: 0, epochs: 50 });
 * for await (const { epoch, log } of trainer.fit({ signal })) curves.update(log);
 * ```
 */
export class Trainer {
  readonly plans: Plans;
  readonly configuration: Configuration;
  readonly fold: Fold;
  /** Folder of the fold's results. */
  readonly folder: string;
  /** Folder of the model: its plans, and the folds' folders. */
  readonly modelFolder: string;
  /** Upstream's name of the way of training. */
  readonly name: string;
  readonly #options:
    & Required<Omit<TrainerOptions, Unset | "trainer" | "learningRate">>
    & Pick<TrainerOptions, Unset>;
  readonly #heads: Heads;
  /** Options that the user gave, for the log. */
  readonly #given: TrainerOptions;

  /**
   * @throws {RangeError} If the plan has no such configuration, there is no such trainer, or an
   * option is not what it may be.
   */
  constructor(plans: Plans, configuration: ConfigurationName, options: TrainerOptions = {}) {
    this.plans = plans;
    this.configuration = plans.configuration(configuration);
    this.#given = options;
    const { patchSize } = this.configuration;
    requireTrainable(options, patchSize.length);
    const { trainer = DEFAULT_TRAINER, learningRate, ...rest } = withoutUndefined(options);
    this.name = trainer;
    this.#options = {
      fold: 0,
      epochs: 1000,
      iterations: 250,
      validationIterations: 50,
      seed: 0,
      loss: diceAndCrossEntropy,
      deepSupervision: true,
      network: ({ architecture }, given) => networkOf(architecture, given),
      schedule: polynomial(learningRate),
      mirrorAxes: planAugmentation(patchSize).mirrorAxes,
      checkpoints: true,
      loaders: 1,
      device: "auto",
      precision: "auto",
      ...trainerVariant(trainer, patchSize.length),
      ...(learningRate === undefined ? {} : { schedule: polynomial(learningRate) }),
      ...rest,
    };
    this.#heads = headsOf(plans.dataset);
    this.fold = this.#options.fold;
    this.modelFolder = join(
      plans.folders.results,
      plans.data.datasetName,
      modelFolderName(this.name, plans.data.plansName, configuration),
    );
    this.folder = join(this.modelFolder, fileNames.fold(this.fold));
  }

  /**
   * Trains, epoch by epoch. After each the state is on disk, so that a kill at any moment loses one
   * epoch at most; leaving the loop or aborting keeps even the steps of the epoch under way.
   *
   * At the end the folder has `checkpoint_final.pth`, which Python's nnU-Net loads, `model.onnx`
   * and `progress.png`, and `validation` with the fold's cases.
   *
   * @throws {Error} If the cases are not preprocessed or a checkpoint does not fit the plan.
   */
  async *fit(options: FitOptions = {}): AsyncGenerator<EpochReport, void, void> {
    const { signal, resume = false, validation = {}, onWarning } = options;
    signal?.throwIfAborted();
    const setup = await this.#setUp();
    const run = await TrainingRun.start(setup, resume);
    let model: Uint8Array<ArrayBuffer>;
    try {
      while (!run.finished) {
        await run.trainEpoch(options);
        yield { epoch: run.epoch - 1, epochs: setup.epochs, log: run.log };
      }
      model = await run.finish(this.#frame());
    } finally {
      run.close();
    }
    if (validation === false) return;
    if (validation.checkpoint !== undefined) model = await this.#modelOf(validation.checkpoint);
    await this.#validate(model, setup, {
      ...validation,
      signal,
      onProgress: options.onValidation,
      onWarning,
    });
  }

  /**
   * Segments the fold's validation cases as whole scans and scores them, into `validation` in the
   * fold's folder; for 3d_lowres of a cascade also what its next stage needs of them, as far as its
   * cases are preprocessed.
   *
   * @returns The scores, which are in `validation/summary.json`, too.
   * @throws {Error} If the fold has no such checkpoint, or a case fails, naming it.
   * @throws The signal's reason, if it is aborted; finished cases stay.
   */
  async validate(options: ValidationOptions = {}): Promise<EvaluationSummary> {
    const { checkpoint = fileNames.checkpointFinal, signal } = options;
    signal?.throwIfAborted();
    const model = await this.#modelOf(checkpoint);
    return await this.#validate(model, await this.#cases(), options);
  }

  /** The network with a checkpoint's weights. */
  async #modelOf(checkpoint: string): Promise<Uint8Array<ArrayBuffer>> {
    const worker = await connectWeightsWorker();
    try {
      return await worker.call("fillFrom", [this.#frame(), join(this.folder, checkpoint)]);
    } finally {
      worker.close();
    }
  }

  /** @param model Its buffer moves away. */
  async #validate(
    model: Uint8Array<ArrayBuffer>,
    { casesFolder, split, previousStage }: FoldCases,
    { saveProbabilities, signal, onProgress, onWarning }: ValidationOptions,
  ): Promise<EvaluationSummary> {
    const { plans, configuration, modelFolder } = this;
    const { data, dataset, folder } = plans;
    const { mirrorAxes } = this.#options;
    const cases = split.validation;
    const nextStage = await findNextStage({ plans, configuration, modelFolder, cases });
    if (nextStage?.warning) {
      await addWarning(this.folder, nextStage.warning);
      onWarning?.(nextStage.warning);
    }
    const summary = await validateFold({
      model,
      facts: modelFacts({ plans: data, configuration, dataset, mirrorAxes }),
      casesFolder,
      cases,
      previousStageFolder: previousStage?.folder,
      nextStages: nextStage ? [nextStage] : [],
      groundTruth: join(folder, fileNames.groundTruth),
      folder: this.folder,
      saveProbabilities,
      threads: this.#options.threads,
      device: await chooseDevice(this.#options.device),
      signal,
      onProgress,
    });
    await addValidation(this.folder, summary);
    return summary;
  }

  /** Gathers what the run depends on, and puts the plans beside the results to come. */
  async #setUp(): Promise<TrainingSetup> {
    const { data, dataset, fingerprint } = this.plans;
    const { name, batchDice } = this.configuration;
    const { network, loss, sgd, adam, ...options } = this.#options;
    const cases = await this.#cases();
    await writePlans(join(this.modelFolder, fileNames.resultPlans), data);
    await writeDatasetJson(join(this.modelFolder, fileNames.dataset), dataset);
    await writeFingerprint(join(this.modelFolder, fileNames.fingerprint), fingerprint);
    const device = await chooseDevice(options.device);
    return {
      ...options,
      device,
      // The CPU can use more memory than there is.
      limits: await limitsOf(device),
      lossScaling: await isMixed(device, options.precision) ? {} : undefined,
      configuration: this.configuration,
      channels: this.#channels,
      network: network(this.configuration, {
        heads: this.#heads.count,
        deepSupervision: true,
      }),
      loss: loss(this.#heads, { batchDice }),
      heads: this.#heads,
      optimizer: adam ? { kind: "adam", ...adam } : { kind: "sgd", ...sgd },
      ...cases,
      folder: this.folder,
      trainerName: this.name,
      initArgs: {
        plans: JSON.parse(formatPlans(data)),
        configuration: name,
        fold: this.fold,
        datasetJson: formatDatasetJson(dataset) as JsonValue,
      },
      settings: this.#settings(cases.split),
    };
  }

  /** The fold's cases, and in a cascade what the stage before made of them. */
  async #cases(): Promise<FoldCases> {
    const casesFolder = join(this.plans.folder, this.configuration.dataIdentifier);
    const split = await foldCases(this);
    return { casesFolder, split, previousStage: await this.#previousStage(split) };
  }

  /** Input channels of the network: in a cascade one more for every foreground label. */
  get #channels(): number {
    const images = this.plans.dataset.channelNames.length;
    return this.configuration.previousStage ? images + this.#foreground.length : images;
  }

  /** Labels that a cascade gets a channel each of. */
  get #foreground(): number[] {
    return foregroundIntegers(this.plans.dataset.labels);
  }

  /** In a cascade, the segmentations of the stage before. */
  async #previousStage({ train, validation }: Split): Promise<TrainingSetup["previousStage"]> {
    const { previousStage, name } = this.configuration;
    if (!previousStage) return undefined;
    const { results } = this.plans.folders;
    const { datasetName, plansName } = this.plans.data;
    const folder = await findPreviousStage({
      modelFolder: join(results, datasetName, modelFolderName(this.name, plansName, previousStage)),
      previous: previousStage,
      configuration: name,
      cases: [...new Set([...train, ...validation])],
      splits: await readSplits(join(this.plans.folder, fileNames.splits)).catch(() => []),
    });
    return { folder, labels: this.#foreground };
  }

  /** What this training is, as far as it can be written down. */
  #settings({ train, validation }: Split): TrainingSettings {
    const { data } = this.plans;
    const { name, patchSize, batchSize } = this.configuration;
    const { epochs, iterations, validationIterations, seed, mirrorAxes, schedule } = this.#options;
    return {
      dataset: data.datasetName,
      plans: data.plansName,
      configuration: name,
      fold: this.fold,
      trainer: this.name,
      epochs,
      iterations,
      validation_iterations: validationIterations,
      initial_lr: schedule(0, epochs),
      seed,
      mirror_axes: mirrorAxes,
      patch_size: patchSize,
      batch_size: batchSize,
      input_channels: this.#channels,
      heads: this.#heads.count,
      training_cases: train.length,
      validation_cases: validation.length,
      options: serializable(this.#given),
    };
  }

  /** The network as it predicts, with no weights in it. */
  #frame(): Uint8Array<ArrayBuffer> {
    const { configuration } = this;
    const { dataset, data: plans } = this.plans;
    const { mirrorAxes } = this.#options;
    const network = this.#options.network(configuration, {
      heads: this.#heads.count,
      deepSupervision: false,
    });
    return inferenceFrame(
      network,
      [1, this.#channels, ...configuration.patchSize],
      modelMetadata({ plans, configuration, dataset, mirrorAxes }),
    );
  }
}

/** Functions by their names, since a log cannot hold them. */
function serializable(options: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(
    options,
    (_, value) => typeof value === "function" ? `function ${value.name}` : value,
  ));
}

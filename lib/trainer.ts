/** Trains and validates one fold of a planned configuration. */

import type { Shape } from "./array/nd_array.ts";
import { join } from "./platform/paths.ts";
import type { EvaluationSummary } from "./files/summary.ts";
import type { InferenceProgress } from "./inference/case_pipeline.ts";
import { validateFold } from "./inference/validate_fold.ts";
import type { Fold } from "./dataset/splits.ts";
import { formatDatasetJson } from "./files/dataset_json.ts";
import { writeDatasetJson } from "./files/dataset_file.ts";
import { writeFingerprint } from "./files/fingerprint_file.ts";
import { fileNames, modelFolderName } from "./files/paths.ts";
import { formatPlans } from "./files/plans_json.ts";
import { writePlans } from "./files/plans_file.ts";
import { weightlessModel } from "./model/inference_graph.ts";
import { type ModelFacts, modelFacts } from "./model/model_facts.ts";
import { modelMetadata } from "./model/model_metadata.ts";
import type { JsonValue } from "./interop/json_value.ts";
import type { TrainingLog } from "./interop/training_log.ts";
import type { Network } from "./network/network.ts";
import { requireTrainable, withCheckedOutputs } from "./network/require_outputs.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";
import type { Configuration, ConfigurationName } from "./files/plans.ts";
import type { Plans } from "./plans.ts";
import { stepsOfRun } from "./runtime/device.ts";
import { chooseDevice, isMixed, limitsOf } from "./runtime/find_devices.ts";
import { findFoldData, type FoldData } from "./training/fold/fold_data.ts";
import { addValidation, addWarning } from "./training/log_files.ts";
import type { MissingCasesError } from "./training/fold/missing_cases_error.ts";
import { findNextStage } from "./training/fold/next_stage.ts";
import { optimizerChoice } from "./training/step/optimizer_choice.ts";
import { type ResolvedOptions, resolveOptions } from "./training/resolve_options.ts";
import type { TrainerOptions } from "./training/training_options.ts";
import type { EpochOptions } from "./training/training_progress.ts";
import { connectWeightsWorker, TrainingRun } from "./training/training_run.ts";
import { trainingSettings } from "./training/training_settings.ts";
import type { TrainingSetup } from "./training/training_setup.ts";

/** How to observe, abort, resume and validate a training. */
export interface FitOptions extends EpochOptions {
  /** Whether to resume from the fold's last checkpoint, if there is one; false by default. */
  readonly resume?: boolean;
  /** How to validate the fold's cases after training; false to skip it. */
  readonly validation?: false | Pick<ValidationOptions, "checkpoint" | "saveProbabilities">;
  /** Called with the progress of the validation. */
  readonly onValidation?: ValidationOptions["onProgress"];
  /** Called with warnings of the validation. */
  readonly onWarning?: ValidationOptions["onWarning"];
}

/** How to validate a trained fold. */
export interface ValidationOptions {
  /** File name of the checkpoint to validate, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
  /** Whether to write `CASE.npz` and `CASE.pkl` next to the label maps, for ensembles. */
  readonly saveProbabilities?: boolean;
  /** Aborts the validation. */
  readonly signal?: AbortSignal;
  /** Called with the progress of the validation. */
  readonly onProgress?: (progress: InferenceProgress) => void;
  /**
   * Called with warnings, which are also written to the fold's log. For missing cases, `reason` can
   * describe them in another wording.
   */
  readonly onWarning?: (message: string, reason?: MissingCasesError) => void;
}

const validationOptions: KnownOptions<ValidationOptions> = {
  checkpoint: true,
  saveProbabilities: true,
  signal: true,
  onProgress: true,
  onWarning: true,
};

const fitOptions: KnownOptions<FitOptions> = {
  resume: true,
  validation: true,
  signal: true,
  onProgress: true,
  onValidation: true,
  onWarning: true,
};

/** @throws {TypeError} If an option is unknown. */
function requireFitOptions(options: FitOptions): void {
  requireKnown(options, fitOptions, "train");
  const { checkpoint, saveProbabilities } = validationOptions;
  const { validation } = options;
  if (validation) {
    requireKnown(validation, { checkpoint, saveProbabilities }, "train", "validation");
  }
}

/** Report of a finished epoch. */
export interface EpochReport {
  /** The finished epoch, from 0. */
  readonly epoch: number;
  /** Number of epochs to train. */
  readonly epochs: number;
  /** Log of all epochs up to this one. */
  readonly log: TrainingLog;
}

/**
 * Trains one fold of one configuration.
 *
 * @example Training the first fold for 50 epochs
 * ```ts ignore
 * import { Plans, Trainer } from "nnunet";
 *
 * const plans = await Plans.open({ root: "nnunet", id: 4 });
 * const trainer = new Trainer(plans, "3d_fullres", { fold: 0, epochs: 50 });
 * for await (const { epoch, log } of trainer.fit({ resume: true })) {
 *   console.log(epoch, log.trainLosses.at(-1));
 * }
 * ```
 */
export class Trainer {
  /** The plans. */
  readonly plans: Plans;
  /** The configuration that is trained. */
  readonly configuration: Configuration;
  /** The fold that is trained. */
  readonly fold: Fold;
  /** Folder of the fold's results. */
  readonly folder: string;
  /** Folder of the model, which contains its plans and the folds' folders. */
  readonly modelFolder: string;
  /** Name of upstream's trainer class, such as `nnUNetTrainer`. */
  readonly name: string;
  /** The user's options, for the log. */
  readonly #given: TrainerOptions;
  readonly #options: ResolvedOptions;
  readonly #facts: ModelFacts;

  /**
   * Prepares a training; no file is read or written before {@link fit} or {@link validate}.
   *
   * @param plans The data set's plans.
   * @param configuration Name of one of the planned configurations.
   * @param options Options that are omitted have nnU-Net's defaults.
   * @throws {TypeError} If an option is unknown; the message suggests the closest known one. If a
   * custom network has no parameters, or outputs other than logits; the message says which are
   * expected.
   * @throws {RangeError} If the plans lack the configuration, the trainer is unknown, or an option
   * is invalid.
   */
  constructor(plans: Plans, configuration: ConfigurationName, options: TrainerOptions = {}) {
    this.plans = plans;
    this.configuration = plans.configuration(configuration);
    this.#given = options;
    this.#options = resolveOptions(options, this.configuration.patchSize);
    this.#facts = modelFacts({
      plansData: plans.plansData,
      configuration: this.configuration,
      datasetJson: plans.datasetJson,
      mirrorAxes: this.#options.mirrorAxes,
    });
    this.fold = this.#options.fold;
    this.name = this.#options.trainer;
    this.modelFolder = join(
      this.#resultsFolder,
      modelFolderName(this.name, plans.plansData.plansName, configuration),
    );
    this.folder = join(this.modelFolder, fileNames.fold(this.fold));
    if (options.network) requireTrainable(this.#network(true), this.#imageShape);
  }

  /**
   * Trains epoch by epoch. The state is saved after each epoch, so that a killed process loses at
   * most one; aborting by `signal` also keeps the finished steps of the current epoch.
   *
   * At the end, the fold's folder contains `checkpoint_final.pth`, which Python's nnU-Net can load,
   * `model.onnx`, `progress.png`, and `validation` with the segmentations of the fold's cases.
   *
   * @param options How to observe, abort, resume and validate the training.
   * @returns One report per epoch trained by this call.
   * @throws {TypeError} If an option is unknown.
   * @throws {MissingCasesError} If cases are not preprocessed or, for a cascade, not segmented by
   * the previous stage.
   * @throws {Error} If a loss is not finite, or the checkpoint to resume from does not match the
   * plans.
   * @throws The signal's reason if aborted, after saving the state.
   *
   * @example Stopping once the pseudo Dice is high enough, and resuming later
   * ```ts ignore
   * for await (const { log } of trainer.fit({ validation: false })) {
   *   if (log.emaForegroundDice.at(-1)! > 0.85) break;
   * }
   * for await (const { epoch, epochs } of trainer.fit({ resume: true })) {
   *   console.log(`${epoch + 1} of ${epochs}`);
   * }
   * ```
   */
  async *fit(options: FitOptions = {}): AsyncGenerator<EpochReport, void, void> {
    requireFitOptions(options);
    const { signal, resume = false, validation = {}, onWarning } = options;
    signal?.throwIfAborted();
    const setup = await this.#setUp();
    const run = await TrainingRun.start(setup, resume);
    let model: Uint8Array<ArrayBuffer>;
    try {
      while (!run.finished) {
        await run.trainEpoch(options);
        yield { epoch: run.epoch - 1, epochs: setup.schedule.epochs, log: run.log };
      }
      model = await run.finish(this.#weightlessModel());
    } finally {
      run.close();
    }
    if (validation === false) return;
    if (validation.checkpoint !== undefined) model = await this.#modelOf(validation.checkpoint);
    await this.#validate(model, setup.data, {
      ...validation,
      signal,
      onProgress: options.onValidation,
      onWarning,
    });
  }

  /**
   * Segments and scores the fold's validation cases, and writes the results to `validation` in the
   * fold's folder. For a cascade's first stage, it also writes the segmentations that the next
   * stage needs, of the cases that are preprocessed for it.
   *
   * @param options Which checkpoint to validate, what to write, and how to observe and abort the work.
   * @returns The scores, as written to `validation/summary.json`.
   * @throws {TypeError} If an option is unknown.
   * @throws {CaseError} If a case fails.
   * @throws {Error} If the fold lacks the checkpoint.
   * @throws The signal's reason if aborted; finished cases are kept.
   *
   * @example Validating a trained fold for an ensemble
   * ```ts ignore
   * const { foregroundMean } = await trainer.validate({ saveProbabilities: true });
   * console.log(foregroundMean.dice);
   * ```
   */
  async validate(options: ValidationOptions = {}): Promise<EvaluationSummary> {
    requireKnown(options, validationOptions, "validate");
    const { checkpoint = fileNames.checkpointFinal, signal } = options;
    signal?.throwIfAborted();
    const model = await this.#modelOf(checkpoint);
    return await this.#validate(model, await this.#findData(), options);
  }

  /** Returns the ONNX model with a checkpoint's weights. */
  async #modelOf(checkpoint: string): Promise<Uint8Array<ArrayBuffer>> {
    const worker = await connectWeightsWorker();
    try {
      return await worker.call("fillFrom", [
        this.#weightlessModel(),
        join(this.folder, checkpoint),
      ]);
    } finally {
      worker.close();
    }
  }

  /** @param model Its buffer is transferred. */
  async #validate(
    model: Uint8Array<ArrayBuffer>,
    { folder: casesFolder, split, previousStage }: FoldData,
    { saveProbabilities, signal, onProgress, onWarning }: ValidationOptions,
  ): Promise<EvaluationSummary> {
    const { plans, configuration, modelFolder } = this;
    const { plansData, folder } = plans;
    const cases = split.validation;
    const nextStage = await findNextStage({
      folder,
      plansData,
      configuration,
      modelFolder,
      cases,
    });
    if (nextStage?.warning) {
      await addWarning(this.folder, nextStage.warning.message);
      onWarning?.(nextStage.warning.message, nextStage.warning);
    }
    const summary = await validateFold({
      model,
      facts: this.#facts,
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

  /** Collects what the run depends on, and writes the plans to the model's folder. */
  async #setUp(): Promise<TrainingSetup> {
    const { plansData, datasetJson, fingerprint } = this.plans;
    const options = this.#options;
    const { heads } = this.#facts;
    const { name, patchSize, batchSize, batchDice, useMaskForNorm } = this.configuration;
    const found = await this.#findData();
    await writePlans(join(this.modelFolder, fileNames.resultPlans), plansData);
    await writeDatasetJson(join(this.modelFolder, fileNames.dataset), datasetJson);
    await writeFingerprint(join(this.modelFolder, fileNames.fingerprint), fingerprint);
    const device = await chooseDevice(options.device);
    return {
      step: {
        network: this.#network(true),
        loss: options.loss(heads, { batchDice }),
        heads,
        imageShape: this.#imageShape,
        deepSupervision: options.deepSupervision,
        optimizer: optimizerChoice(options),
        lossScaling: await isMixed(device, options.precision) ? {} : undefined,
        device,
        // Undefined for the CPU, which may use more memory than the machine has.
        limits: await limitsOf(device),
        threads: options.threads,
        stepsPerRun: stepsOfRun(device),
      },
      data: {
        ...found,
        patchSize,
        batchSize,
        augmentation: {
          useMaskForNorm,
          mirrorAxes: options.mirrorAxes,
          elasticDeformation: options.elasticDeformation,
          ...options.augmentation,
        },
        oversampling: options.oversampling,
        transforms: options.transforms,
        loaders: options.loaders,
      },
      schedule: options,
      record: {
        folder: this.folder,
        trainerName: this.name,
        checkpoints: options.checkpoints,
        pretrainedWeights: options.pretrainedWeights,
        initArgs: {
          plans: JSON.parse(formatPlans(plansData)),
          configuration: name,
          fold: this.fold,
          datasetJson: formatDatasetJson(datasetJson) as JsonValue,
        },
        settings: trainingSettings({
          facts: this.#facts,
          given: this.#given,
          options,
          split: found.split,
        }),
      },
    };
  }

  /** Finds the fold's cases and, for a cascade, the previous stage's segmentations of them. */
  #findData(): Promise<FoldData> {
    return findFoldData({
      folder: this.plans.folder,
      plans: this.plans.plansData,
      configuration: this.configuration,
      fold: this.fold,
      previousStageLabels: this.#facts.previousStageLabels,
      resultsFolder: this.#resultsFolder,
      trainer: this.name,
    });
  }

  /** Results folder of the data set. */
  get #resultsFolder(): string {
    return join(this.plans.folders.results, this.plans.plansData.datasetName);
  }

  /** Shape of a batch of training patches: (n, c, …patch). */
  get #imageShape(): Shape {
    const { batchSize, patchSize } = this.configuration;
    return [batchSize, this.#facts.inputChannels, ...patchSize];
  }

  #network(deepSupervision: boolean): Network {
    const heads = this.#facts.heads.count;
    const network = this.#options.network(this.configuration, { heads, deepSupervision });
    return withCheckedOutputs(network, heads);
  }

  /** Returns the ONNX model for inference, without weights. */
  #weightlessModel(): Uint8Array<ArrayBuffer> {
    const { inputChannels, configuration: { patchSize } } = this.#facts;
    const shape = [1, inputChannels, ...patchSize];
    return weightlessModel(this.#network(false), shape, modelMetadata(this.#facts));
  }
}

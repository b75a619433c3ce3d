/** Trains and validates one fold of a planned configuration. */

import type { Shape } from "./array/nd_array.ts";
import { join } from "./platform/paths.ts";
import type { EvaluationSummary } from "./files/summary.ts";
import type { Fold } from "./dataset/splits.ts";
import { foregroundIntegers } from "./files/dataset_labels.ts";
import { formatDatasetJson } from "./files/dataset_json.ts";
import { writeDatasetJson } from "./files/dataset_file.ts";
import { writeFingerprint } from "./files/fingerprint_file.ts";
import { fileNames, modelFolderName } from "./files/paths.ts";
import { plansTextIn } from "./files/replaced_plans.ts";
import { nameSome } from "./files/some_names.ts";
import { formatPlans } from "./files/plans_json.ts";
import { writePlans } from "./files/plans_file.ts";
import { weightlessModel } from "./model/inference_graph.ts";
import { foldStates } from "./model/fold_states.ts";
import { type ModelFacts, modelFacts } from "./model/model_facts.ts";
import { modelMetadata } from "./model/model_metadata.ts";
import type { JsonValue } from "./interop/json_value.ts";
import type { TrainingLog } from "./interop/training_log.ts";
import type { Network } from "./network/network.ts";
import { requireTrainable, withCheckedOutputs } from "./network/require_outputs.ts";
import { objectWith, requireValue } from "./options/require_value.ts";
import { requireKnown } from "./options/require_known.ts";
import type { Configuration, ConfigurationName } from "./files/plans.ts";
import { Plans } from "./plans.ts";
import { count } from "./options/count.ts";
import { ErrorWithRemedy } from "./options/error_with_remedy.ts";
import { exists } from "./platform/files.ts";
import { reasonToStop } from "./training/stopping.ts";
import { stepsOfRun } from "./runtime/device.ts";
import { systemMemory } from "./platform/system_memory.ts";
import { chooseDevice, isMixed, limitsOf } from "./runtime/find_devices.ts";
import { findFoldData, type FoldData } from "./training/fold/fold_data.ts";
import { lockFold } from "./training/fold/fold_lock.ts";
import { FoldValidation } from "./training/fold_validation.ts";
import { writeBenchmark } from "./training/benchmark_result.ts";
import { addWarning } from "./training/log_files.ts";
import { Loggers, type TrainingBegin } from "./training/loggers/training_logger.ts";
import type { Loss } from "./training/step/losses.ts";
import { changedPlanText } from "./training/changed_plans.ts";
import { optimizerChoice } from "./training/step/optimizer_choice.ts";
import { continuedOptions, type RecordedOptions } from "./training/kept_options.ts";
import {
  type ResolvedOptions,
  resolveOptions,
  trainerDefaults,
} from "./training/resolve_options.ts";
import type { TrainerOptions } from "./training/training_options.ts";
import {
  type FitOptions,
  requireFitOptions,
  type ValidationOptions,
  validationOptions,
} from "./training/fit_options.ts";
import { secondsOfEpochs } from "./training/training_start.ts";
import { connectWeightsWorker, TrainingRun } from "./training/training_run.ts";
import { plansOfTrainer } from "./training/trainer_plans.ts";
import { trainingSettings } from "./training/training_settings.ts";
import type { TrainingSetup } from "./training/training_setup.ts";
import type { BegunTraining } from "./training/weights_worker.ts";

/** A network for inference. */
interface TrainedNetwork {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Number of epochs that it was trained for. */
  readonly epochs: number;
}

/** Report of a finished epoch. */
export interface EpochReport {
  /** The finished epoch, from 0. */
  readonly epoch: number;
  /** Number of epochs to train. */
  readonly epochs: number;
  /** Log of all epochs up to this one. */
  readonly log: TrainingLog;
  /** Why the training ends after this epoch, if that is before its last one. */
  readonly stopped?: string;
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
  /** The plans, with the batch and patch of the trainer. */
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
  /** Whether the training only measures its speed, and no cases are predicted after it. */
  readonly isBenchmark: boolean;
  /** The user's options. */
  readonly #given: TrainerOptions;
  /** Those and, in a resumed training, the ones it began with. */
  #chosen: TrainerOptions;
  #options: ResolvedOptions;
  #facts: ModelFacts;

  /**
   * Prepares a training; no file is read or written before {@link fit} or {@link validate}.
   *
   * @param plans The data set's plans.
   * @param configuration Name of one of the planned configurations.
   * @param options Options that are omitted have nnU-Net's defaults.
   * @throws {TypeError} If an option is unknown; the message suggests the closest known one. If a
   * custom network has no parameters, or outputs other than logits; the message says which are
   * expected.
   * @throws {RangeError} If the plans lack the configuration, the trainer is unknown or cannot use the
   * patch, or an option is invalid.
   */
  constructor(plans: Plans, configuration: ConfigurationName, options: TrainerOptions = {}) {
    requireValue(plans, objectWith("plansData", "Plans"), "train", "plans");
    this.#given = this.#chosen = options;
    const { trainer = trainerDefaults.trainer } = options;
    const plansData = plansOfTrainer(trainer, plans.plansData, configuration);
    this.plans = plansData === plans.plansData ? plans : new Plans({ ...plans, plansData });
    this.configuration = this.plans.configuration(configuration);
    this.#options = resolveOptions(options, this.configuration.patchSize);
    this.#facts = this.#factsNow();
    this.fold = this.#options.fold;
    this.name = this.#options.trainer;
    this.isBenchmark = this.#options.benchmark;
    this.modelFolder = join(
      this.#resultsFolder,
      modelFolderName(this.name, plansData.plansName, configuration),
    );
    this.folder = join(this.modelFolder, fileNames.fold(this.fold));
    if (this.#options.network !== trainerDefaults.network) {
      requireTrainable(this.#network(true), this.#imageShape);
    }
  }

  /**
   * Trains epoch by epoch. The state is saved after each epoch, so that a killed process loses at most
   * one; aborting by `signal` also keeps the finished steps of the current epoch.
   *
   * With `resume`, a training continues with the options that it began with unless they are given
   * again, as functions have to be; more epochs prolong a finished one. Without it, training starts
   * anew, and the results of an earlier training are kept in a folder beside the fold's.
   *
   * At the end, the fold's folder contains `checkpoint_final.pth`, which Python's nnU-Net can load,
   * `model.onnx`, `progress.png`, and `validation` with the segmentations of the fold's cases.
   *
   * @param options How to observe, abort, resume and validate the training.
   * @returns One report per epoch trained by this call.
   * @throws {TypeError} If an option is unknown.
   * @throws {LockedError} If another run trains or validates the fold.
   * @throws {MissingCasesError} If cases are not preprocessed completely or, for a cascade, not
   * segmented by the previous stage.
   * @throws {ErrorWithRemedy} If no checkpoint to resume from can be read and matches the plans.
   * @throws {Error} If a loss is not finite.
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
    const { resume = false, overwrite = false, onWarning } = options;
    const validation = this.isBenchmark ? false : options.validation ?? {};
    options.signal?.throwIfAborted();
    const data = await this.#findData();
    const notices = [...data.notices];
    await using lock = await lockFold(this, "train", notices);
    const signal = either(options.signal, lock.lost);
    const checkpoint = validation ? validation.checkpoint : undefined;
    const begun = resume ? await this.#begun() : undefined;
    this.#choose(begun?.options);
    const endedLog = this.#endedLog(begun);
    const ended = endedLog?.epochEnd.length;
    const loggers = new Loggers(options.loggers ?? [], this.folder, onWarning);
    let trained: TrainedNetwork;
    if (ended) {
      notices.push(`The training in ${this.folder} has ended after ${count(ended, "epoch")}`);
      notices.push(...this.#chooseTrained(begun!.options));
      await loggers.pass(this.#beginning(data, endedLog!));
      trained = await this.#modelOf(fileNames.checkpointFinal);
      if (validation === false) await this.#announce(options, data, { notices, done: ended });
    } else {
      const setup = await this.#setUp(data);
      const run = await TrainingRun.start(setup, { resume, overwrite });
      try {
        notices.push(...run.notices, ...await this.#writePlans());
        for (const notice of notices) await addWarning(this.folder, notice);
        await this.#announce(options, data, { notices, done: run.epoch, log: run.log });
        await loggers.pass(this.#beginning(data, run.log));
        while (!run.finished) {
          await run.trainEpoch({ ...options, signal });
          await loggers.pass({ event: "epoch", epoch: run.epoch - 1, log: run.log });
          const { epoch, log, stopped } = run;
          yield { epoch: epoch - 1, epochs: setup.schedule.epochs, log, stopped };
        }
        trained = { model: await run.finish(this.#weightlessModel()), epochs: run.epoch };
        if (this.isBenchmark) {
          const device = await chooseDevice(this.#options.device);
          await writeBenchmark(this.folder, device, run.log);
        }
      } finally {
        run.close();
      }
    }
    const epochs = trained.epochs;
    if (validation === false) return await loggers.pass({ event: "end", epochs });
    if (checkpoint !== undefined) trained = await this.#modelOf(checkpoint);
    const scores = await this.#validate(trained, data, {
      ...validation,
      overwrite: overwrite && ended !== undefined,
      signal,
      onStart: ended ? options.onStart : undefined,
      onProgress: options.onValidation,
      onWarning,
    }, notices);
    await loggers.pass({ event: "validation", scores });
    await loggers.pass({ event: "end", epochs });
  }

  /** Describes a training that continues after the epochs of `log`. */
  #beginning({ split }: FoldData, log: TrainingLog): TrainingBegin {
    const { plansData, datasetJson } = this.plans;
    return {
      event: "start",
      folder: this.folder,
      settings: trainingSettings({
        facts: this.#facts,
        given: this.#chosen,
        options: this.#options,
        split,
      }),
      plans: JSON.parse(formatPlans(plansData)),
      datasetJson: formatDatasetJson(datasetJson),
      log,
    };
  }

  /**
   * Segments and scores the fold's validation cases, and writes the results to `validation` in the
   * fold's folder. For a cascade's first stage, it also writes the segmentations that the next
   * stage needs, of the cases that are preprocessed for it.
   *
   * @param options Which checkpoint to validate, what to write, and how to observe and abort the work.
   * @returns The scores, as written to `validation/summary.json`.
   * @throws {TypeError} If an option is unknown.
   * @throws {LockedError} If another run trains or validates the fold.
   * @throws {CaseError} If a case fails.
   * @throws {ErrorWithRemedy} If the fold lacks the checkpoint.
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
    const { checkpoint = fileNames.checkpointFinal } = options;
    options.signal?.throwIfAborted();
    await this.#requireCheckpoint(checkpoint);
    const data = await this.#findData();
    const notices = [...data.notices];
    await using lock = await lockFold(this, "validate", notices);
    notices.push(...this.#chooseTrained(await this.#optionsIn(checkpoint)));
    const trained = await this.#modelOf(checkpoint);
    const signal = either(options.signal, lock.lost);
    return await this.#validate(trained, data, { ...options, signal }, notices);
  }

  /** @throws {ErrorWithRemedy} If the fold lacks the checkpoint. */
  async #requireCheckpoint(checkpoint: string): Promise<void> {
    if (await exists(join(this.folder, checkpoint))) return;
    throw new ErrorWithRemedy(
      `Cannot validate ${this.folder}: it has no ${checkpoint}, so its training is not finished`,
      "finishTraining",
    );
  }

  /** Returns what the fold's training began with, and whether it has ended. */
  async #begun(): Promise<BegunTraining | undefined> {
    const worker = await connectWeightsWorker();
    try {
      return await worker.call("begun", [this.folder]);
    } finally {
      worker.close();
    }
  }

  /** Returns the options that a checkpoint of the fold was trained with. */
  async #optionsIn(checkpoint: string): Promise<RecordedOptions> {
    const worker = await connectWeightsWorker();
    try {
      return await worker.call("optionsOf", [join(this.folder, checkpoint)]);
    } finally {
      worker.close();
    }
  }

  /** Continues with options that a training began with, where the user has given none. */
  #choose(before: RecordedOptions = {}): void {
    this.#chosen = continuedOptions(before, this.#given);
    this.#options = resolveOptions(this.#chosen, this.configuration.patchSize);
    this.#facts = this.#factsNow();
  }

  /**
   * Uses a trained network as it was trained: with its mirror axes, whatever the user's are.
   *
   * @returns What users should know about it, as sentences.
   */
  #chooseTrained(before: RecordedOptions): string[] {
    this.#choose(before);
    const mirrorAxes = before.mirrorAxes as readonly number[];
    const given = this.#options.mirrorAxes;
    this.#facts = { ...this.#facts, mirrorAxes };
    return `${given}` === `${mirrorAxes}` ? [] : [
      `Validating with the mirrored axes that the network was trained with, [${mirrorAxes}], not ` +
      `[${given}]`,
    ];
  }

  #factsNow(): ModelFacts {
    const { plans: { plansData, datasetJson }, configuration } = this;
    return modelFacts({
      plansData,
      configuration,
      datasetJson,
      mirrorAxes: this.#options.mirrorAxes,
    });
  }

  /**
   * Returns the log of a training that is not to be continued, or undefined. Unless more epochs are
   * asked for, a final checkpoint is final.
   */
  #endedLog(begun: BegunTraining | undefined): TrainingLog | undefined {
    const { log } = begun ?? {};
    if (!log) return undefined;
    const isLongEnough = this.#given.epochs === undefined ||
      log.epochEnd.length >= this.#options.epochs;
    return isLongEnough || reasonToStop(log, this.#options) ? log : undefined;
  }

  /** Calls `onStart`. */
  async #announce(
    { onStart }: Pick<FitOptions, "onStart">,
    { split }: FoldData,
    { notices, done, log, validated = 0 }: {
      readonly notices: readonly string[];
      /** Number of finished epochs. */
      readonly done: number;
      readonly log?: TrainingLog;
      readonly validated?: number;
    },
  ): Promise<void> {
    if (!onStart) return;
    const { configuration: { name, patchSize, batchSize }, fold, folder } = this;
    const epochs = log ? this.#options.epochs : done;
    onStart({
      dataset: this.plans.plansData.datasetName,
      configuration: name,
      fold,
      folder,
      trainingCases: split.train.length,
      validationCases: split.validation.length,
      validatedCases: validated,
      patchSize,
      batchSize,
      device: await chooseDevice(this.#options.device),
      epochs,
      finishedEpochs: done,
      secondsLeft: log && secondsOfEpochs(epochs - done, log),
      notices,
    });
  }

  /**
   * Returns the ONNX model with a checkpoint's weights. That of the final checkpoint is also written
   * if it is missing, as after a training with nnU-Net.
   */
  async #modelOf(checkpoint: string): Promise<TrainedNetwork> {
    const worker = await connectWeightsWorker();
    const onnx = join(this.folder, fileNames.onnx);
    const isMissing = checkpoint === fileNames.checkpointFinal && !await exists(onnx);
    try {
      return await worker.call("fillFrom", [
        this.#weightlessModel(),
        join(this.folder, checkpoint),
        isMissing ? onnx : undefined,
      ]);
    } finally {
      worker.close();
    }
  }

  /** @param trained Its buffer is transferred. */
  async #validate(
    { model, epochs }: TrainedNetwork,
    data: FoldData,
    options: ValidationOptions,
    notices: readonly string[],
  ): Promise<EvaluationSummary> {
    const { plans, configuration, modelFolder, folder } = this;
    const validation = await FoldValidation.plan({
      plans,
      configuration,
      modelFolder,
      folder,
      model,
      facts: this.#facts,
      data,
      threads: this.#options.threads,
      device: await chooseDevice(this.#options.device),
    }, options);
    await this.#announce(options, data, {
      notices: [...notices, ...validation.notices],
      done: epochs,
      validated: validation.keptCases,
    });
    return await validation.run();
  }

  /**
   * Writes what the model's checkpoints belong to, once it is certain that a training can start.
   *
   * @returns What users should know about it, as sentences.
   */
  async #writePlans(): Promise<string[]> {
    const { plansData, datasetJson, fingerprint } = this.plans;
    const path = join(this.modelFolder, fileNames.resultPlans);
    const before = await plansTextIn(path);
    const others = (await foldStates(this.modelFolder))
      .filter(({ fold, checkpoints }) =>
        fold !== this.fold && checkpoints.includes(fileNames.checkpointFinal)
      )
      .map(({ fold }) => fileNames.fold(fold));
    const changed = before === undefined || others.length === 0
      ? []
      : changedPlanText(before, { plansData, configuration: this.configuration.name });
    await writePlans(path, plansData);
    await writeDatasetJson(join(this.modelFolder, fileNames.dataset), datasetJson);
    await writeFingerprint(join(this.modelFolder, fileNames.fingerprint), fingerprint);
    return changed.length === 0 ? [] : [
      `The plans of ${this.modelFolder} have changed since the training of ${
        nameSome(others)
      }, which ` +
      `will predict with the new ones (${changed.join("; ")}); train it again`,
    ];
  }

  /** Collects what the run depends on. */
  async #setUp(found: FoldData): Promise<TrainingSetup> {
    const { plansData, datasetJson } = this.plans;
    const options = this.#options;
    const { heads } = this.#facts;
    const { name, patchSize, batchSize, batchDice, useMaskForNorm } = this.configuration;
    const device = await chooseDevice(options.device);
    return {
      step: {
        network: this.#network(true),
        loss: this.#loss(heads, batchDice),
        heads,
        imageShape: this.#imageShape,
        deepSupervision: options.deepSupervision,
        optimizer: optimizerChoice(options),
        lossScaling: await isMixed(device, options.precision) ? {} : undefined,
        device,
        // Undefined for the CPU, which may use more memory than the machine has.
        limits: await limitsOf(device) ?? systemMemory(),
        threads: options.threads,
        stepsPerRun: stepsOfRun(device),
      },
      data: {
        folder: found.folder,
        split: found.split,
        previousStage: found.previousStage,
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
        randomBatch: options.randomBatch
          ? {
            channels: this.#facts.inputChannels,
            largestLabel: Math.max(...foregroundIntegers(datasetJson.labels)),
          }
          : undefined,
      },
      schedule: options,
      record: {
        folder: this.folder,
        trainerName: this.name,
        plansData,
        datasetJson,
        configuration: name,
        checkpoints: options.checkpoints,
        pretrainedWeights: options.pretrainedWeights,
        initArgs: {
          plans: JSON.parse(formatPlans(plansData)),
          configuration: name,
          fold: this.fold,
          datasetJson: formatDatasetJson(datasetJson) as JsonValue,
        },
        options: this.#chosen,
        standard: resolveOptions({ trainer: this.name }, patchSize),
        settings: trainingSettings({
          facts: this.#facts,
          given: this.#chosen,
          options,
          split: found.split,
        }),
      },
    };
  }

  #loss(heads: ModelFacts["heads"], batchDice: boolean): Loss {
    const loss: unknown = this.#options.loss(heads, { batchDice });
    if (typeof loss === "function") return loss as Loss;
    throw new TypeError(
      `Cannot train: the function of the option loss returned ${
        JSON.stringify(loss)
      }, expected a function of ` +
        "logits and target",
    );
  }

  /** Finds the fold's cases and, for a cascade, the previous stage's segmentations of them. */
  #findData(): Promise<FoldData> {
    const { folders, folder, plansData, datasetJson } = this.plans;
    return findFoldData({
      rawFolder: join(folders.raw, plansData.datasetName),
      folder,
      fileEnding: datasetJson.fileEnding,
      plans: plansData,
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

/** Returns a signal that is aborted by either of two. */
function either(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, other]) : other;
}

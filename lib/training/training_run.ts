/** One fold's training: steps, epochs, checkpoints. */

import { join } from "@std/path";
import { renderCurves } from "../display/curves.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { fileNames } from "../files/paths.ts";
import { emptyLog, type TrainingLog } from "../interop/training_log.ts";
import { stepsOfRun } from "../runtime/device.ts";
import { Remote } from "../runtime/remote.ts";
import type { Batch } from "./batch.ts";
import { BatchLoader, type BatchLoaderOptions } from "./batch_loader.ts";
import { parametersByName } from "./flat_parameters.ts";
import { LogFiles } from "./log_files.ts";
import { optimizerOf } from "./optimizer_choice.ts";
import { movingAverage, pseudoDice, type ValidationStep } from "./pseudo_dice.ts";
import { StepRunner } from "./step_runner.ts";
import { reasonToStop } from "./stopping.ts";
import { type EpochOptions, Pace, type TrainingProgress } from "./training_progress.ts";
import type { TrainingSetup } from "./training_setup.ts";
import { type CheckpointFacts, toCheckpoint, type TrainingState } from "./training_state.ts";
import type { WeightsApi } from "./weights_worker.ts";
import { removeIfPresent } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";

/** A worker for what takes longer than the calling thread may wait. */
export function connectWeightsWorker(): Promise<Remote<WeightsApi>> {
  return Remote.connect(workerAddress("./weights_worker.ts", import.meta));
}

/** Seconds between pictures of the curves; drawing one takes a core for about one. */
const DRAWING_INTERVAL = 30;

/** Sets the random numbers of validation batches apart from those of training. */
const VALIDATION_STREAM = 0x76616c;

/** A training under way: engine and loaders are running until it is closed. */
export class TrainingRun {
  readonly #setup: TrainingSetup;
  readonly #runner: StepRunner;
  readonly #batches: BatchLoader;
  readonly #validationBatches: BatchLoader;
  readonly #logFiles: LogFiles;
  readonly #weights: Remote<WeightsApi>;
  readonly #workers: Disposable;
  /** A picture under way, and when the last one was done. */
  #drawing: Promise<void> | undefined;
  #drawn = performance.now();
  readonly #pace = new Pace();
  #state: Omit<TrainingState, "optimizer">;

  private constructor(
    setup: TrainingSetup,
    runner: StepRunner,
    batches: BatchLoader,
    validationBatches: BatchLoader,
    logFiles: LogFiles,
    weights: Remote<WeightsApi>,
    state: Omit<TrainingState, "optimizer">,
    workers: Disposable,
  ) {
    this.#setup = setup;
    this.#runner = runner;
    this.#batches = batches;
    this.#validationBatches = validationBatches;
    this.#logFiles = logFiles;
    this.#weights = weights;
    this.#state = state;
    this.#workers = workers;
  }

  /**
   * Starts from the beginning, or from the fold's last checkpoint if `resume` is set and there is
   * one; pretrained weights count in a beginning only.
   *
   * @throws {Error} If a checkpoint cannot be read or is of another network.
   */
  static async start(setup: TrainingSetup, resume: boolean): Promise<TrainingRun> {
    const { configuration: { patchSize, batchSize, useMaskForNorm }, channels, network } = setup;
    using workers = new DisposableStack();
    const weights = workers.adopt(await connectWeightsWorker(), close);
    let state: TrainingState | undefined;
    const runner = workers.adopt(
      await StepRunner.start({
        network,
        loss: setup.loss,
        heads: setup.heads,
        imageShape: [batchSize, channels, ...patchSize],
        deepSupervision: setup.deepSupervision,
        optimizer: setup.optimizer,
        threads: setup.threads,
        device: setup.device,
        limits: setup.limits,
        lossScaling: setup.lossScaling,
        stepsPerRun: stepsOfRun(setup.device),
      }, async (parameters) => {
        const { folder, seed, optimizer, pretrainedWeights } = setup;
        if (resume) state = await weights.call("resume", [folder, parameters, seed, optimizer]);
        if (state) return state.optimizer;
        return { weights: await weights.call("begin", [parameters, seed, pretrainedWeights]) };
      }),
      close,
    );
    const { epoch = 0, epochLosses = [], epochStart = 0, seed = setup.seed } = state ?? {};
    const { casesFolder: folder, previousStage, oversampling } = setup;
    const common = { folder, previousStage, patchSize, batchSize, oversampling };
    const loaders: BatchLoaderOptions[] = [{
      ...common,
      caseNames: setup.split.train,
      pipeline: {
        purpose: "training",
        useMaskForNorm,
        mirrorAxes: setup.mirrorAxes,
        elasticDeformation: setup.elasticDeformation,
        ...setup.augmentation,
      },
      transforms: setup.transforms,
      seed,
      startAt: epoch * setup.iterations + epochLosses.length,
      workers: setup.loaders,
    }, {
      ...common,
      caseNames: setup.split.validation,
      pipeline: { purpose: "validation" },
      seed: seed + VALIDATION_STREAM,
      startAt: epoch * setup.validationIterations,
    }];
    const opened = await Promise.allSettled(loaders.map((options) => BatchLoader.open(options)));
    for (const result of opened) {
      if (result.status === "fulfilled") workers.adopt(result.value, close);
    }
    const [batches, validationBatches] = opened.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    const log = state?.log ?? emptyLog;
    const logFiles = await LogFiles.start(setup.folder, setup.settings, log);
    const bestEma = state?.bestEma ?? null;
    return new TrainingRun(setup, runner, batches, validationBatches, logFiles, weights, {
      epoch,
      epochLosses,
      epochStart,
      seed,
      bestEma,
      log,
    }, workers.move());
  }

  /** The epoch under way or to come, from 0. */
  get epoch(): number {
    return this.#state.epoch;
  }

  /** All finished epochs. */
  get log(): TrainingLog {
    return this.#state.log;
  }

  /** Whether all epochs are done, or training is to end before. */
  get finished(): boolean {
    return this.epoch >= this.#setup.epochs || this.#reasonToStop() !== undefined;
  }

  #reasonToStop(): string | undefined {
    return this.epoch >= this.#setup.epochs ? undefined : reasonToStop(this.log, this.#setup);
  }

  /**
   * Trains and validates for what is left of an epoch, and saves the state.
   *
   * @throws The signal's reason if aborted; what has been done is saved first.
   * @throws {Error} If the loss is not a finite number; the last saved state stays.
   */
  async trainEpoch(options: EpochOptions): Promise<void> {
    const { signal } = options;
    try {
      await this.#train(options);
      const steps = await this.#validate(options);
      await this.#endEpoch(steps);
    } catch (error) {
      // Any other error may have come from weights that are not worth keeping.
      if (signal?.aborted && error === signal.reason) await this.#save(fileNames.checkpointLatest);
      throw error;
    }
  }

  async #train({ signal, onProgress }: EpochOptions): Promise<void> {
    const { iterations } = this.#setup;
    if (this.#state.epochLosses.length === 0) {
      this.#state = { ...this.#state, epochStart: Date.now() / 1000 };
    }
    while (this.#state.epochLosses.length < iterations) {
      signal?.throwIfAborted();
      const begin = performance.now();
      const losses = await this.#trainSome(iterations - this.#state.epochLosses.length);
      for (const loss of losses) {
        this.#pace.add("training", (performance.now() - begin) / losses.length);
        const epochLosses = [...this.#state.epochLosses, loss];
        this.#requireFinite(loss, `training step ${epochLosses.length}`);
        this.#state = { ...this.#state, epochLosses };
      }
      onProgress?.(this.#progress("training", this.#state.epochLosses.length));
    }
  }

  /** One step, or as many as go into one run, up to a number; their losses. */
  async #trainSome(most: number): Promise<number[]> {
    const { stepsPerRun } = this.#runner;
    if (stepsPerRun === 1 || stepsPerRun > most) {
      const next = await this.#batches.next();
      const { loss, batch } = await this.#runner.train(next, this.#learningRate());
      this.#batches.recycle(batch);
      return [loss];
    }
    const batches: Batch[] = [];
    while (batches.length < stepsPerRun) batches.push(await this.#batches.next());
    const losses = await this.#runner.trainSteps(batches, this.#learningRate());
    for (const batch of batches) this.#batches.recycle(batch);
    return losses;
  }

  async #validate({ signal, onProgress }: EpochOptions): Promise<ValidationStep[]> {
    const steps: ValidationStep[] = [];
    while (steps.length < this.#setup.validationIterations) {
      signal?.throwIfAborted();
      const begin = performance.now();
      const { step, batch } = await this.#runner.validate(await this.#validationBatches.next());
      this.#validationBatches.recycle(batch);
      this.#pace.add("validation", performance.now() - begin);
      steps.push(step);
      // Also finds weights that the epoch's last training step has spoiled, before they are saved.
      this.#requireFinite(step.loss, `validation step ${steps.length}`);
      onProgress?.(this.#progress("validation", steps.length));
    }
    return steps;
  }

  async #endEpoch(steps: readonly ValidationStep[]): Promise<void> {
    const { epoch, epochLosses, epochStart, bestEma, log } = this.#state;
    const dice = pseudoDice(steps);
    const ema = movingAverage(log.emaForegroundDice.at(-1), dice.mean);
    // NaN, where no validation patch had foreground, would stay the best for ever.
    const isBest = !Number.isNaN(ema) && (bestEma === null || ema > bestEma);
    this.#state = {
      ...this.#state,
      epoch: epoch + 1,
      epochLosses: [],
      bestEma: isBest ? ema : bestEma,
      log: {
        trainLosses: [...log.trainLosses, mean(epochLosses)],
        valLosses: [...log.valLosses, mean(steps.map(({ loss }) => loss))],
        meanForegroundDice: [...log.meanForegroundDice, dice.mean],
        emaForegroundDice: [...log.emaForegroundDice, ema],
        dicePerClass: [...log.dicePerClass, dice.perClass],
        learningRates: [...log.learningRates, this.#learningRate()],
        epochStart: [...log.epochStart, epochStart],
        epochEnd: [...log.epochEnd, Date.now() / 1000],
      },
    };
    if (isBest) await this.#save(fileNames.checkpointBest);
    await this.#save(fileNames.checkpointLatest);
    await this.#logFiles.addEpoch(this.log);
    this.#drawNowAndThen();
  }

  /** Keeps the picture of the curves fresh while training goes on. */
  #drawNowAndThen(): void {
    if (this.#drawing || performance.now() - this.#drawn < DRAWING_INTERVAL * 1000) return;
    this.#drawing = this.#draw().catch(() => {}) // The picture at the end tells what is wrong.
      .finally(() => {
        this.#drawing = undefined;
        this.#drawn = performance.now();
      });
  }

  async #draw(): Promise<void> {
    const path = join(this.#setup.folder, fileNames.progress);
    await writeFileAtomically(path, await renderCurves(this.log));
  }

  /**
   * Writes the final checkpoint, the model as ONNX and the curves; takes the latest away.
   *
   * @param frame The model without its weights.
   * @returns The model.
   */
  async finish(frame: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { folder, checkpoints } = this.#setup;
    await this.#save(fileNames.checkpointFinal);
    const { weights } = await this.#runner.state();
    const named = parametersByName(this.#runner.parameters, weights);
    const path = checkpoints ? join(folder, fileNames.onnx) : undefined;
    const model = await this.#weights.call("fill", [frame, named, path], [weights.buffer]);
    await this.#drawing;
    await this.#draw();
    await this.#logFiles.addEnd(this.epoch, this.#reasonToStop());
    if (checkpoints) {
      await removeIfPresent(join(folder, fileNames.checkpointLatest));
    }
    return model;
  }

  /** Ends all workers at once. */
  close(): void {
    this.#workers[Symbol.dispose]();
  }

  async #save(name: string): Promise<void> {
    if (!this.#setup.checkpoints) return;
    const { trainerName, initArgs, optimizer, mirrorAxes, folder } = this.#setup;
    const facts: CheckpointFacts = {
      parameters: this.#runner.parameters,
      initArgs,
      trainerName,
      learningRate: this.#learningRate(),
      initialLearningRate: this.#setup.schedule(0, this.#setup.epochs),
      optimizer: optimizerOf(optimizer),
      mirrorAxes,
      growthInterval: this.#setup.lossScaling?.growthInterval,
    };
    const state = { ...this.#state, optimizer: await this.#runner.state() };
    // The optimizer's state is a copy, whose buffers may move away.
    const { weights, momentum } = state.optimizer;
    await this.#weights.call(
      "writeCheckpoint",
      [join(folder, name), toCheckpoint(state, facts)],
      [weights.buffer, momentum.buffer],
    );
  }

  #requireFinite(loss: number, step: string): void {
    if (Number.isFinite(loss)) return;
    throw new Error(
      `Cannot go on training: epoch ${
        this.epoch + 1
      }, ${step} has loss ${loss}, expected a finite ` +
        "number; the last saved state is kept; try a lower learning rate",
    );
  }

  #learningRate(): number {
    const { schedule, epochs } = this.#setup;
    return schedule(Math.min(this.epoch, epochs - 1), epochs);
  }

  #progress(phase: TrainingProgress["phase"], iteration: number): TrainingProgress {
    const { epochs, iterations, validationIterations } = this.#setup;
    return {
      epoch: this.epoch,
      epochs,
      phase,
      iteration,
      iterations: phase === "training" ? iterations : validationIterations,
      loss: mean(this.#state.epochLosses),
      dice: this.log.meanForegroundDice.at(-1),
      secondsLeft: this.#pace.secondsLeft(phase, iteration, epochs - this.epoch - 1, this.#setup),
    };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function close(worker: { close(): void }): void {
  worker.close();
}

/** Runs one fold's training: steps, epochs and checkpoints. */

import { join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import { emptyLog, type TrainingLog } from "../interop/training_log.ts";
import { Remote } from "../runtime/remote.ts";
import type { Batch } from "./batches/batch.ts";
import type { BatchStream } from "./batches/batch_stream.ts";
import { endEpoch, mean } from "./epoch_end.ts";
import { makeRoom } from "./fold/kept_fold.ts";
import { optionsToKeep } from "./kept_options.ts";
import { LogFiles } from "./log_files.ts";
import { ProgressPicture } from "./progress_picture.ts";
import type { ValidationStep } from "./step/pseudo_dice.ts";
import type { StepPosition } from "./step/random_inputs.ts";
import { StepRunner } from "./step/step_runner.ts";
import { resumeNotices, whyNotResumed } from "./resume_notices.ts";
import { reasonToStop } from "./stopping.ts";
import { openLoaders } from "./batches/training_data.ts";
import { type EpochOptions, Pace, type TrainingProgress } from "./training_progress.ts";
import type { TrainingSetup } from "./training_setup.ts";
import type { RunState, TrainingState } from "./training_state.ts";
import type { SentFacts, WeightsApi } from "./weights_worker.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { LockedError } from "../platform/file_lock.ts";
import { removeIfPresent } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";

/** Starts the worker that reads, writes and converts all weights of a network. */
export function connectWeightsWorker(): Promise<Remote<WeightsApi>> {
  return Remote.connect(workerAddress("./weights_worker.ts", import.meta));
}

/** The workers and files of a run. */
interface RunParts {
  readonly runner: StepRunner;
  readonly batches: { readonly training: BatchStream; readonly validation: BatchStream };
  readonly weights: Remote<WeightsApi>;
  readonly logFiles: LogFiles;
  /** Ends all workers when disposed of. */
  readonly workers: Disposable;
}

/** A training in progress. Its engine and loaders run until it is closed. */
export class TrainingRun {
  readonly #setup: TrainingSetup;
  readonly #parts: RunParts;
  readonly #picture: ProgressPicture;
  readonly #pace = new Pace();
  #state: RunState;

  /** What users should know about the start, as sentences. */
  readonly notices: readonly string[];

  private constructor(
    setup: TrainingSetup,
    notices: readonly string[],
    parts: RunParts,
    state: RunState,
  ) {
    this.#setup = setup;
    this.notices = notices;
    this.#parts = parts;
    this.#picture = new ProgressPicture(setup.record.folder, parts.weights);
    this.#state = state;
  }

  /**
   * Starts a new training, or resumes from the fold's last checkpoint if `resume` is true and there
   * is one. Pretrained weights apply only to a new training.
   *
   * A new training renames or, with `overwrite`, removes the results of an earlier one, once it is
   * certain that it can start.
   *
   * @throws {ErrorWithRemedy} If no checkpoint can be read or fits the network.
   */
  static async start(
    setup: TrainingSetup,
    { resume, overwrite }: { readonly resume: boolean; readonly overwrite: boolean },
  ): Promise<TrainingRun> {
    const { step, data, schedule, record } = setup;
    using workers = new DisposableStack();
    const weights = workers.adopt(await connectWeightsWorker(), close);
    let resumed: TrainingState | undefined;
    const notices: string[] = [];
    const runner = workers.adopt(
      await StepRunner.start(step, async (parameters) => {
        const { folder, pretrainedWeights } = record;
        const { seed } = schedule;
        if (resume) {
          const found = await weights.call("resume", [folder, parameters, seed, step.optimizer]);
          if (!found.resumed && found.damaged.length > 0) {
            throw new ErrorWithRemedy(
              `Cannot resume ${folder}: ${whyNotResumed(found.damaged, record)}`,
              "trainAnew",
            );
          }
          resumed = found.resumed?.state;
          notices.push(...resumeNotices(found, {
            ...record,
            split: data.split,
            schedule,
          }));
        }
        if (resumed) return resumed.optimizer;
        return { weights: await weights.call("begin", [parameters, seed, pretrainedWeights]) };
      }),
      close,
    );
    const { epoch = 0, epochLosses = [], epochStart = 0, bestEma = null } = resumed ?? {};
    const { seed = schedule.seed, log = emptyLog } = resumed ?? {};
    const batches = await openLoaders(setup.data, {
      seed,
      training: epoch * schedule.iterations + epochLosses.length,
      validation: epoch * schedule.validationIterations,
    }, workers);
    const moved = resumed ? undefined : await makeRoom(record.folder, { overwrite });
    if (moved !== undefined) notices.push(moved);
    const logFiles = await LogFiles.start(record.folder, record.settings, log);
    return new TrainingRun(
      setup,
      notices,
      { runner, batches, weights, logFiles, workers: workers.move() },
      { epoch, epochLosses, epochStart, seed, bestEma, log },
    );
  }

  /** The current or next epoch, from 0. */
  get epoch(): number {
    return this.#state.epoch;
  }

  /** All finished epochs. */
  get log(): TrainingLog {
    return this.#state.log;
  }

  /** Whether all epochs are done or training ends early. */
  get finished(): boolean {
    return this.epoch >= this.#setup.schedule.epochs || this.stopped !== undefined;
  }

  /** Why the training ends before its last epoch; undefined if it does not. */
  get stopped(): string | undefined {
    const { schedule } = this.#setup;
    return this.epoch >= schedule.epochs ? undefined : reasonToStop(this.log, schedule);
  }

  /**
   * Trains and validates for the rest of the current epoch, and saves the state.
   *
   * @throws The signal's reason if aborted, after saving the state.
   * @throws {Error} If a loss is not finite; the last saved state is kept.
   */
  async trainEpoch(options: EpochOptions): Promise<void> {
    const { signal } = options;
    try {
      await this.#train(options);
      const steps = await this.#validate(options);
      await this.#endEpoch(steps);
    } catch (error) {
      // After any other error the weights may not be worth keeping, and a process that took the lock
      // over writes to the folder itself.
      const isAborted = signal?.aborted && error === signal.reason;
      if (isAborted && !(error instanceof LockedError)) {
        await this.#save(fileNames.checkpointLatest);
      }
      throw error;
    }
  }

  async #train({ signal, onProgress }: EpochOptions): Promise<void> {
    const { iterations } = this.#setup.schedule;
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

  /** Runs one step, or several in one run if that is at most `most`, and returns their losses. */
  async #trainSome(most: number): Promise<number[]> {
    const { runner, batches: { training } } = this.#parts;
    if (runner.stepsPerRun === 1 || runner.stepsPerRun > most) {
      const { loss, batch } = await runner.train(
        await training.next(),
        this.#learningRate(),
        this.#position(),
      );
      training.recycle(batch);
      return [loss];
    }
    const batches: Batch[] = [];
    while (batches.length < runner.stepsPerRun) batches.push(await training.next());
    const losses = await runner.trainSteps(batches, this.#learningRate(), this.#position());
    for (const batch of batches) training.recycle(batch);
    return losses;
  }

  /** The next training step, which determines its random numbers. */
  #position(): StepPosition {
    const { seed, epochLosses } = this.#state;
    return { seed, step: this.epoch * this.#setup.schedule.iterations + epochLosses.length };
  }

  async #validate({ signal, onProgress }: EpochOptions): Promise<ValidationStep[]> {
    const { runner, batches: { validation } } = this.#parts;
    const steps: ValidationStep[] = [];
    while (steps.length < this.#setup.schedule.validationIterations) {
      signal?.throwIfAborted();
      const begin = performance.now();
      const { step, batch } = await runner.validate(await validation.next());
      validation.recycle(batch);
      this.#pace.add("validation", performance.now() - begin);
      steps.push(step);
      // Also detects weights that the last training step made non-finite, before they are saved.
      this.#requireFinite(step.loss, `validation step ${steps.length}`);
      onProgress?.(this.#progress("validation", steps.length));
    }
    return steps;
  }

  async #endEpoch(steps: readonly ValidationStep[]): Promise<void> {
    const { state, isBest } = endEpoch(this.#state, steps, this.#learningRate());
    this.#state = state;
    if (isBest) await this.#save(fileNames.checkpointBest);
    await this.#save(fileNames.checkpointLatest);
    await this.#parts.logFiles.addEpoch(this.log);
    this.#picture.refresh(this.log);
  }

  /**
   * Writes the final checkpoint, the ONNX model and the curves, and removes the latest checkpoint.
   *
   * @param weightless The ONNX model without its weights.
   * @returns The ONNX model with them.
   */
  async finish(weightless: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { folder, checkpoints } = this.#setup.record;
    const { runner, logFiles } = this.#parts;
    await this.#save(fileNames.checkpointFinal);
    const path = checkpoints ? join(folder, fileNames.onnx) : undefined;
    const model = await runner.sendState((sent) =>
      this.#parts.weights.call("fill", [weightless, sent, path], [sent.port])
    );
    await this.#picture.finish(this.log);
    await logFiles.addEnd(this.epoch, this.stopped);
    if (checkpoints) {
      await removeIfPresent(join(folder, fileNames.checkpointLatest));
    }
    return model;
  }

  /** Ends all workers immediately. */
  close(): void {
    this.#parts.workers[Symbol.dispose]();
  }

  async #save(name: string): Promise<void> {
    const { step, data, schedule, record } = this.#setup;
    if (!record.checkpoints) return;
    const { runner } = this.#parts;
    const facts: SentFacts = {
      initArgs: record.initArgs,
      trainerName: record.trainerName,
      learningRate: this.#learningRate(),
      initialLearningRate: schedule.schedule(0, schedule.epochs),
      optimizer: step.optimizer,
      mirrorAxes: data.augmentation.mirrorAxes,
      split: data.split,
      options: optionsToKeep(record.options),
      growthInterval: step.lossScaling?.growthInterval,
    };
    const path = join(record.folder, name);
    await runner.sendState((sent) =>
      this.#parts.weights.call("writeCheckpoint", [path, this.#state, sent, facts], [sent.port])
    );
  }

  #requireFinite(loss: number, step: string): void {
    if (Number.isFinite(loss)) return;
    const { pretrainedWeights } = this.#setup.record;
    const other = pretrainedWeights ? `, or other weights than those of ${pretrainedWeights}` : "";
    throw new Error(
      `Cannot continue training: epoch ${this.epoch + 1}, ${step} has loss ${loss}, expected a ` +
        `finite number; the last saved state is kept; try a lower learning rate${other}`,
    );
  }

  #learningRate(): number {
    const { schedule, epochs } = this.#setup.schedule;
    const epoch = Math.min(this.epoch, epochs - 1);
    const rate = schedule(epoch, epochs);
    if (Number.isFinite(rate)) return rate;
    throw new RangeError(
      `Cannot train: the schedule's learning rate of epoch ${epoch} is ${rate}, expected a finite ` +
        "number",
    );
  }

  #progress(phase: TrainingProgress["phase"], iteration: number): TrainingProgress {
    const { schedule } = this.#setup;
    const { epochs, iterations, validationIterations } = schedule;
    return {
      epoch: this.epoch,
      epochs,
      phase,
      iteration,
      iterations: phase === "training" ? iterations : validationIterations,
      loss: mean(this.#state.epochLosses),
      dice: this.log.meanForegroundDice.at(-1),
      secondsLeft: this.#pace.secondsLeft(phase, iteration, epochs - this.epoch - 1, schedule),
    };
  }
}

function close(worker: { close(): void }): void {
  worker.close();
}

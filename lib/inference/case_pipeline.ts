/** Segments cases in a pipeline: one is read while another is predicted and a third is written. */

import { CaseError } from "../dataset/case_error.ts";
import { FailedCasesError } from "../dataset/failed_cases_error.ts";
import type { Segmentation } from "../image/image.ts";
import { type Api, Remote } from "../runtime/remote.ts";
import { createStopFlag, raise, reachesWorkers, type StopFlag } from "../runtime/stop_flag.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { reasonOf } from "../options/reason_of.ts";
import { isDiskFailure } from "../platform/file_error.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { type CaseJob, needsLogits } from "./case_job.ts";
import type { ExportApi } from "./export_worker.ts";
import type { NetworkApi, NetworkOptions, NetworkProgress } from "./network_worker.ts";
import { buffersOf, type Prediction } from "./prediction.ts";
import type { PrepareApi } from "./prepare_worker.ts";
import { targetGrids } from "../labels/target_grids.ts";
import { workerAddress } from "../platform/workers.ts";
import { hasSharedMemory } from "../platform/shared_memory.ts";

/** Progress of a prediction. */
export interface InferenceProgress {
  /** Number of finished cases. */
  readonly cases: number;
  /** Number of cases to predict. */
  readonly totalCases: number;
  /** Number of finished passes of the network over tiles of the current case. */
  readonly tiles: number;
  /** Number of passes that the current case takes. */
  readonly totalTiles: number;
  /** Fraction of the whole work that is done, from 0 to 1, assuming that cases have equal sizes. */
  readonly share: number;
  /** Estimated seconds left; infinite before anything is done. */
  readonly secondsLeft: number;
}

/** How to observe and abort a run over cases. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: InferenceProgress) => void;
  /** Called with a case's name when its results have been written or returned. */
  readonly onCase?: (name: string) => void;
  /** Called when a case fails; the other cases are done nevertheless. */
  readonly onFailure?: (failure: CaseError) => void;
  /**
   * Receives a case's prediction, with its logits, instead of the worker that writes it; the case has
   * no label map among the results then.
   */
  readonly onPrediction?: (prediction: Prediction, properties: CaseProperties) => Promise<void>;
}

/** How to run a model's networks. */
export interface PipelineOptions extends Omit<NetworkOptions, "tileSize" | "heads" | "mirrorAxes"> {
  /** Average over mirrored views, along all axes that training allowed; true by default. */
  readonly mirroring?: boolean;
}

/** Three workers that read cases, run a model's networks and write the results. */
export class CasePipeline {
  /** Undefined after an abort that terminated them. */
  #workers: Workers | undefined;
  readonly #connect: () => Promise<Workers>;
  #isClosed = false;
  readonly #facts: ModelFacts;
  /** Receives the progress of the network's passes. */
  readonly #tiles: TileListener;
  /** The last run, which the next one waits for. */
  #previous: Promise<unknown> = Promise.resolve();

  private constructor(
    workers: Workers,
    connect: () => Promise<Workers>,
    facts: ModelFacts,
    tiles: TileListener,
  ) {
    this.#workers = workers;
    this.#connect = connect;
    this.#facts = facts;
    this.#tiles = tiles;
  }

  /**
   * Starts the workers and loads the networks.
   *
   * @param facts The model's facts.
   * @param options The networks, whose buffers may be transferred, and how to run them.
   * @throws {Error} If a model is invalid.
   */
  static async start(facts: ModelFacts, options: PipelineOptions): Promise<CasePipeline> {
    const { mirroring = true, ...rest } = options;
    const networkOptions: NetworkOptions = {
      ...rest,
      tileSize: facts.configuration.patchSize,
      heads: facts.heads,
      mirrorAxes: mirroring ? facts.mirrorAxes : [],
    };
    const tiles: TileListener = {};
    const connect = () => connectWorkers(facts, networkOptions, tiles);
    return new CasePipeline(await connect(), connect, facts, tiles);
  }

  /**
   * Segments cases in order. Runs of one pipeline wait for each other.
   *
   * A case that fails does not keep the others from being done. Only a failed write ends the run,
   * since a full disk would fail every further case after its hours of work.
   *
   * @param jobs The cases.
   * @param options How to observe and abort the run.
   * @returns One entry per case, in order: its label map, or undefined if the job has an output.
   * @throws {FailedCasesError} If cases fail, after the others are done.
   * @throws The signal's reason, if it is aborted; finished cases are kept.
   * @throws What a callback throws, which ends the run as an abort does.
   */
  run(
    jobs: readonly CaseJob[],
    options: RunOptions = {},
  ): Promise<(Segmentation | undefined)[]> {
    const run = this.#previous.then(() => this.#run(jobs, options));
    this.#previous = run.catch(() => {});
    return run;
  }

  async #run(jobs: readonly CaseJob[], options: RunOptions) {
    const { signal, onPrediction } = options;
    signal?.throwIfAborted();
    if (this.#isClosed) throw new Error("Cannot predict: the pipeline was closed");
    const workers = this.#workers ??= await this.#connect();
    if (this.#isClosed) end(workers);
    signal?.throwIfAborted();
    const stop = createStopFlag();
    const abort = () => {
      raise(stop);
      if (reachesWorkers(stop)) return;
      end(workers);
      this.#workers = undefined;
    };
    signal?.addEventListener("abort", abort);
    /** What a callback threw. Callbacks are called from events, where nothing would catch it. */
    let thrownByUser: { readonly reason: unknown } | undefined;
    const guarded = <T>(callback?: (value: T) => void) => (value: T) => {
      if (thrownByUser) return;
      try {
        callback?.(value);
      } catch (reason) {
        thrownByUser = { reason };
        abort();
      }
    };
    const isStopped = () => thrownByUser !== undefined || signal?.aborted === true;
    const throwIfStopped = () => {
      if (thrownByUser) throw thrownByUser.reason;
      signal?.throwIfAborted();
    };
    const onCase = guarded(options.onCase);
    const onFailure = guarded(options.onFailure);
    const progress = progressOf(jobs.length, guarded(options.onProgress));
    const results: (Segmentation | undefined)[] = [];
    const finished: string[] = [];
    const failures: CaseError[] = [];
    let hopeless = false;
    const fail = ({ name }: CaseJob, thrown: unknown, ends: boolean) => {
      hopeless ||= ends || hasEnded(workers);
      if (isStopped()) return;
      const cause = thrown instanceof Error ? thrown : new Error(reasonOf(thrown));
      const failure = new CaseError(name, `predict case "${name}"`, cause);
      failures.push(failure);
      progress.case();
      onFailure(failure);
    };
    const write = async (job: CaseJob, prediction: Prediction, properties: CaseProperties) => {
      const { name, output } = job;
      try {
        const args: Parameters<ExportApi["write"]> = [{ name, output }, prediction, properties];
        results[jobs.indexOf(job)] = onPrediction
          ? await onPrediction(prediction, properties).then(() => undefined)
          : await workers.writer.call("write", args, buffersOf(prediction));
      } catch (error) {
        return fail(job, error, isDiskFailure(error));
      }
      finished.push(name);
      progress.case();
      onCase(name);
    };
    let writing: Promise<void> = Promise.resolve();
    try {
      let reading = jobs.length > 0 ? prepareCase(workers, jobs[0], stop) : undefined;
      for (const [index, job] of jobs.entries()) {
        if (hopeless) break;
        const prepared = await reading!.catch((error) => fail(job, error, false));
        throwIfStopped();
        reading = index + 1 < jobs.length ? prepareCase(workers, jobs[index + 1], stop) : undefined;
        if (!prepared) continue;
        const { data, properties } = prepared;
        this.#tiles.listener = ({ done, total }) => progress.tile(index, done, total);
        const { output } = job;
        const grids = targetGrids(properties, this.#facts.configuration, output?.nextStages);
        const keepLogits = onPrediction !== undefined || needsLogits(output);
        const prediction = await workers.network
          .call("predict", [data, grids, keepLogits, stop], [data.data.buffer])
          .catch((error) => fail(job, error, false));
        throwIfStopped();
        await writing; // At most one case waits to be written.
        if (prediction) writing = write(job, prediction, properties);
      }
      await writing;
      throwIfStopped();
    } catch (error) {
      raise(stop); // Stops reading the next case.
      await writing;
      throwIfStopped();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#tiles.listener = undefined;
    }
    if (failures.length === 0) return results;
    raise(stop);
    const tried = new Set([...finished, ...failures.map(({ caseName }) => caseName)]);
    const remaining = jobs.map(({ name }) => name).filter((name) => !tried.has(name));
    throw new FailedCasesError("predict", { failures, finished, remaining });
  }

  /** Terminates the workers immediately. */
  close(): void {
    this.#isClosed = true;
    if (this.#workers) end(this.#workers);
  }
}

function prepareCase({ reader }: Workers, job: CaseJob, stop: StopFlag) {
  const reading = reader.call("prepare", [job, stop]);
  reading.catch(() => {}); // It is awaited later, or not at all.
  return reading;
}

function hasEnded(workers: Workers): boolean {
  return Object.values(workers).some((worker) => worker.hasEnded);
}

function end(workers: Workers): void {
  for (const worker of Object.values(workers)) worker.close();
}

interface TileListener {
  listener?: (progress: NetworkProgress) => void;
}

interface Workers {
  readonly reader: Remote<PrepareApi>;
  readonly network: Remote<NetworkApi>;
  readonly writer: Remote<ExportApi>;
}

/** Starts the workers and loads the networks. */
async function connectWorkers(
  facts: ModelFacts,
  networkOptions: NetworkOptions,
  tiles: TileListener,
): Promise<Workers> {
  // Without shared memory, an abort terminates the workers; the networks are kept to restart them.
  const moved = hasSharedMemory() ? networkOptions.models.map(({ buffer }) => buffer) : [];
  const starting: Promise<Remote<Api>>[] = [];
  /** Starts a worker and opens it, which does not wait for the other workers. */
  const start = async <A extends Api>(
    module: string,
    open: (worker: Remote<A>) => Promise<unknown>,
    onEvent?: (event: unknown) => void,
  ): Promise<Remote<A>> => {
    const worker = Remote.connect<A>(module, onEvent);
    starting.push(worker);
    await open(await worker);
    return await worker;
  };
  try {
    // The network comes first, since it takes longest to open.
    const [network, reader, writer] = await Promise.all([
      start<NetworkApi>(
        workerAddress("./network_worker.ts", import.meta),
        (worker) => worker.call("open", [networkOptions], moved),
        (event) => tiles.listener?.(event as NetworkProgress),
      ),
      start<PrepareApi>(
        workerAddress("./prepare_worker.ts", import.meta),
        (worker) => worker.call("open", [facts, networkOptions.threads]),
      ),
      start<ExportApi>(
        workerAddress("./export_worker.ts", import.meta),
        (worker) => worker.call("open", [facts]),
      ),
    ]);
    return { reader, network, writer };
  } catch (error) {
    for (const worker of await Promise.allSettled(starting)) {
      if (worker.status === "fulfilled") worker.value.close();
    }
    throw error;
  }
}

function progressOf(totalCases: number, report: (progress: InferenceProgress) => void) {
  const begin = performance.now();
  let cases = 0;
  let tiles = 0;
  let totalTiles = 0;
  let share = 0;
  const notify = () => {
    const seconds = (performance.now() - begin) / 1000;
    const secondsLeft = share > 0 ? seconds / share * (1 - share) : Infinity;
    report({ cases, totalCases, tiles, totalTiles, share, secondsLeft });
  };
  return {
    tile(index: number, done: number, total: number) {
      [tiles, totalTiles] = [done, total];
      share = (index + done / total) / totalCases;
      notify();
    },
    case() {
      cases++;
      notify();
    },
  };
}

/** Segments scans in a page, with a pipeline of workers for each network. */

import { sizeOf } from "../array/nd_array.ts";
import { FailedCasesError } from "../dataset/failed_cases_error.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { requireImage } from "../image/require_image.ts";
import { type CheckedDevice, type ScanGrid, shapeOnPlansGrid } from "../inference/case_memory.ts";
import type { CaseJob } from "../inference/case_job.ts";
import { ModelPipeline, type PredictingModel } from "../inference/model_pipeline.ts";
import { MemoryError } from "../memory/memory_error.ts";
import { readModelMetadata } from "../model/model_metadata.ts";
import { systemMemory } from "../platform/system_memory.ts";
import { workerAddress } from "../platform/workers.ts";
import { Remote } from "../runtime/remote.ts";
import type { PageManifest, PageModel } from "./page_manifest.ts";
import type { ResultApi } from "./result_worker.ts";
import { chooseDevice } from "./choose_device.ts";
import type { PageDevice, Segmenter, SegmentOptions, SegmentProgress } from "./segmenter.ts";

/** A network of the page, perhaps with the first stage of its cascade. */
interface Stage {
  readonly model: PredictingModel;
  readonly pipeline: ModelPipeline;
  readonly firstStage?: Stage;
}

/** What messages call a scan. */
const scanName = "scan";

/**
 * Opens a page's networks.
 *
 * @param manifest What the page contains.
 * @param read Returns the bytes of a network by its name.
 * @param options Where networks run.
 * @throws {OpenModelError} If one is not a model.
 */
export async function openSegmenter(
  manifest: PageManifest,
  read: (name: string) => Promise<Uint8Array<ArrayBuffer>>,
  { loadWebgpu, device, acceptsSoftware }: PageSegmenterOptions,
): Promise<Segmenter> {
  let choosing: Promise<PageDevice> | undefined;
  const choose = (): Promise<PageDevice> => choosing ??= choice();
  async function choice(): Promise<PageDevice> {
    const { model } = members[0];
    if (device === "webgpu") await loadWebgpu();
    if (device) return { device, why: `Networks run on ${device}, as was asked for.` };
    return await chooseDevice(
      {
        model: model.models[0],
        channels: model.inputChannels,
        heads: model.heads.count,
        tileSize: model.configuration.patchSize,
      },
      loadWebgpu,
      { acceptsSoftware },
    );
  }
  const chosen = async (): Promise<CheckedDevice> => {
    const { device } = await choose();
    return { device, half: false, sumsOnHost: device !== "cpu" };
  };
  const open = async ({ networks, firstStage }: PageModel): Promise<Stage> => {
    const models: Uint8Array<ArrayBuffer>[] = [];
    for (const name of networks) models.push(await read(name));
    const model = { ...readModelMetadata(models[0], networks[0]), models };
    const pipeline = new ModelPipeline(model, { device: chosen });
    return { model, pipeline, ...firstStage && { firstStage: await open(firstStage) } };
  };
  const members: Stage[] = [];
  for (const member of manifest.members) members.push(await open(member));
  return new PageSegmenter(manifest, members, choose);
}

/** How a page's networks are opened. */
export interface PageSegmenterOptions {
  /** Makes ONNX Runtime with WebGPU available to workers. */
  readonly loadWebgpu: () => Promise<void>;
  /** Where networks run; chosen by a check, by default. */
  readonly device?: PageDevice["device"];
  /** Whether the check tries a renderer in software, too; false by default. */
  readonly acceptsSoftware?: boolean;
}

class PageSegmenter implements Segmenter {
  readonly #manifest: PageManifest;
  readonly #members: readonly Stage[];
  #results: Promise<Remote<ResultApi>> | undefined;
  #previous: Promise<unknown> = Promise.resolve();

  readonly #chosen: () => Promise<PageDevice>;

  constructor(
    manifest: PageManifest,
    members: readonly Stage[],
    chosen: () => Promise<PageDevice>,
  ) {
    this.#chosen = chosen;
    this.#manifest = manifest;
    this.#members = members;
  }

  get facts() {
    return this.#manifest.facts;
  }

  segment(scan: Image, options: SegmentOptions = {}): Promise<Segmentation> {
    const run = this.#previous.then(() => this.#untilAborted(scan, options));
    this.#previous = run.catch(() => {});
    return run;
  }

  async need(scan: ScanGrid): Promise<{ readonly bytes: number; readonly limit: number }> {
    const stages = await Promise.all(this.#stages().map(({ pipeline }) => pipeline.memory()));
    const bytes = stages.map((memory) => memory.bytesOf(scan, this.#isEnsemble));
    return { bytes: Math.max(...bytes), limit: systemMemory().freeMemoryBytes };
  }

  device(): Promise<PageDevice> {
    return this.#chosen();
  }

  close(): void {
    for (const { pipeline } of this.#stages()) pipeline.close();
    const closing = this.#results;
    this.#results = undefined;
    closing?.then((worker) => worker.close(), () => {});
  }

  get #isEnsemble(): boolean {
    return this.#members.length > 1;
  }

  /** All networks in the order in which they run. */
  #stages(): Stage[] {
    return this.#members.flatMap(stagesOf);
  }

  /**
   * An abort ends the workers wherever they are: a pass through a network may take seconds. So does a
   * failure, after which a worker may hold part of a result.
   */
  async #untilAborted(scan: Image, options: SegmentOptions): Promise<Segmentation> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    aborted.catch(() => {}); // It may come after the race.
    const abort = () => reject(signal!.reason);
    signal?.addEventListener("abort", abort);
    try {
      return await Promise.race([this.#segment(scan, options), aborted]);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #segment(scan: Image, { signal, onProgress }: SegmentOptions): Promise<Segmentation> {
    requireImage(scan, `predict "${scanName}"`);
    const stages = this.#stages();
    const job: CaseJob = { name: scanName, source: { image: scan } };
    await this.#requireFits(job, scan.geometry);
    const progress = progressOf(
      stages.map(({ model }) => workOf(model, scan.geometry)),
      onProgress,
    );
    let segmentation: Segmentation | undefined;
    for (const member of this.#members) {
      let previous: Segmentation | undefined;
      for (const stage of stagesOf(member)) {
        const isLast = stage === member;
        const report = progress.stage(describe(stage, isLast));
        const given = previous ? { ...job, previousStage: { segmentation: previous } } : job;
        previous = await this.#predict(stage, given, this.#isEnsemble && isLast, signal, report);
        // Several networks would take more memory than one.
        if (stages.length > 1) stage.pipeline.close();
      }
      segmentation = previous;
    }
    const { voting, postprocessing } = this.#manifest;
    const finish = progress.stage(
      this.#isEnsemble
        ? "Merging the models"
        : postprocessing.length > 0
        ? "Postprocessing"
        : "Done",
    );
    if (this.#isEnsemble) segmentation = await (await this.#worker()).call("merge", [voting]);
    if (postprocessing.length > 0) {
      const worker = await this.#worker();
      segmentation = await worker.call("postprocess", [segmentation!, postprocessing]);
    }
    finish(1);
    return segmentation!;
  }

  /** @returns The label map; undefined if the member's probabilities are kept for merging. */
  async #predict(
    { model, pipeline }: Stage,
    job: CaseJob,
    isMerged: boolean,
    signal: AbortSignal | undefined,
    report: (share: number) => void,
  ): Promise<Segmentation | undefined> {
    const { models: _, ...facts } = model;
    try {
      const [segmentation] = await pipeline.run([job], {
        signal,
        onProgress: ({ share }) => report(share),
        ...isMerged && {
          onPrediction: async ({ logits }, properties) => {
            const worker = await this.#worker();
            await worker.call("add", [facts, logits!, properties], [logits!.data.buffer]);
          },
        },
      });
      return segmentation;
    } catch (error) {
      throw error instanceof FailedCasesError ? error.failures[0].cause : error;
    }
  }

  /** @throws {MemoryError} If a network needs more memory than the page may take. */
  async #requireFits(job: CaseJob, scan: ScanGrid): Promise<void> {
    const stages = this.#stages();
    try {
      for (const { pipeline } of stages) await pipeline.check([job], undefined, this.#isEnsemble);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      const slices = await this.#slicesThatFit(scan);
      throw new MemoryError("Cannot segment the scan in this page", {
        ...{ what: error.what, requiredBytes: error.requiredBytes },
        availableBytes: error.availableBytes,
        remedy: slices > 0
          ? `${slices} of its ${scan.shape[0]} slices would fit, or use the command nnunet predict`
          : "use the command nnunet predict",
      }, { cause: error });
    }
  }

  /** Returns how many slices along z would fit if the scan had no others. */
  async #slicesThatFit({ shape: [slices, ...plane], spacing }: ScanGrid): Promise<number> {
    let [fitting, tooMany] = [0, slices];
    while (tooMany - fitting > 1) {
      const middle = Math.floor((fitting + tooMany) / 2);
      const { bytes, limit } = await this.need({ shape: [middle, ...plane] as const, spacing });
      if (bytes <= limit) fitting = middle;
      else tooMany = middle;
    }
    return fitting;
  }

  #worker(): Promise<Remote<ResultApi>> {
    return this.#results ??= Remote.connect<ResultApi>(
      workerAddress("./result_worker.ts", import.meta),
    );
  }
}

/** A member's networks in the order in which they run. */
function stagesOf(member: Stage): Stage[] {
  return member.firstStage ? [...stagesOf(member.firstStage), member] : [member];
}

function describe({ model: { configuration, models } }: Stage, isLast: boolean): string {
  const folds = models.length === 1 ? "" : `, ${models.length} folds`;
  return `${isLast ? "Segmenting" : "First stage"} (${configuration.name}${folds})`;
}

/** A measure of the work of a network on a scan: the voxels that all folds see, times features. */
function workOf({ models, configuration, ...facts }: PredictingModel, scan: ScanGrid): number {
  const voxels = sizeOf(shapeOnPlansGrid(scan, { ...facts, configuration }));
  return models.length * voxels * configuration.architecture.featuresPerStage[0];
}

/** Merging and postprocessing, as a fraction of the networks' work. */
const FINISHING = 0.02;

/** Reports the progress of stages that run one after another. */
function progressOf(work: readonly number[], report: SegmentOptions["onProgress"]) {
  const total = (1 + FINISHING) * work.reduce((sum, one) => sum + one, 0);
  const begin = performance.now();
  let [index, before] = [-1, 0];
  return {
    /** Begins the next stage. @returns Reports which share of it is done. */
    stage(what: string): (share: number) => void {
      if (index >= 0) before += work[index] ?? 0;
      const size = work[++index] ?? total - before;
      const notify = (part: number) => {
        const share = Math.min(1, (before + part * size) / total);
        const seconds = (performance.now() - begin) / 1000;
        const secondsLeft = share > 0 ? seconds / share * (1 - share) : Infinity;
        report?.({ share, secondsLeft, what } satisfies SegmentProgress);
      };
      notify(0);
      return notify;
    },
  };
}

/** The Predictor: a trained model and an image in, a segmentation out. */

import { basename, dirname, join } from "@std/path";
import { type DatasetJson, labelCount, readDatasetJson } from "./files/dataset_json.ts";
import { readCheckpoint } from "./files/checkpoint_file.ts";
import { fileNames } from "./files/paths.ts";
import { readPlans } from "./files/plans_json.ts";
import { listCasesIn } from "./dataset/cases.ts";
import { makeFolder } from "./dataset/folder_setup.ts";
import { readImage, writeSegmentation } from "./image/registry.ts";
import type { Image, Segmentation } from "./image/image.ts";
import { inferenceModel } from "./inference/inference_graph.ts";
import type {
  PredictApi,
  PredictProgress,
  PredictWorkerOptions,
} from "./inference/predict_worker.ts";
import { networkOf } from "./network/network_of.ts";
import type { Configuration, PlansData } from "./planning/plans.ts";
import { Remote } from "./runtime/remote.ts";
import { createStopFlag, raise } from "./runtime/stop_flag.ts";

/** How to predict. */
export interface PredictorOptions {
  /** Folds to average; all that the folder has if left out. */
  readonly folds?: readonly (number | "all")[];
  /** Which checkpoint of a fold, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
  /** Step between tiles as a fraction of the patch, 0.5 by default. */
  readonly stepSize?: number;
  /** Average over mirrored views, true by default. */
  readonly mirroring?: boolean;
  /** Threads of the network; all cores by default. */
  readonly threads?: number;
}

/** A prediction's options. */
export interface PredictOptions {
  /** Ends the prediction after the pass under way; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each pass of a network over a tile. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Folders to read scans from and to write label maps to. */
export interface PredictFolderOptions extends PredictOptions {
  readonly input: string;
  readonly output: string;
}

/**
 * A trained model.
 *
 * @example
 * ```ts
 * using predictor = await Predictor.open(trainer.folder);
 * const segmentation = await predictor.predict(await readImage(["scan.nii.gz"]));
 * ```
 */
export class Predictor {
  readonly plans: PlansData;
  readonly configuration: Configuration;
  readonly dataset: DatasetJson;
  readonly #options: PredictWorkerOptions;
  #worker: Promise<Remote<PredictApi>> | undefined;
  #onProgress: PredictOptions["onProgress"];

  private constructor(
    plans: PlansData,
    configuration: Configuration,
    dataset: DatasetJson,
    options: PredictWorkerOptions,
  ) {
    this.plans = plans;
    this.configuration = configuration;
    this.dataset = dataset;
    this.#options = options;
  }

  /**
   * Opens a results folder, ours or Python's: a model's (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`)
   * or one of its folds.
   *
   * @throws {RangeError} If the step size is not above 0 and at most 1.
   * @throws {Error} If the folder has no plans or no trained fold, saying what was looked for.
   */
  static async open(folder: string, options: PredictorOptions = {}): Promise<Predictor> {
    const { stepSize = 0.5, mirroring = true, threads } = options;
    if (!(stepSize > 0 && stepSize <= 1)) {
      throw new RangeError(
        `Cannot predict: step size is ${stepSize}, expected above 0 and at most 1`,
      );
    }
    const isFold = /^fold_(\d+|all)$/.test(basename(folder));
    const model = isFold ? dirname(folder) : folder;
    const checkpointName = options.checkpoint ?? fileNames.checkpointFinal;
    const foldFolders = isFold
      ? [folder]
      : options.folds?.map((fold) => join(model, fileNames.fold(fold))) ??
        await trainedFolds(model, checkpointName);
    if (foldFolders.length === 0) {
      throw new Error(
        `Cannot open model ${model}: found no fold with ${checkpointName}, expected a trained one`,
      );
    }
    const plans = await readPlans(join(model, fileNames.resultPlans));
    const dataset = await readDatasetJson(join(model, fileNames.dataset));
    const checkpoints = await Promise.all(
      foldFolders.map((fold) => readCheckpoint(join(fold, checkpointName))),
    );
    const [{ initArgs, inferenceAllowedMirroringAxes }] = checkpoints;
    const configuration = plans.configurations[initArgs.configuration as Configuration["name"]];
    if (!configuration) {
      throw new Error(
        `Cannot open model ${model}: found configurations ` +
          `${Object.keys(plans.configurations).join(", ")}, expected ${initArgs.configuration}`,
      );
    }
    const heads = labelCount(dataset.labels);
    const network = networkOf(configuration.architecture, { heads, deepSupervision: false });
    const imageShape = [1, dataset.channelNames.length, ...configuration.patchSize];
    return new Predictor(plans, configuration, dataset, {
      models: checkpoints.map((checkpoint) =>
        inferenceModel(network, imageShape, checkpoint.networkWeights)
      ),
      plans,
      configuration,
      heads,
      mirrorAxes: mirroring ? inferenceAllowedMirroringAxes ?? [] : [],
      stepSize,
      threads,
    });
  }

  /**
   * Segments a scan. The scan's buffer is copied; predictions of one Predictor run one after
   * another.
   *
   * @throws {TypeError} If the image has not the model's number of channels.
   * @throws {RangeError} If an intensity is not finite.
   * @throws The signal's reason, if it is aborted.
   */
  async predict(image: Image, { signal, onProgress }: PredictOptions = {}): Promise<Segmentation> {
    const expected = this.dataset.channelNames.length;
    if (image.channels !== expected) {
      throw new TypeError(
        `Cannot predict: the image has ${image.channels} channels, expected ${expected} ` +
          `(${this.dataset.channelNames.join(", ")})`,
      );
    }
    signal?.throwIfAborted();
    const worker = await this.#connect();
    signal?.throwIfAborted(); // It may have been while the worker started.
    const stop = createStopFlag();
    const abort = () => raise(stop);
    signal?.addEventListener("abort", abort);
    this.#onProgress = onProgress;
    try {
      return await worker.call("predict", [image, stop]);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Segments every case of a folder, `CASE_0000.nii.gz` and on, into `CASE.nii.gz` of another,
   * which is made if it does not exist. Files end as the data set's did; a folder `CASE` of DICOM
   * slices is a case as well.
   *
   * @returns The files written.
   * @throws {Error} If the folder has no cases, the other cannot be made, or a case fails, naming it.
   * @throws The signal's reason, if it is aborted; finished cases stay.
   */
  async predictFolder(
    { input, output, signal, onProgress }: PredictFolderOptions,
  ): Promise<string[]> {
    const cases = await listCasesIn(input, this.dataset.fileEnding);
    if (cases.length === 0) {
      throw new Error(
        `Cannot predict ${input}: found no files that end in _0000${this.dataset.fileEnding}`,
      );
    }
    await makeFolder(output); // Whether it can be is known before hours of work.
    const written: string[] = [];
    for (const { name, images } of cases) {
      const path = join(output, name + this.dataset.fileEnding);
      try {
        const segmentation = await this.predict(await readImage(images), {
          signal,
          onProgress: (done, total) =>
            onProgress?.(written.length * total + done, cases.length * total),
        });
        await writeSegmentation(path, segmentation);
      } catch (cause) {
        signal?.throwIfAborted();
        const { message } = cause as Error;
        throw new Error(`Cannot predict case "${name}" of ${input}: ${message}`, { cause });
      }
      written.push(path);
    }
    return written;
  }

  /** Frees the worker; another prediction starts it again. */
  close(): void {
    const closing = this.#worker;
    this.#worker = undefined;
    closing?.then((worker) => worker.close(), () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #connect(): Promise<Remote<PredictApi>> {
    return this.#worker ??= (async () => {
      const worker = await Remote.connect<PredictApi>(
        import.meta.resolve("./inference/predict_worker.ts"),
        (event) => {
          const { done, total } = event as PredictProgress;
          this.#onProgress?.(done, total);
        },
      );
      try {
        await worker.call("open", [this.#options]);
      } catch (error) {
        this.#worker = undefined;
        worker.close();
        throw error;
      }
      return worker;
    })();
  }
}

/** Folders of the folds that have the checkpoint, in order. */
async function trainedFolds(model: string, checkpoint: string): Promise<string[]> {
  const folds: string[] = [];
  try {
    for await (const entry of Deno.readDir(model)) {
      if (!entry.isDirectory || !/^fold_(\d+|all)$/.test(entry.name)) continue;
      const found = await Deno.stat(join(model, entry.name, checkpoint)).catch(() => undefined);
      if (found) folds.push(join(model, entry.name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return folds.sort();
}

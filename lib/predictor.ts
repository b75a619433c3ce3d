/** Defines the Predictor, which segments scans with a trained model. */

import { join } from "./platform/paths.ts";
import type { DatasetJson } from "./files/dataset.ts";
import { firstStageFolderName, probabilitiesFileName, propertiesFileName } from "./files/paths.ts";
import { writePredictionRecord } from "./files/prediction_record.ts";
import { CaseError } from "./dataset/case_error.ts";
import { readCaseFolder } from "./dataset/case_folder.ts";
import type { TestCase } from "./dataset/case.ts";
import { makeFolder } from "./dataset/folder_setup.ts";
import { describeIgnored } from "./image/ignored_file.ts";
import { writeSegmentation } from "./image/image_files.ts";
import type { Image, Segmentation } from "./image/image.ts";
import { requireImage, requireSegmentation } from "./image/require_image.ts";
import type { CaseJob, PreviousStageSource } from "./inference/case_job.ts";
import { CasePipeline, type InferenceProgress } from "./inference/case_pipeline.ts";
import { readScanHeader, requirePredictable } from "./inference/check_scan.ts";
import { type CheckedDevice, type MemoryCheck, memoryCheck } from "./inference/memory_check.ts";
import { type OpenedModel, openModel } from "./model/open_model.ts";
import type { OpenModelOptions } from "./model/open_trained.ts";
import type { Configuration, PlansData } from "./files/plans.ts";
import { systemMemory } from "./platform/system_memory.ts";
import type { DeviceChoice } from "./runtime/device.ts";
import { chooseDevice, isMixed, limitsOf } from "./runtime/find_devices.ts";
import { exists, fileInfo } from "./platform/files.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";
import { reasonOf } from "./options/reason_of.ts";

/** How a {@link Predictor} predicts. */
export interface PredictorOptions extends OpenModelOptions {
  /** Step between tiles as a fraction of the patch; 0.5 by default. */
  readonly stepSize?: number;
  /** Whether to average over mirrored views along all axes that training mirrored; true by default. */
  readonly mirroring?: boolean;
  /** Whether to weight a tile's voxels by a Gaussian, as nnU-Net does; true by default. */
  readonly gaussian?: boolean;
  /** Device to compute on; the fastest available one by default. */
  readonly device?: DeviceChoice;
  /** Threads of the network on the CPU; all cores by default. */
  readonly threads?: number;
  /** Bytes of this machine's memory that a case may take; all free memory by default. */
  readonly memoryLimitBytes?: number;
}

/** Options of a single prediction. */
export interface PredictOptions {
  /** Aborts the prediction. */
  readonly signal?: AbortSignal;
  /** Called after passes of the network over tiles, and after every case. */
  readonly onProgress?: (progress: InferenceProgress) => void;
  /**
   * For a cascade, the first stage's segmentation, on the scan's grid. If left out, the first stage
   * is predicted by the model whose results folder is next to this model's.
   */
  readonly previousStage?: Segmentation;
}

/** Folders to read scans from and to write label maps to. */
export interface PredictFolderOptions extends Omit<PredictOptions, "previousStage"> {
  /** Folder of the scans, `CASE_0000.nii.gz` and so on. */
  readonly input: string;
  /** Folder of the label maps; it is created if it does not exist. */
  readonly output: string;
  /** Whether to write `CASE.npz` and `CASE.pkl` as well, for ensembles; false by default. */
  readonly saveProbabilities?: boolean;
  /** Whether to predict cases whose results already exist; true by default. */
  readonly overwrite?: boolean;
  /** For a cascade, a folder of the first stage's label maps. */
  readonly previousStageFolder?: string;
  /** To share the work: predict only every `of`-th case, beginning with case `id`, from 0. */
  readonly part?: { readonly id: number; readonly of: number };
}

/** Names of {@link PredictorOptions}. */
export const predictorOptions: KnownOptions<PredictorOptions> = {
  folds: true,
  checkpoint: true,
  stepSize: true,
  mirroring: true,
  gaussian: true,
  device: true,
  threads: true,
  memoryLimitBytes: true,
};
const predictOptions: KnownOptions<PredictOptions> = {
  signal: true,
  onProgress: true,
  previousStage: true,
};
const predictFolderOptions: KnownOptions<PredictFolderOptions> = {
  signal: true,
  onProgress: true,
  input: true,
  output: true,
  saveProbabilities: true,
  overwrite: true,
  previousStageFolder: true,
  part: true,
};

/**
 * Segments scans with a trained model, in workers that start with the first prediction.
 *
 * @example Segmenting a scan
 * ```ts ignore
 * import { Predictor, readImage, writeSegmentation } from "nnunet";
 *
 * using predictor = await Predictor.open(trainer.folder);
 * const segmentation = await predictor.predict(await readImage(["scan.nii.gz"]));
 * await writeSegmentation("labels.nii.gz", segmentation);
 * ```
 */
export class Predictor {
  /** The model's plans. */
  readonly plansData: PlansData;
  /** The configuration that the model was trained for. */
  readonly configuration: Configuration;
  /** The `dataset.json` of the data set that the model was trained on. */
  readonly datasetJson: DatasetJson;
  readonly #model: OpenedModel;
  readonly #options: PredictorOptions;
  #pipeline: Promise<CasePipeline> | undefined;
  #previousStage: Promise<Predictor> | undefined;
  #memoryCheck: MemoryCheck | undefined;

  private constructor(model: OpenedModel, options: PredictorOptions) {
    this.plansData = model.plansData;
    this.configuration = model.configuration;
    this.datasetJson = model.datasetJson;
    this.#model = model;
    this.#options = options;
  }

  /**
   * Opens a model trained by this library or by nnU-Net: a results folder
   * (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`), one of its folds, a checkpoint (`.pth`), or a model
   * exported as ONNX (`.onnx`).
   *
   * @param path The folder or file.
   * @param options Which folds to open, and how to predict.
   * @returns The predictor; its workers start with the first prediction.
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If the step size is not above 0 and at most 1.
   * @throws {OpenModelError} If there is no trained fold, a file does not contain a model, or weights
   * do not fit the plan's network.
   * @throws {Error} If a file of a results folder cannot be read; the message names it.
   *
   * @example Averaging two folds, without mirroring
   * ```ts ignore
   * import { Predictor } from "nnunet";
   *
   * const folder = "nnUNet_results/Dataset004_Hippocampus/nnUNetTrainer__nnUNetPlans__3d_fullres";
   * using predictor = await Predictor.open(folder, { folds: [0, 1], mirroring: false });
   * ```
   */
  static async open(path: string, options: PredictorOptions = {}): Promise<Predictor> {
    requireKnown(options, predictorOptions, "open a model");
    const { stepSize = 0.5 } = options;
    if (!(stepSize > 0 && stepSize <= 1)) {
      throw new RangeError(
        `Cannot predict: step size is ${stepSize}, expected above 0 and at most 1`,
      );
    }
    return new Predictor(await openModel(path, options), options);
  }

  /**
   * Segments a scan. Predictions of one Predictor run one after another.
   *
   * @param scan An image in memory, which is copied, or the files of its channels, in order.
   * @param options How to observe and abort the prediction.
   * @returns The label map, on the scan's grid.
   * @throws {TypeError} If the scan has another number of channels than the model, or lacks values
   * or geometry.
   * @throws {RangeError} If an intensity is not finite.
   * @throws {MemoryError} If memory is too small; this is checked before any work is done.
   * @throws {DeviceMemoryError} If the GPU's memory is too small; this is checked beforehand as well.
   * @throws {Error} If a file cannot be read, or a cascade's first stage is neither given nor
   * trained.
   * @throws The signal's reason, if it is aborted.
   *
   * @example The volume of label 1 in mm³
   * ```ts ignore
   * const { geometry, data } = await predictor.predict(["scan_0000.nii.gz"]);
   * const voxels = data.filter((label) => label === 1).length;
   * const volume = voxels * geometry.spacing.reduce((product, extent) => product * extent);
   * ```
   */
  async predict(
    scan: Image | readonly string[],
    options: PredictOptions = {},
  ): Promise<Segmentation> {
    return (await this.#predictOne(scan, options))!;
  }

  /**
   * Segments a scan and writes what an ensemble needs into a folder: the label map, `scan.npz` with
   * the probabilities, and `scan.pkl`.
   *
   * @param scan As for {@link predict}.
   * @param folder The folder to write to.
   * @param options How to observe and abort the prediction.
   * @throws As {@link predict}, and if a file cannot be written.
   *
   * @example Writing one member's prediction of an ensemble
   * ```ts ignore
   * await predictor.predictProbabilities(["scan_0000.nii.gz"], "predictions_2d");
   * ```
   */
  async predictProbabilities(
    scan: Image | readonly string[],
    folder: string,
    options: PredictOptions = {},
  ): Promise<void> {
    const { output } = this.#jobOf({ name: Predictor.caseName, images: [] }, folder, true);
    await this.#predictOne(scan, options, output);
  }

  /** The name of files written for a scan without a name. */
  static readonly caseName = "scan";

  async #predictOne(
    scan: Image | readonly string[],
    options: PredictOptions,
    output?: CaseJob["output"],
  ): Promise<Segmentation | undefined> {
    requireKnown(options, predictOptions, "predict");
    const { signal, onProgress, previousStage } = options;
    const action = `predict "${Predictor.caseName}"`;
    if (!isFiles(scan)) requireImage(scan, action);
    if (previousStage) requireSegmentation(previousStage, action, "previous stage");
    const source = isFiles(scan) ? { files: scan } : { image: scan };
    const job: CaseJob = { name: Predictor.caseName, source, output };
    await this.#checkBeforehand([job]);
    const first = this.configuration.previousStage && (previousStage ??
      await (await this.#openPreviousStage()).predict(scan, { signal }));
    const jobs = [first ? { ...job, previousStage: { segmentation: first } } : job];
    try {
      const [segmentation] = await (await this.#connect()).run(jobs, { signal, onProgress });
      return segmentation;
    } catch (error) {
      throw error instanceof CaseError ? error.cause : error;
    }
  }

  /**
   * Segments a scan's files and writes the label map to a file.
   *
   * @param images One file per channel, in order.
   * @param output The label map's file.
   * @param options How to observe and abort the prediction.
   * @throws As {@link predict}, and if the file cannot be written.
   *
   * @example A scan with two channels
   * ```ts ignore
   * await predictor.predictFile(["scan_0000.nii.gz", "scan_0001.nii.gz"], "labels.nii.gz");
   * ```
   */
  async predictFile(
    images: readonly string[],
    output: string,
    options: PredictOptions = {},
  ): Promise<void> {
    await writeSegmentation(output, await this.predict(images, options));
  }

  /**
   * Segments every case of a folder, `CASE_0000.nii.gz` and so on, and writes `CASE.nii.gz` to
   * another folder. Files must have the data set's file ending; a folder `CASE` of DICOM slices is a
   * case as well. One case is read while another is predicted and a third is written. As with
   * nnU-Net, the output folder also gets `plans.json`, `dataset.json` and the arguments of the
   * prediction.
   *
   * @param options The folders, and what to write.
   * @returns The paths of all cases' label maps, in order.
   * @throws {RangeError} If `part` is not one of the parts.
   * @throws {CaseError} If a case fails; the cases before it are finished.
   * @throws {Error} If the input folder has no cases, or the output folder cannot be created.
   * @throws The signal's reason, if it is aborted; finished cases are kept.
   *
   * @example Continuing an interrupted prediction
   * ```ts ignore
   * await predictor.predictFolder({ input: "scans", output: "labels", overwrite: false });
   * ```
   */
  async predictFolder(options: PredictFolderOptions): Promise<string[]> {
    requireKnown(options, predictFolderOptions, "predict");
    if (options.part) requireKnown(options.part, { id: true, of: true }, "predict", "part");
    const { input, output, overwrite = true, part = { id: 0, of: 1 } } = options;
    const { signal, onProgress, saveProbabilities = false } = options;
    signal?.throwIfAborted();
    const { cases: found, ignored } = await readCaseFolder(input, this.datasetJson.fileEnding);
    if (found.length === 0) {
      const others = ignored.length === 0 ? "" : ` (${describeIgnored(ignored).join("; ")})`;
      throw new Error(
        `Cannot predict ${input}: found no files that end in _0000${this.datasetJson.fileEnding}` +
          others,
      );
    }
    if (!(part.of >= 1 && part.id >= 0 && part.id < part.of)) {
      throw new RangeError(
        `Cannot predict part ${part.id} of ${part.of}: expected a part from 0 to ${part.of - 1}`,
      );
    }
    const cases = found.filter((_, index) => index % part.of === part.id);
    await makeFolder(output); // Fails before hours of work, not after them.
    const jobs: CaseJob[] = [];
    for (const one of cases) {
      const job = this.#jobOf(one, output, saveProbabilities);
      if (overwrite || !await isDone(job)) jobs.push(job);
    }
    const written = cases.map(({ name }) => join(output, name + this.datasetJson.fileEnding));
    if (jobs.length === 0) return written;
    await this.#checkBeforehand(jobs);
    const previous = await this.#previousStageOf(jobs, options);
    await writePredictionRecord(this.plansData, this.datasetJson, {
      ...options,
      saveProbabilities,
      overwrite,
      part,
    });
    try {
      const pipeline = await this.#connect();
      await pipeline.run(
        jobs.map((job) => ({ ...job, ...previous && { previousStage: previous(job.name) } })),
        { signal, onProgress },
      );
    } catch (error) {
      if (!(error instanceof CaseError)) throw error;
      const { caseName, cause } = error;
      throw new CaseError(caseName, `predict case "${caseName}" of ${input}`, cause);
    }
    return written;
  }

  #jobOf({ name, images }: TestCase, output: string, saveProbabilities: boolean): CaseJob {
    return {
      name,
      source: { files: images },
      output: {
        segmentation: join(output, name + this.datasetJson.fileEnding),
        ...saveProbabilities && {
          probabilities: {
            array: join(output, probabilitiesFileName(name)),
            properties: join(output, propertiesFileName(name)),
          },
        },
      },
    };
  }

  /** For a cascade, returns where each case's first stage is, predicting it if necessary. */
  async #previousStageOf(
    jobs: readonly CaseJob[],
    { input, output, overwrite, previousStageFolder, part, signal }: PredictFolderOptions,
  ): Promise<((name: string) => PreviousStageSource) | undefined> {
    const { previousStage } = this.configuration;
    if (!previousStage) return undefined;
    const folder = previousStageFolder ?? join(output, firstStageFolderName(previousStage));
    const fileOf = (name: string) => join(folder, name + this.datasetJson.fileEnding);
    if (previousStageFolder === undefined) {
      const predictor = await this.#openPreviousStage();
      await predictor.predictFolder({ input, output: folder, overwrite, part, signal });
    }
    for (const { name } of jobs) {
      await fileInfo(fileOf(name)).catch((cause) => {
        throw new CaseError(
          name,
          `predict case "${name}" of ${input}`,
          new Error(`found no ${previousStage} segmentation ${fileOf(name)}`, { cause }),
        );
      });
    }
    return (name) => ({ file: fileOf(name) });
  }

  /**
   * Checks that the model can predict the cases, judging by their headers only.
   *
   * @throws {TypeError} If a case has another number of channels than the model, or is a picture and
   * the model predicts volumes.
   * @throws {MemoryError} If a case needs more memory than it may take.
   * @throws {DeviceMemoryError} If a case needs more memory than the GPU has; the remedy says what
   * would fit.
   */
  async #checkBeforehand(jobs: readonly CaseJob[]): Promise<void> {
    const { memoryLimitBytes = systemMemory().freeMemoryBytes } = this.#options;
    for (const { name, source, output } of jobs) {
      const header = await readScanHeader(source);
      if (!header) continue;
      requirePredictable(name, header, this.#model);
      const check = this.#memoryCheck ??= memoryCheck(
        this.#model.models,
        this.#model,
        await this.#device(),
      );
      check(name, header.geometry, !!output?.probabilities, memoryLimitBytes);
    }
  }

  /** Returns the device to compute on, whether to use half precision, and the device's limits. */
  async #device(): Promise<CheckedDevice> {
    const device = await chooseDevice(this.#options.device ?? "auto");
    return { device, half: await isMixed(device, "auto"), limits: await limitsOf(device) };
  }

  #openPreviousStage(): Promise<Predictor> {
    const { previousStageFolder } = this.#model;
    const { previousStage, name } = this.configuration;
    if (!previousStageFolder) {
      return Promise.reject(
        new Error(`Cannot predict ${name}: expected the segmentations of ${previousStage} as well`),
      );
    }
    return this.#previousStage ??= Predictor.open(previousStageFolder, {
      ...this.#options,
      folds: undefined, // All trained folds, as in nnU-Net v1.
    }).catch((cause) => {
      this.#previousStage = undefined;
      throw new Error(
        `Cannot predict ${name} without segmentations of ${previousStage}, and its model cannot ` +
          `predict them: ${reasonOf(cause)}`,
        { cause },
      );
    });
  }

  /** Terminates the workers; another prediction starts them again. */
  close(): void {
    const [closing, previous] = [this.#pipeline, this.#previousStage];
    this.#pipeline = undefined;
    closing?.then((pipeline) => pipeline.close(), () => {});
    previous?.then((predictor) => predictor.close(), () => {});
  }

  /** Terminates the workers at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #connect(): Promise<CasePipeline> {
    return this.#pipeline ??= this.#start().catch((error) => {
      this.#pipeline = undefined;
      throw error;
    });
  }

  async #start(): Promise<CasePipeline> {
    const { models, ...facts } = this.#model;
    const { stepSize, mirroring, gaussian, threads } = this.#options;
    return await CasePipeline.start(facts, {
      models: models.map((model) => model.slice()), // The originals are kept for another start.
      stepSize,
      mirroring,
      gaussian,
      threads,
      ...await this.#device(),
    });
  }
}

function isFiles(scan: Image | readonly string[]): scan is readonly string[] {
  return Array.isArray(scan);
}

/** Whether all files of a case exist. */
async function isDone({ output }: CaseJob): Promise<boolean> {
  const { segmentation, probabilities } = output!;
  for (const path of [segmentation, ...Object.values(probabilities ?? {})]) {
    if (!await exists(path)) return false;
  }
  return true;
}

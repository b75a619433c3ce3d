/** Defines the Predictor, which segments scans with a trained model. */

import { join } from "./platform/paths.ts";
import type { DatasetJson } from "./files/dataset.ts";
import { firstStageFolderName } from "./files/paths.ts";
import { nameSome } from "./files/some_names.ts";
import { CaseError } from "./dataset/case_error.ts";
import { type CaseOutcomes, FailedCasesError } from "./dataset/failed_cases_error.ts";
import { makeFolder } from "./dataset/folder_setup.ts";
import { writeDicomSegmentation } from "./image/dicom/dicom_seg_file.ts";
import { isDicomSeries } from "./image/dicom/dicom_folder.ts";
import { writeSegmentation } from "./image/image_files.ts";
import type { Image, Segmentation } from "./image/image.ts";
import { formatOf } from "./image/registry.ts";
import { requireImage, requireSegmentation } from "./image/require_image.ts";
import type { CaseJob } from "./inference/case_job.ts";
import { filedJob } from "./inference/filed_job.ts";
import { partOf, requirePart } from "./inference/part_of_cases.ts";
import { segmentationFacts } from "./inference/dicom_segments.ts";
import type { CheckedDevice } from "./inference/case_memory.ts";
import { ModelPipeline } from "./inference/model_pipeline.ts";
import {
  claimFolder,
  isDone,
  notingStale,
  originOf,
  requireOtherFiles,
} from "./inference/output_folder.ts";
import {
  type PredictFileOptions,
  predictFileOptions,
  type PredictFolderOptions,
  predictFolderOptions,
  type PredictOptions,
  predictOptions,
  type PredictorOptions,
  predictorOptions,
  requireFiles,
  requirePredictFolderValues,
  requirePredictorValues,
} from "./inference/predictor_options.ts";
import { PreviousStageError } from "./inference/previous_stage_error.ts";
import { selectCases } from "./inference/select_cases.ts";
import { thresholdsOf } from "./model/head_names.ts";
import { type OpenedModel, openModel } from "./model/open_model.ts";
import type { ModelOrigin } from "./model/open_trained.ts";
import type { Configuration, PlansData } from "./files/plans.ts";
import { chooseDevice, isMixed, limitsOf } from "./runtime/find_devices.ts";
import { exists } from "./platform/files.ts";
import { requireOtherFolder } from "./files/other_output.ts";
import { requireFolder } from "./files/require_folder.ts";
import { requireKnown } from "./options/require_known.ts";
import { requireOption, requireValue, text } from "./options/require_value.ts";
import { trainerNames } from "./training/trainer_variants.ts";
import { printable } from "./untrusted/printable.ts";

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
  /** Axes of the patch that training mirrored, over which predictions may be averaged. */
  readonly mirrorAxes: readonly number[];
  /** Where the model's weights are from: its folder or file, trainer, folds and checkpoint. */
  readonly origin: ModelOrigin;
  readonly #model: OpenedModel;
  readonly #options: PredictorOptions;
  readonly #pipeline: ModelPipeline;
  #previousStage: Promise<Predictor> | undefined;

  private constructor(model: OpenedModel, options: PredictorOptions) {
    this.plansData = model.plansData;
    this.configuration = model.configuration;
    this.datasetJson = model.datasetJson;
    this.mirrorAxes = model.mirrorAxes;
    this.origin = model.origin;
    this.#model = model;
    this.#options = options;
    const { origin: _, previousStageFolder: __, ...predicting } = model;
    this.#pipeline = new ModelPipeline(predicting, { ...options, device: () => this.#device() });
  }

  /**
   * Opens a model trained by this library or by nnU-Net: a results folder
   * (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`), one of its folds, a checkpoint (`.pth`), or a model
   * exported as ONNX (`.onnx`).
   *
   * @param path The folder or file.
   * @param options Which folds to open, and how to predict.
   * @returns The predictor; its workers start with the first prediction.
   * @throws {TypeError} If an option is unknown, or a value of the wrong kind, such as a promise.
   * @throws {RangeError} If the step size is not above 0 and at most 1, another option is out of
   * range, or a threshold is not that of a label or not between 0 and 1.
   * @throws {UntrainedFoldsError} If a fold is not trained, or none is.
   * @throws {OpenModelError} If there is no model, a file does not contain a model, or weights
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
    requireValue(path, text, "open a model", "path");
    requirePredictorValues(options);
    const model = await openModel(path, options);
    const { thresholds } = options;
    if (!thresholds) return new Predictor(model, options);
    const heads = {
      ...model.heads,
      thresholds: thresholdsOf(model.datasetJson.labels, thresholds),
    };
    return new Predictor({ ...model, heads }, options);
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
    requireValue(folder, text, "predict", "folder");
    const { output } = filedJob(
      { name: Predictor.caseName, images: [] },
      folder,
      this.datasetJson,
      {
        saveProbabilities: true,
      },
    );
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
    const { signal, onProgress, previousStage, series, onWarning } = options;
    const action = `predict "${Predictor.caseName}"`;
    if (isFiles(scan) || !mayBeImage(scan)) requireFiles(scan, "scan");
    else requireImage(scan, action);
    if (previousStage) {
      this.#requireCascade("previousStage");
      requireSegmentation(previousStage, action, "previous stage");
    }
    const source = isFiles(scan) ? { files: scan, series } : { image: scan };
    const job: CaseJob = { name: Predictor.caseName, source, output };
    await this.#pipeline.check([job], onWarning);
    const first = this.configuration.previousStage && (previousStage ??
      await (await this.#openPreviousStage()).predict(scan, { signal, series }));
    const jobs = [first ? { ...job, previousStage: { segmentation: first } } : job];
    try {
      const [segmentation] = await this.#pipeline.run(jobs, { signal, onProgress });
      return segmentation;
    } catch (error) {
      throw error instanceof FailedCasesError ? error.failures[0].cause : error;
    }
  }

  /**
   * Segments a scan's files and writes the label map to a file.
   *
   * @param images One file per channel, in order.
   * @param output The label map's file.
   * @param options How to observe and abort the prediction, and whether to write a DICOM
   * segmentation as well.
   * @throws As {@link predict}, and if a file cannot be written, or a DICOM segmentation is asked for
   * and the scan is no folder of DICOM slices.
   *
   * @example A scan with two channels
   * ```ts ignore
   * await predictor.predictFile(["scan_0000.nii.gz", "scan_0001.nii.gz"], "labels.nii.gz");
   * ```
   */
  async predictFile(
    images: readonly string[],
    output: string,
    options: PredictFileOptions = {},
  ): Promise<void> {
    requireKnown(options, predictFileOptions, "predict");
    const { dicomSegmentation, ...others } = options;
    const { series } = others;
    requireFiles(images, "images");
    requireValue(output, text, "predict", "output");
    requireOption(dicomSegmentation, text, "predict", "dicomSegmentation");
    formatOf(output, "write"); // Fails before the work, not after it.
    if (dicomSegmentation !== undefined) await requireSlices(images[0]);
    await requireOtherFiles([
      { name: Predictor.caseName, source: { files: images }, output: { segmentation: output } },
    ]);
    const segmentation = await this.predict(images, others);
    if (dicomSegmentation !== undefined) {
      await writeDicomSegmentation(dicomSegmentation, segmentation, {
        scan: images[0],
        series,
        ...segmentationFacts(this.#model),
      });
    }
    await writeSegmentation(output, segmentation);
  }

  /**
   * Segments every case of a folder, `CASE_0000.nii.gz` and so on, and writes `CASE.nii.gz` to
   * another folder. Files must have the data set's file ending; a folder `CASE` of DICOM slices is a
   * case as well. One case is read while another is predicted and a third is written. As with
   * nnU-Net, the output folder also gets `plans.json`, `dataset.json` and the arguments of the
   * prediction.
   *
   * A case that fails does not keep the others from being done.
   *
   * @param options The folders, and what to write.
   * @returns The paths of all cases' label maps, in order.
   * @throws {RangeError} If `part` is not one of the parts.
   * @throws {FailedCasesError} If cases fail, after the others are done.
   * @throws {OtherPredictionError} If `overwrite` is false and the folder has label maps of another
   * model.
   * @throws {LockedError} If another model is predicting into the output folder.
   * @throws {Error} If the input folder has no cases, the output folder cannot be created, or a label
   * map would replace a scan.
   * @throws The signal's reason, if it is aborted; finished cases are kept.
   *
   * @example Continuing an interrupted prediction
   * ```ts ignore
   * await predictor.predictFolder({ input: "scans", output: "labels", overwrite: false });
   * ```
   */
  async predictFolder(options: PredictFolderOptions): Promise<string[]> {
    requireKnown(options, predictFolderOptions, "predict");
    requirePredictFolderValues(options);
    if (options.part) requireKnown(options.part, { id: true, of: true }, "predict", "part");
    const { input, output, overwrite = true, part = { id: 0, of: 1 } } = options;
    const { signal, previousStageFolder } = options;
    const { saveProbabilities = false, probabilityMaps = false, filePerLabel = false } = options;
    const extras = { saveProbabilities, probabilityMaps, filePerLabel };
    signal?.throwIfAborted();
    requirePart(part);
    if (previousStageFolder !== undefined) {
      this.#requireCascade("previousStageFolder");
      await requireFolder(previousStageFolder, "predict with the first stage in");
      await requireOtherFolder(output, [previousStageFolder], {
        action: `predict ${input}`,
        what: "first stage's label maps",
      });
    }
    const found = await selectCases(input, this.#model);
    const inPart = partOf([
      ...found.cases,
      ...found.failures.map(({ caseName: name }) => ({ name })),
    ], part);
    const cases = found.cases.filter(({ name }) => inPart.has(name));
    const failures = found.failures.filter(({ caseName }) => inPart.has(caseName));
    const { trainer } = this.origin;
    if (trainer !== undefined && !trainerNames.includes(trainer)) {
      options.onWarning?.(
        `The model's trainer, ${printable(trainer)}, is none of nnU-Net's. Its weights fit the ` +
          "network of its plans, which predicts",
      );
    }
    if (found.ignored.length > 0) options.onIgnored?.(found.ignored);
    if (found.unnumbered.length > 0) {
      options.onWarning?.(
        `${nameSome(found.unnumbered)}: no channel number such as _0000, taken as whole scans`,
      );
    }
    for (const failure of failures) options.onFailure?.(failure);
    const all = cases.map((one) => filedJob(one, output, this.datasetJson, options));
    await requireOtherFiles(all);
    await makeFolder(output); // Fails before hours of work, not after them.
    const kept: CaseJob[] = [];
    const jobs: CaseJob[] = [];
    for (const job of all) (!overwrite && await isDone(job) ? kept : jobs).push(job);
    const fail = ({ caseName, cause }: CaseError) => {
      const failure = new CaseError(caseName, `predict case "${caseName}" of ${input}`, cause);
      failures.push(failure);
      options.onFailure?.(failure);
    };
    const possible = await this.#possibleJobs(jobs, options, fail);
    let outcomes: Pick<CaseOutcomes, "finished" | "remaining"> = { finished: [] };
    if (possible.length + kept.length > 0) {
      await using lock = await claimFolder(
        {
          ...options,
          ...{ ...extras, overwrite, part },
          ...{ plansData: this.plansData, datasetJson: this.datasetJson },
          origin: await originOf(this.#model, this.#options, previousStageFolder),
        },
        new Set(found.cases.map(({ name }) => name)),
      );
      const { device } = await this.#device();
      options.onStart?.({ cases: all.length, kept: kept.length, device });
      const within = signal ? AbortSignal.any([signal, lock.lost]) : lock.lost;
      outcomes = await this.#predictJobs(possible, { ...options, signal: within }, fail);
    }
    if (failures.length > 0) {
      const sorted = failures.sort((a, b) => a.caseName < b.caseName ? -1 : 1);
      throw new FailedCasesError("predict", {
        failures: await notingStale(sorted, options, this.datasetJson.fileEnding),
        finished: [...kept.map(({ name }) => name), ...outcomes.finished].sort(),
        remaining: outcomes.remaining,
      });
    }
    return all.map((job) => job.output!.segmentation);
  }

  /** Predicts cases whose headers were checked. */
  async #predictJobs(
    jobs: readonly CaseJob[],
    options: PredictFolderOptions,
    onFailure: (failure: CaseError) => void,
  ): Promise<Pick<CaseOutcomes, "finished" | "remaining">> {
    const { signal, onProgress } = options;
    const ready = await this.#withPreviousStage(jobs, options, onFailure);
    const finished: string[] = [];
    if (ready.length === 0) return { finished };
    const onCase = (name: string) => {
      finished.push(name);
      options.onCase?.(name);
    };
    try {
      await this.#pipeline.run(ready, { signal, onProgress, onCase, onFailure });
      return { finished };
    } catch (error) {
      if (error instanceof FailedCasesError) return { finished, remaining: error.remaining };
      throw error;
    }
  }

  /** The cases that can be predicted, judging by their headers and the previous stage's files. */
  async #possibleJobs(
    jobs: readonly CaseJob[],
    { previousStageFolder, onWarning }: PredictFolderOptions,
    onFailure: (failure: CaseError) => void,
  ): Promise<CaseJob[]> {
    const possible: CaseJob[] = [];
    for (const job of jobs) {
      const warnings: string[] = [];
      try {
        if (previousStageFolder !== undefined) {
          await this.#addPreviousStage(job, previousStageFolder);
        }
        if (job.output?.dicomSegmentation) await requireSlices(job.output.dicomSegmentation.scan);
        await this.#pipeline.check([job], (message) => warnings.push(message));
        possible.push(job);
      } catch (error) {
        onFailure(new CaseError(job.name, "predict", error as Error));
      }
      for (const message of warnings) onWarning?.(message); // What it throws is not the case's fault.
    }
    return possible;
  }

  /**
   * For a cascade, adds where each case's first stage is, predicting it if necessary. Cases without
   * one fail.
   */
  async #withPreviousStage(
    jobs: readonly CaseJob[],
    options: PredictFolderOptions,
    onFailure: (failure: CaseError) => void,
  ): Promise<readonly CaseJob[]> {
    const { previousStage } = this.configuration;
    if (!previousStage || jobs.length === 0) return jobs;
    const { input, output, overwrite, part, signal, series, onWarning, previousStageFolder } =
      options;
    const folder = previousStageFolder ?? join(output, firstStageFolderName(previousStage));
    const causes = new Map<string, Error>();
    if (previousStageFolder === undefined) {
      const predictor = await this.#openPreviousStage();
      await predictor.predictFolder({
        input,
        output: folder,
        overwrite,
        part,
        signal,
        series,
        onWarning,
      })
        .catch((error) => {
          if (!(error instanceof FailedCasesError)) throw error;
          for (const { caseName, cause } of error.failures) causes.set(caseName, cause);
        });
    }
    const ready: CaseJob[] = [];
    for (const job of jobs) {
      try {
        if (causes.has(job.name)) throw causes.get(job.name);
        ready.push(await this.#addPreviousStage(job, folder));
      } catch (error) {
        onFailure(new CaseError(job.name, "predict", error as Error));
      }
    }
    return ready;
  }

  /** @throws {Error} If the folder has no label map of the case. */
  async #addPreviousStage(job: CaseJob, folder: string): Promise<CaseJob> {
    const file = join(folder, job.name + this.datasetJson.fileEnding);
    if (await exists(file)) return { ...job, previousStage: { file } };
    throw new Error(`found no ${this.configuration.previousStage} segmentation ${file}`);
  }

  /** Returns the device to compute on, whether to use half precision, and the device's limits. */
  async #device(): Promise<CheckedDevice> {
    const device = await chooseDevice(this.#options.device ?? "auto");
    const { sumsOnHost } = this.#options;
    return {
      ...{ device, sumsOnHost },
      ...{ half: await isMixed(device, "auto"), limits: await limitsOf(device) },
    };
  }

  /** @throws {TypeError} If the model is not the second stage of a cascade. */
  #requireCascade(option: string): void {
    const { name, previousStage } = this.configuration;
    if (previousStage) return;
    throw new TypeError(
      `Cannot predict ${name}: \`${option}\` is for the second stage of a cascade only`,
    );
  }

  /** Opens the first stage's model with this model's folds, checkpoint, trainer and options. */
  #openPreviousStage(): Promise<Predictor> {
    const { previousStageFolder, origin: { folds, checkpoint } } = this.#model;
    const { previousStage, name } = this.configuration;
    if (!previousStageFolder) {
      return Promise.reject(
        new Error(`Cannot predict ${name}: expected the segmentations of ${previousStage} as well`),
      );
    }
    return this.#previousStage ??= Predictor.open(previousStageFolder, {
      ...this.#options,
      thresholds: undefined,
      folds,
      checkpoint,
    }).catch((cause) => {
      this.#previousStage = undefined;
      throw new PreviousStageError(name, previousStage!, cause);
    });
  }

  /** Terminates the workers; another prediction starts them again. */
  close(): void {
    this.#pipeline.close();
    this.#previousStage?.then((predictor) => predictor.close(), () => {});
  }

  /** Terminates the workers at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** @throws {TypeError} If a scan has no slices that a DICOM segmentation could refer to. */
async function requireSlices(scan: string): Promise<void> {
  if (await isDicomSeries(scan)) return;
  throw new TypeError(
    `Cannot write a DICOM segmentation of ${scan}: it refers to slices, expected a folder of DICOM ` +
      "slices",
  );
}

/** Whether a value that is no list is meant to be an image rather than a path. */
function mayBeImage(scan: unknown): boolean {
  return typeof scan !== "string" && !(scan instanceof URL);
}

function isFiles(scan: Image | readonly string[]): scan is readonly string[] {
  return Array.isArray(scan);
}

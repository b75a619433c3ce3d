/** The Ensembler: chooses the best of several trained models and their ensembles as a predictor. */

import { dirname, join } from "./platform/paths.ts";
import { ensembleFolders } from "./ensembling/ensemble_folders.ts";
import {
  type BestConfiguration,
  type Candidate,
  findBestConfiguration,
  type FindBestOptions,
} from "./ensembling/find_best_configuration.ts";
import { groundTruthFolder } from "./ensembling/ground_truth.ts";
import { readInferenceInformation } from "./ensembling/read_inference_information.ts";
import { writeInferenceInformation } from "./ensembling/inference_information.ts";
import { requireModelFolders } from "./ensembling/trained_model.ts";
import { type Voting, votings } from "./ensembling/voting.ts";
import { withWorkFolder } from "./ensembling/work_folder.ts";
import { fileNames } from "./files/paths.ts";
import { foldersIn } from "./files/folders.ts";
import { readPostprocessing } from "./files/postprocessing_file.ts";
import type { Image, Segmentation } from "./image/image.ts";
import { readSegmentation } from "./image/image_files.ts";
import { applyPostprocessing } from "./postprocessing/apply_to_folder.ts";
import type { PostprocessingStep } from "./files/postprocessing.ts";
import { applySteps } from "./postprocessing/steps.ts";
import {
  type PredictorOptions,
  predictorOptions,
  requirePredictorValues,
} from "./inference/predictor_options.ts";
import { requireOtherFiles } from "./inference/output_folder.ts";
import { selectCases } from "./inference/select_cases.ts";
import { Predictor } from "./predictor.ts";
import { createTemporaryFolder, listFolder, remove } from "./platform/files.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";
import {
  flag,
  requireList,
  requireOneOf,
  requireOption,
  requireValue,
  text,
  wholeFrom,
} from "./options/require_value.ts";

/** Options of {@link Ensembler.fit}. */
export interface EnsemblerOptions extends Omit<FindBestOptions, "models" | "groundTruth"> {
  /**
   * Folder of ground-truth label maps; by default that of the models' data set, if nnU-Net's three
   * folders have the same parent.
   */
  readonly groundTruth?: string;
  /**
   * Options for prediction; members average the folds that they were chosen by. Thresholds apply to
   * an ensemble's merged probabilities.
   */
  readonly predictor?: Omit<PredictorOptions, "folds">;
}

/** Options to observe and stop a prediction. */
export interface EnsemblePredictOptions {
  /** Aborts the prediction. */
  readonly signal?: AbortSignal;
  /** Called with the fraction of the work that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Options of {@link Ensembler.predictFolder}. */
export interface EnsemblePredictFolderOptions extends EnsemblePredictOptions {
  /** Folder of scans, `CASE_0000.nii.gz`, …. */
  readonly input: string;
  /** Folder for the label maps. */
  readonly output: string;
  /** Cases merged in parallel, one per core by default. */
  readonly workers?: number;
  /** Whether to continue where a stopped prediction of the same scans ended; false by default. */
  readonly resume?: boolean;
}

/** What was chosen, and how. */
interface Choice {
  readonly candidates: readonly Candidate[];
  readonly best: Candidate;
  readonly steps: readonly PostprocessingStep[];
  readonly found?: BestConfiguration;
}

const ensemblerOptions: KnownOptions<EnsemblerOptions> = {
  groundTruth: true,
  predictor: true,
  folds: true,
  maxModels: true,
  voting: true,
  overwrite: true,
  workers: true,
  signal: true,
  onProgress: true,
};
const { folds: _folds, ...memberOptions } = predictorOptions;
const predictOptions: KnownOptions<EnsemblePredictOptions> = {
  signal: true,
  onProgress: true,
};
const predictFolderOptions: KnownOptions<EnsemblePredictFolderOptions> = {
  ...predictOptions,
  input: true,
  output: true,
  workers: true,
  resume: true,
};

/**
 * The best of several trained models and their ensembles, with its postprocessing.
 *
 * @example Choosing between a 2d model, a 3d model and both
 * ```ts ignore
 * import { Ensembler, readImage } from "nnunet";
 *
 * using ensembler = await Ensembler.fit([trainer2d.modelFolder, trainer3d.modelFolder]);
 * console.table(ensembler.candidates);
 * const segmentation = await ensembler.predict(await readImage(["scan.nii.gz"]));
 * ```
 */
export class Ensembler {
  /** Single models, pairs and larger sets, with their scores. */
  readonly candidates: readonly Candidate[];
  /** The candidate with the highest score. */
  readonly best: Candidate;
  /** Postprocessing of the best candidate's label maps. */
  readonly postprocessing: readonly PostprocessingStep[];
  readonly #found: BestConfiguration | undefined;
  readonly #voting: Voting;
  readonly #options: PredictorOptions;
  #members: Promise<Predictor[]> | undefined;

  private constructor(
    { candidates, best, steps, found }: Choice,
    voting: Voting,
    options: PredictorOptions,
  ) {
    this.#found = found;
    this.candidates = candidates;
    this.best = best;
    this.postprocessing = steps;
    this.#voting = voting;
    this.#options = options;
  }

  /**
   * Scores models, trained here or in Python, and their ensembles on the folds' validation cases,
   * and determines postprocessing for the best. Ensembles require folds validated with
   * `saveProbabilities`.
   *
   * Writes nnU-Net's files: a model's collected validation to its folder; ensembles to `ensembles`
   * next to the models; `inference_information.json` and `inference_instructions.txt` next to the
   * models.
   *
   * @param models Folders of models (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`) of one data set,
   * the simplest first.
   * @param options What to try, and how the result predicts.
   * @returns The best candidate, ready to predict.
   * @throws {TypeError} If an option is unknown or of the wrong kind, or `models` is no list of paths.
   * @throws {RangeError} If there is no model, a folder is not that of a model, another option is out
   * of range, or no candidate has a score.
   * @throws {Error} If a fold was not validated, with probabilities for ensembles, or the ground
   * truth is not found.
   * @throws The signal's reason, if it is aborted; complete results are kept.
   *
   * @example Comparing single models by their first fold
   * ```ts ignore
   * import { Ensembler } from "nnunet";
   *
   * const results = "nnunet/nnUNet_results/Dataset004_Hippocampus";
   * const ensembler = await Ensembler.fit(
   *   [`${results}/nnUNetTrainer__nnUNetPlans__2d`, `${results}/nnUNetTrainer__nnUNetPlans__3d_fullres`],
   *   { folds: [0], maxModels: 1 },
   * );
   * for (const { name, score } of ensembler.candidates) console.log(name, score);
   * ```
   */
  static async fit(
    models: readonly string[],
    options: EnsemblerOptions = {},
  ): Promise<Ensembler> {
    requireKnown(options, ensemblerOptions, "choose a configuration");
    const { predictor, ...search } = options;
    if (predictor !== undefined) {
      requireKnown(predictor, memberOptions, "choose a configuration", "predictor");
      requirePredictorValues(predictor);
    }
    requireModelFolders(models);
    requireSearch(search);
    const { folds = [0, 1, 2, 3, 4], voting = "soft" } = search;
    const groundTruth = options.groundTruth ?? await groundTruthBeside(models[0]);
    const found = await findBestConfiguration({ ...search, models, groundTruth });
    await writeInferenceInformation({ ...found, models, folds, voting });
    const { candidates, best, postprocessing: { steps } } = found;
    return new Ensembler({ candidates, best, steps, found }, voting, { ...predictor, folds });
  }

  /**
   * Opens the best models that {@link Ensembler.fit}, `find_best_configuration` or Python's nnU-Net
   * chose before. Its only candidate is the best one.
   *
   * @param folder The data set's folder in `nnUNet_results`, with `inference_information.json`.
   * @param predictor Options for prediction; members average the folds that they were chosen by.
   * @returns The best candidate, ready to predict.
   * @throws {TypeError} If an option is unknown or of the wrong kind, or the file's contents are
   * invalid.
   * @throws {ErrorWithRemedy} If the models were not compared.
   *
   * @example Predicting with the models that the command line chose
   * ```ts ignore
   * using ensembler = await Ensembler.open("nnunet/nnUNet_results/Dataset004_Hippocampus");
   * await ensembler.predictFolder({ input: "scans", output: "labels" });
   * ```
   */
  static async open(
    folder: string,
    predictor: Omit<PredictorOptions, "folds"> = {},
  ): Promise<Ensembler> {
    requireKnown(predictor, memberOptions, "predict");
    requireValue(folder, text, "open the best models", "folder");
    requirePredictorValues(predictor);
    const { best, folds, voting, postprocessingFile } = await readInferenceInformation(folder);
    const steps = await readPostprocessing(postprocessingFile);
    return new Ensembler({ candidates: [best], best, steps }, voting, { ...predictor, folds });
  }

  /**
   * Segments all cases of a folder: all members predict, their probabilities are merged, and the
   * result is postprocessed. Scans `CASE_0000.nii.gz`, … become `CASE.nii.gz`.
   *
   * Probabilities are in a hidden folder of the output folder until all is done. Label maps are
   * written after all cases are predicted.
   *
   * @param options The folders, and how to observe and abort the prediction.
   * @returns Paths of the label maps, sorted.
   * @throws As `Predictor.predictFolder()`.
   *
   * @example Segmenting a folder
   * ```ts ignore
   * await ensembler.predictFolder({ input: "scans", output: "labels" });
   * ```
   */
  async predictFolder(options: EnsemblePredictFolderOptions): Promise<string[]> {
    requireKnown(options, predictFolderOptions, "predict");
    requireValue(options.input, text, "predict", "input");
    requireValue(options.output, text, "predict", "output");
    requireOption(options.resume, flag, "predict", "resume");
    const { input, output, workers, resume = false, signal, onProgress } = options;
    const [{ datasetJson }] = await this.#open();
    const { fileEnding } = datasetJson;
    await requireOtherFiles(
      (await selectCases(input, { datasetJson })).cases.map(({ name, images }) => ({
        ...{ name, source: { files: images } },
        output: { segmentation: join(output, name + fileEnding) },
      })),
    );
    return await withWorkFolder(output, async (folder) => {
      const names = await this.#predictInto(folder, {
        workers,
        signal,
        onProgress,
        predict: (member, output, saveProbabilities, onShare) =>
          member.predictFolder({
            input,
            output,
            saveProbabilities,
            overwrite: !resume,
            signal,
            onProgress: ({ share }) => onShare(share),
          }),
      });
      const steps = this.postprocessing;
      await applyPostprocessing({ input: names, output, steps, fileEnding, workers, signal });
      onProgress?.(1);
      const written = await Array.fromAsync(listFolder(names));
      return written.map(({ name }) => name).filter((name) => name.endsWith(fileEnding)).sort()
        .map((name) => join(output, name));
    });
  }

  /**
   * Segments a scan: all members predict, their probabilities are merged, and the result is
   * postprocessed.
   *
   * @param scan An image in memory, or the files of its channels, in order.
   * @param options How to observe and abort the prediction.
   * @returns The label map, on the scan's grid.
   * @throws As `Predictor.predict()`.
   *
   * @example Segmenting a scan's file
   * ```ts ignore
   * const { data } = await ensembler.predict(["scan_0000.nii.gz"]);
   * ```
   */
  async predict(
    scan: Image | readonly string[],
    options: EnsemblePredictOptions = {},
  ): Promise<Segmentation> {
    requireKnown(options, predictOptions, "predict");
    const { signal, onProgress } = options;
    const members = await this.#open();
    if (members.length === 1) {
      const alone = await members[0].predict(scan, {
        signal,
        onProgress: ({ share }) => onProgress?.(share),
      });
      return applySteps(alone, this.postprocessing);
    }
    const temporary = await createTemporaryFolder();
    try {
      const merged = await this.#predictInto(temporary, {
        workers: 1,
        signal,
        onProgress,
        predict: (member, output, _saveProbabilities, onShare) =>
          member.predictProbabilities(scan, output, {
            signal,
            onProgress: ({ share }) => onShare(share),
          }),
      });
      const [{ datasetJson }] = members;
      const path = join(merged, Predictor.caseName + datasetJson.fileEnding);
      onProgress?.(1);
      return applySteps(await readSegmentation(path), this.postprocessing);
    } finally {
      await remove(temporary, { recursive: true });
    }
  }

  /**
   * Details of the choice.
   *
   * @throws {Error} If the choice was made before, see {@link Ensembler.open}.
   */
  get found(): BestConfiguration {
    if (this.#found) return this.#found;
    throw new Error("Cannot say how the models were chosen: only `Ensembler.fit()` compares them");
  }

  /** Stops the members' workers; the next prediction restarts them. */
  close(): void {
    this.#members?.then((members) => members.forEach((member) => member.close()), () => {});
  }

  /** Stops the workers at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Runs all members, each into a subfolder, and merges their predictions.
   *
   * @returns The folder of the label maps.
   */
  async #predictInto(folder: string, run: {
    readonly workers?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (share: number) => void;
    readonly predict: (
      member: Predictor,
      output: string,
      saveProbabilities: boolean,
      onShare: (share: number) => void,
    ) => Promise<unknown>;
  }): Promise<string> {
    const { workers, signal, onProgress, predict } = run;
    const members = await this.#open();
    const folders = members.map((_, index) => join(folder, `member_${index}`));
    const several = members.length > 1;
    for (const [index, member] of members.entries()) {
      // Merging and postprocessing are estimated as a tenth of a member's work.
      const report = (share: number) => onProgress?.((index + share) / (members.length + 0.1));
      await predict(member, folders[index], several, report);
    }
    if (!several) return folders[0];
    const merged = join(folder, "merged");
    await ensembleFolders({
      members: folders,
      output: merged,
      voting: this.#voting,
      datasetFile: join(this.best.folder, fileNames.dataset),
      thresholds: this.#options.thresholds,
      workers,
      signal,
    });
    return merged;
  }

  #open(): Promise<Predictor[]> {
    return this.#members ??= Promise.all(
      this.best.models.map((model) => Predictor.open(model, this.#options)),
    ).catch((error) => {
      this.#members = undefined;
      throw error;
    });
  }
}

/** Checks how to compare models, before the work. */
function requireSearch(
  { groundTruth, folds, maxModels, voting, overwrite, workers }: Omit<
    EnsemblerOptions,
    "predictor"
  >,
): void {
  const action = "choose a configuration";
  requireOption(groundTruth, text, action, "groundTruth");
  if (folds !== undefined) {
    requireList(folds, wholeFrom(0), action, "folds", "a list of folds' numbers, as [0, 1, 2]");
  }
  requireOption(maxModels, wholeFrom(1), action, "maxModels");
  if (voting !== undefined) requireOneOf(voting, votings, action, "voting");
  requireOption(overwrite, flag, action, "overwrite");
  requireOption(workers, wholeFrom(1), action, "workers");
}

/** Returns the ground-truth folder of the data set that a model's folder belongs to. */
function groundTruthBeside(model: string): Promise<string> {
  const dataset = dirname(model);
  const root = dirname(dirname(dataset));
  return groundTruthFolder(foldersIn(root), dataset.slice(dirname(dataset).length + 1));
}

/** The Ensembler: trained models in, the best of them alone or together out, as one predictor. */

import { dirname, join } from "./platform/paths.ts";
import { ensembleFolders } from "./ensembling/ensemble_folders.ts";
import {
  type BestConfiguration,
  type Candidate,
  findBestConfiguration,
  type FindBestOptions,
} from "./ensembling/find_best_configuration.ts";
import { groundTruthFolder } from "./ensembling/ground_truth.ts";
import { writeInferenceInformation } from "./ensembling/inference_information.ts";
import type { Voting } from "./ensembling/voting.ts";
import { fileNames, foldersIn } from "./files/paths.ts";
import type { Image, Segmentation } from "./image/image.ts";
import { readSegmentation } from "./image/registry.ts";
import { applyPostprocessing } from "./postprocessing/apply_to_folder.ts";
import type { PostprocessingStep } from "./files/postprocessing.ts";
import { applySteps } from "./postprocessing/steps.ts";
import { Predictor, type PredictorOptions, predictorOptions } from "./predictor.ts";
import { createTemporaryFolder, listFolder, remove } from "./platform/files.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";

/** How to choose, and how the chosen predict. */
export interface EnsemblerOptions extends Omit<FindBestOptions, "models" | "groundTruth"> {
  /**
   * Folder of true label maps; by default the one of the data set whose results these are, where
   * nnU-Net's three folders lie side by side.
   */
  readonly groundTruth?: string;
  /** How members predict; they average the folds they were chosen by. */
  readonly predictor?: Omit<PredictorOptions, "folds">;
}

/** How far a prediction is. */
export interface EnsemblePredictOptions {
  readonly signal?: AbortSignal;
  /** Called with the share of the work that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Folders to read scans from and to write label maps to. */
export interface EnsemblePredictFolderOptions extends EnsemblePredictOptions {
  readonly input: string;
  readonly output: string;
  /** Cases merged at once; by default one a processor. */
  readonly workers?: number;
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
};

/**
 * The best of several trained models or of their ensembles, with its postprocessing.
 *
 * @example
 * ```ts
 * using ensembler = await Ensembler.fit([trainer2d.modelFolder, trainer3d.modelFolder]);
 * console.table(ensembler.candidates);
 * const segmentation = await ensembler.predict(await readImage(["scan.nii.gz"]));
 * ```
 */
export class Ensembler {
  /** Single models, pairs and larger sets, with their scores. */
  readonly candidates: readonly Candidate[];
  readonly best: Candidate;
  /** What is done to the best one's label maps. */
  readonly postprocessing: readonly PostprocessingStep[];
  /** The choice with all its figures. */
  readonly found: BestConfiguration;
  readonly #voting: Voting;
  readonly #options: PredictorOptions;
  #members: Promise<Predictor[]> | undefined;

  private constructor(found: BestConfiguration, voting: Voting, options: PredictorOptions) {
    this.found = found;
    this.candidates = found.candidates;
    this.best = found.best;
    this.postprocessing = found.postprocessing.steps;
    this.#voting = voting;
    this.#options = options;
  }

  /**
   * Scores models, trained here or in Python, and their ensembles on the cases that their folds
   * were validated on, and determines postprocessing for the best. Ensembles need validation with
   * probabilities.
   *
   * Leaves nnU-Net's files: a model's collected validation in its folder, ensembles in `ensembles`
   * beside the models, and there `inference_information.json` and `inference_instructions.txt`.
   *
   * @param models Folders of models (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`) of one data set,
   * the simplest first.
   * @throws As `findBestConfiguration()`, and if the true label maps are not found.
   */
  static async fit(
    models: readonly string[],
    choice: EnsemblerOptions = {},
  ): Promise<Ensembler> {
    requireKnown(choice, ensemblerOptions, "choose a configuration");
    const { predictor, ...options } = choice;
    if (predictor) requireKnown(predictor, memberOptions, "choose a configuration", "predictor");
    const { folds = [0, 1, 2, 3, 4], voting = "soft" } = options;
    if (models.length === 0) {
      throw new RangeError("Cannot choose a configuration: found no trained model, expected one");
    }
    const groundTruth = options.groundTruth ?? await groundTruthBeside(models[0]);
    const found = await findBestConfiguration({ ...options, models, groundTruth });
    await writeInferenceInformation({ ...found, models, folds, voting });
    return new Ensembler(found, voting, { ...predictor, folds });
  }

  /**
   * Segments every case of a folder, `CASE_0000.nii.gz` and on, into `CASE.nii.gz` of another: all
   * members predict, their probabilities are merged, the result is postprocessed.
   *
   * Probabilities pass through files in the output folder that are gone in the end.
   *
   * @returns The label maps of all cases, in order.
   * @throws As `Predictor.predictFolder()`; label maps appear when all are predicted.
   */
  async predictFolder(options: EnsemblePredictFolderOptions): Promise<string[]> {
    requireKnown(options, predictFolderOptions, "predict");
    const { input, output, workers, signal, onProgress } = options;
    const { fileEnding } = (await this.#open())[0].datasetJson;
    return await this.#withWorkFolder(output, async (folder) => {
      const names = await this.#predictInto(folder, {
        workers,
        signal,
        onProgress,
        predict: (member, output, saveProbabilities, onShare) =>
          member.predictFolder({
            input,
            output,
            saveProbabilities,
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
   * Segments a scan: an image in memory, or the files of its channels.
   *
   * @throws As `Predictor.predict()`.
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

  /** Frees the members' workers; another prediction starts them again. */
  close(): void {
    this.#members?.then((members) => members.forEach((member) => member.close()), () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Has all members predict into folders within one, and merges what they say.
   *
   * @returns The folder that has the label maps.
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
      // Merging and postprocessing are little beside predicting: a tenth of a member's work.
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
      workers,
      signal,
    });
    return merged;
  }

  /** Runs with a hidden folder in another, which is gone in the end. */
  async #withWorkFolder<T>(parent: string, run: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(parent, `.members.${crypto.randomUUID().slice(0, 8)}`);
    try {
      return await run(folder);
    } finally {
      await remove(folder, { recursive: true }).catch(() => {}); // It may never have been made.
    }
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

/** The true label maps of the data set whose results a model's folder is in. */
function groundTruthBeside(model: string): Promise<string> {
  const dataset = dirname(model);
  const root = dirname(dirname(dataset));
  return groundTruthFolder(foldersIn(root), dataset.slice(dirname(dataset).length + 1));
}

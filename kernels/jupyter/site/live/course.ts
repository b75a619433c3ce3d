/**
 * The course's five steps, from phantoms to a trained model, for a page that shows them. Everything
 * is computed by the library; this module says in which order, with which settings, and where the
 * files are.
 */

import { generateDataset } from "../../../../data/phantom_dataset.ts";
import {
  type Configuration,
  Dataset,
  type EpochReport,
  exportHtml,
  type Fingerprint,
  foregroundOf,
  type Image,
  phantomLabels,
  Planner,
  Plans,
  Predictor,
  readImage,
  readSegmentation,
  readTrainingLog,
  type Reason,
  type Segmentation,
  Trainer,
  type TrainingLog,
  type TrainingProgress,
} from "../../../../lib/browser/mod.ts";
import { compareLabels } from "../../../../lib/evaluation/overlap.ts";
import { readSummary } from "../../../../lib/files/summary_file.ts";
import { writeJsonAtomically } from "../../../../lib/platform/atomic_write.ts";
import {
  createTemporaryFolder,
  exists,
  remove,
  removeIfPresent,
} from "../../../../lib/platform/files.ts";
import { fileNames } from "../../../../lib/files/paths.ts";
import { join } from "../../../../lib/platform/paths.ts";
import { readJson } from "../../../../lib/platform/read_text.ts";

/** What the reader chooses. */
export interface CourseSettings {
  /** Number of phantoms to train on; one more is for testing. */
  readonly cases: number;
  /** Millimetres between voxels, along all axes. */
  readonly spacing: number;
  /** Scales noise, coil sensitivity and contrast changes. */
  readonly difficulty: number;
  /** Gigabytes of the GPU that nnU-Net's rules plan for. */
  readonly gpuMemoryTarget: number;
  /** Features of the network's first stage. */
  readonly baseFeatures: number;
  readonly configuration: "2d" | "3d_fullres";
  readonly epochs: number;
  /** Training steps per epoch. */
  readonly iterations: number;
}

/**
 * Settings with which one thread reaches a Dice of 0.8 within three minutes: `deno task bench:live`
 * measured 0.85, after 94 seconds of a processor.
 */
export const defaultSettings: CourseSettings = {
  cases: 8,
  spacing: 1.5,
  difficulty: 1,
  gpuMemoryTarget: 0.02,
  baseFeatures: 8,
  configuration: "3d_fullres",
  epochs: 10,
  iterations: 25,
};

/** How far a step of the course is. */
export type OnProgress = (done: number, total: number) => void;

/** How to observe and abort a training. */
export interface TrainOptions {
  readonly signal: AbortSignal;
  /** Whether to resume from where an earlier call was aborted. */
  readonly resume: boolean;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Called with the fraction of the validation that is done. */
  readonly onValidation: (share: number) => void;
}

/** A prediction of the test case. */
export interface TestResult {
  readonly image: Image;
  readonly truth: Segmentation;
  readonly prediction: Segmentation;
  /** Dice by class; NaN if it is absent. */
  readonly dice: readonly { readonly name: string; readonly dice: number }[];
  readonly meanDice: number;
}

/** Training steps per validation step, as in nnU-Net. */
export const VALIDATED = 5;

/**
 * How every training of the course learns. The notebooks' learning rate of 0.05 needs more steps than
 * a page computes in minutes.
 */
export const learning = { learningRate: 0.1, sgd: { momentum: 0.9 } } as const;

const DATASET = { id: 1, name: "Phantoms" };
const testCase = (cases: number) => `phantom_${`${cases + 1}`.padStart(2, "0")}`;

/** A reader's way through the course, with files below one folder. */
export class Course {
  readonly #root: string;
  #settings: CourseSettings;
  #dataset: Dataset | undefined;
  #fingerprint: Fingerprint | undefined;
  #plans: Plans | undefined;

  private constructor(root: string, settings: CourseSettings) {
    this.#root = root;
    this.#settings = settings;
  }

  /** Opens what an earlier visit has left in a folder, which may be nothing. */
  static async open(root: string): Promise<Course> {
    const settings = join(root, "settings.json");
    const found = await exists(settings) ? await readJson(settings) as CourseSettings : {};
    const course = new Course(root, { ...defaultSettings, ...found });
    // The data set is made last, from phantoms that are complete.
    if (!await exists(join(root, "complete.json"))) return course;
    const dataset = await Dataset.open({ root, id: DATASET.id });
    course.#dataset = dataset;
    course.#plans = await Plans.open({ root, id: DATASET.id, plansName: course.#plansName })
      .catch(() => undefined); // None are made yet, or the page was closed meanwhile.
    course.#fingerprint = course.#plans?.fingerprint;
    return course;
  }

  /** The choices so far. */
  get settings(): CourseSettings {
    return this.#settings;
  }

  /** The plans, once there are some. */
  get plans(): Plans | undefined {
    return this.#plans;
  }

  /** Whether the phantoms are there. */
  get hasCases(): boolean {
    return this.#dataset !== undefined;
  }

  /** Makes phantoms, and a data set of them. */
  async makeCases(
    settings: Pick<CourseSettings, "cases" | "spacing" | "difficulty">,
    { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress } =
      {},
  ): Promise<void> {
    await removeIfPresent(join(this.#root, "complete.json"));
    [this.#dataset, this.#fingerprint, this.#plans] = [undefined, undefined, undefined];
    await this.#keep(settings);
    const { cases, spacing, difficulty } = this.#settings;
    const folder = join(this.#root, "phantoms");
    await generateDataset({
      folder,
      cases: cases + 1,
      spacing: [spacing, spacing, spacing],
      difficulty,
      signal,
      onProgress,
    });
    for (const old of ["nnUNet_preprocessed", "nnUNet_results"]) {
      await removeIfPresent(join(this.#root, old), { recursive: true });
    }
    const dataset = await Dataset.create({
      ...DATASET,
      root: this.#root,
      images: join(folder, "input"),
      labels: join(folder, "ground_truth"),
      channels: ["MRI"],
      classes: Object.keys(phantomLabels).slice(1),
      test: [testCase(cases)],
      overwrite: true,
      signal,
    });
    await writeJsonAtomically(join(this.#root, "complete.json"), {});
    this.#dataset = dataset;
  }

  /** Reads a phantom, from 0; the last one is for testing. */
  async phantom(index: number): Promise<{ readonly image: Image; readonly labels: Segmentation }> {
    const file = `${testCase(index)}.nii.gz`;
    return {
      image: await readImage([join(this.#root, "phantoms/input", file)]),
      labels: await readSegmentation(join(this.#root, "phantoms/ground_truth", file)),
    };
  }

  /**
   * Plans, with the decisions in their order. Plans of other settings are kept, with the networks
   * that were trained with them.
   */
  async plan(
    settings: Pick<CourseSettings, "gpuMemoryTarget" | "baseFeatures" | "configuration">,
    { onProgress }: { readonly onProgress?: OnProgress } = {},
  ): Promise<{ readonly configuration: Configuration; readonly reasons: readonly Reason[] }> {
    const dataset = this.#dataset;
    if (!dataset) throw new Error("Cannot plan: there are no phantoms yet");
    await this.#keep(settings);
    const { gpuMemoryTarget, baseFeatures, configuration } = this.#settings;
    const planner = new Planner({ gpuMemoryTarget, baseFeatures, plansName: this.#plansName });
    const fingerprint = this.#fingerprint ??
      await planner.extractFingerprint(dataset, { workers: 1, onProgress });
    this.#fingerprint = fingerprint;
    this.#plans = await planner.plan(dataset, { fingerprint });
    return {
      configuration: this.#plans.configuration(configuration),
      reasons: planner.explain(dataset, fingerprint),
    };
  }

  /** Preprocesses the cases for the configuration; finished ones are kept. */
  async preprocess(
    { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress } =
      {},
  ): Promise<void> {
    const configurations = [this.#settings.configuration];
    await this.#plans!.preprocess(this.#dataset!, { configurations, signal, onProgress });
  }

  /** Trains fold 0, epoch by epoch, and validates it at the end. */
  async *train(
    settings: Pick<CourseSettings, "epochs" | "iterations">,
    { signal, resume, onProgress, onValidation }: TrainOptions,
  ): AsyncGenerator<EpochReport, void, void> {
    await this.#keep(settings);
    yield* this.#trainer().fit({
      ...{ signal, resume, onProgress },
      overwrite: true,
      onValidation: ({ share }) => onValidation(share),
    });
  }

  /** The epochs of the last training, if there was one. */
  async log(): Promise<TrainingLog | undefined> {
    return this.#plans && (await readTrainingLog(this.trainedFolder))?.log;
  }

  /** Folder of the fold's results. */
  get trainedFolder(): string {
    return this.#trainer().folder;
  }

  /** Whether a training was begun that can be resumed. */
  async canResume(): Promise<boolean> {
    return this.#plans !== undefined &&
      await exists(join(this.trainedFolder, "checkpoint_latest.pth"));
  }

  /** Whether a training has ended. */
  async isTrained(): Promise<boolean> {
    return this.#plans !== undefined &&
      await exists(join(this.trainedFolder, "checkpoint_final.pth"));
  }

  /** Mean Dice of the fold's validation cases, as whole scans; undefined before they are scored. */
  async validationDice(): Promise<number | undefined> {
    const path = join(this.trainedFolder, "validation", fileNames.summary);
    return await exists(path) ? (await readSummary(path)).foregroundMean.dice : undefined;
  }

  /** Removes what was trained with the current plans. */
  async discardTraining(): Promise<void> {
    await removeIfPresent(this.#trainer().modelFolder, { recursive: true });
  }

  /** Segments the test case. */
  async predict(
    { signal, onProgress }: {
      readonly signal?: AbortSignal;
      readonly onProgress?: (share: number) => void;
    } = {},
  ): Promise<TestResult> {
    const { image, labels: truth } = await this.phantom(this.#settings.cases);
    using predictor = await Predictor.open(this.trainedFolder);
    const prediction = await predictor.predict(image, {
      signal,
      onProgress: ({ share }) => onProgress?.(share),
    });
    const classes = foregroundOf(this.#dataset!.json.labels);
    const scores = compareLabels(
      truth.data,
      prediction.data,
      classes.map(({ value }) => value as number),
    );
    const dice = classes.map(({ name }, i) => ({ name, dice: scores[i].dice }));
    const known = dice.filter(({ dice }) => !Number.isNaN(dice));
    const meanDice = known.reduce((sum, { dice }) => sum + dice, 0) / known.length;
    return { image, truth, prediction, dice, meanDice };
  }

  /** Writes the trained model as a page. @param use Called with the path of its file. */
  async exportPage(use: (path: string) => Promise<void>): Promise<void> {
    const folder = await createTemporaryFolder(); // The browser does not keep it.
    try {
      const path = join(folder, "phantoms.html");
      await exportHtml(path, { models: [this.#trainer().modelFolder], folds: [0] });
      await use(path);
    } finally {
      await remove(folder, { recursive: true });
    }
  }

  /** Removes everything. */
  async restart(): Promise<void> {
    await removeIfPresent(this.#root, { recursive: true });
    [this.#dataset, this.#fingerprint, this.#plans] = [undefined, undefined, undefined];
    this.#settings = defaultSettings;
  }

  get #plansName(): string {
    const { gpuMemoryTarget, baseFeatures } = this.#settings;
    return `nnUNetPlans_${gpuMemoryTarget}GB_${baseFeatures}`;
  }

  #trainer(): Trainer {
    if (!this.#plans) throw new Error("Cannot train: there are no plans yet");
    const { configuration, epochs, iterations } = this.#settings;
    return new Trainer(this.#plans, configuration, {
      ...learning,
      fold: 0,
      epochs,
      iterations,
      validationIterations: Math.ceil(iterations / VALIDATED),
      mirrorAxes: [configuration === "2d" ? 1 : 2], // Left and right are alike in a head.
      device: "cpu",
    });
  }

  async #keep(settings: Partial<CourseSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    await writeJsonAtomically(join(this.#root, "settings.json"), this.#settings);
  }
}

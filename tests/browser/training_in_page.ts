/**
 * A small training whose code runs here and, as text, in a page, so that both can be compared. Its
 * functions use nothing but their arguments.
 */

import type * as library from "../../lib/browser/mod.ts";
import type { Library } from "./library_page.ts";

/** What to prepare. */
export interface Preparation {
  readonly root: string;
  /** Millimetres between the phantoms' voxels, (z, y, x). */
  readonly spacing?: library.Zyx;
  readonly planning?: library.PlanningOptions;
}

/** Plans and preprocesses a data set of phantoms, and returns the network's features per stage. */
export async function prepare(
  { datasetFromCases, generatePhantom, phantomLabels, Planner }: Library,
  { root, spacing = [5, 5, 5], planning = { gpuMemoryTarget: 0.1, baseFeatures: 4 } }: Preparation,
): Promise<readonly number[]> {
  const dataset = await datasetFromCases({
    root,
    id: 1,
    name: "Phantoms",
    channels: ["MRI"],
    classes: Object.keys(phantomLabels).slice(1),
    cases: [1, 2, 3, 4, 5].map((seed) => ({
      name: `phantom_${seed}`,
      ...generatePhantom({ seed, spacing }),
    })),
    overwrite: true,
  });
  const plans = await new Planner(planning).plan(dataset);
  await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
  return plans.configuration("3d_fullres").architecture.featuresPerStage;
}

/** How to train. */
export interface TrainingChoice {
  readonly root: string;
  readonly epochs: number;
  readonly iterations: number;
  readonly resume?: boolean;
  /** Number of steps after which to stop; none by default. */
  readonly stopAfter?: number;
  /** Sum of the losses of the current epoch's steps before this call; 0 by default. */
  readonly sumBefore?: number;
}

/** What a training did. */
export interface TrainingOutcome {
  /** Loss of every training step of this call. */
  readonly losses: readonly number[];
  /** Sum of the losses of the steps of the epoch that was trained last. */
  readonly sum: number;
  /** The epochs' losses, validation losses and pseudo Dice, as far as it came. */
  readonly epochs: readonly (readonly number[])[];
  /** Number of epochs that were finished before. */
  readonly finishedBefore: number;
  /** Folder of the fold's results. */
  readonly folder: string;
  readonly stopped: boolean;
}

/** A page's or this program's global object, which says how far {@link train} is. */
export interface TrainingState {
  /** Number of steps of the training that runs or ran last. */
  trainedSteps: number;
}

/** Trains on what {@link prepare} has made, and counts the steps in {@link TrainingState}. */
export async function train(
  nnunet: Library,
  { root, epochs, iterations, resume = false, stopAfter = Infinity, sumBefore = 0 }: TrainingChoice,
): Promise<TrainingOutcome> {
  const { Plans, Trainer } = nnunet;
  const plans = await Plans.open({ root, id: 1 });
  const trainer = new Trainer(plans, "3d_fullres", {
    epochs,
    iterations,
    validationIterations: 2,
    device: "cpu",
    threads: 1,
  });
  const stop = new AbortController();
  const losses: number[] = [];
  const state = globalThis as unknown as TrainingState;
  state.trainedSteps = 0;
  let sum = sumBefore;
  let log: library.TrainingLog | undefined;
  let finishedBefore = 0;
  let stopped = false;
  try {
    const reports = trainer.fit({
      resume,
      overwrite: true,
      validation: false,
      signal: stop.signal,
      onStart: ({ finishedEpochs }) => finishedBefore = finishedEpochs,
      onProgress({ phase, iteration, loss }) {
        if (phase !== "training") return;
        // The mean of the epoch so far is reported.
        if (iteration === 1) sum = 0;
        losses.push(iteration * loss - sum);
        state.trainedSteps = losses.length;
        sum = iteration * loss;
        if (losses.length >= stopAfter) stop.abort(new Error("stopped"));
      },
    });
    for await (const report of reports) log = report.log;
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    stopped = true;
  }
  log = (await nnunet.readTrainingLog(trainer.folder))?.log ?? log;
  const table = [log?.trainLosses ?? [], log?.valLosses ?? [], log?.meanForegroundDice ?? []];
  return {
    losses,
    sum,
    epochs: (log?.trainLosses ?? []).map((_, epoch) => table.map((values) => values[epoch])),
    finishedBefore,
    folder: trainer.folder,
    stopped,
  };
}

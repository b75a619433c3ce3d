/** The models that `deno task parity:pages` trains, and the scans that they segment. */

import { join } from "@std/path";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { datasetFromCases, type MemoryCase } from "../../lib/browser/dataset_from_cases.ts";
import type { ConfigurationName } from "../../lib/files/plans.ts";
import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import { Planner } from "../../lib/planner.ts";
import type { PlanningOptions } from "../../lib/planning/plan_dataset.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";
import { generatePhantom, phantomLabels } from "../../data/phantom.ts";
import { realScansFolder } from "./real_scans.ts";
import { shortTrainingOptimizer } from "./short_training.ts";

/** A model to train, and the cases to train it on; the last ones are segmented. */
export interface PageSubject {
  readonly name: string;
  readonly channels?: readonly string[];
  readonly classes: readonly string[] | Readonly<Record<string, readonly number[]>>;
  readonly regionsClassOrder?: readonly number[];
  readonly cases: () => Promise<readonly MemoryCase[]>;
  /** What to train, in order: the stages of a cascade, or one. */
  readonly configurations?: readonly ConfigurationName[];
  readonly planner?: PlanningOptions;
  readonly trainer?: TrainerOptions;
  /** Number of scans to segment. */
  readonly scans: number;
}

/** A model of a {@link PageSubject}. */
export interface TrainedModel {
  readonly configuration: ConfigurationName;
  /** Its results folder. */
  readonly folder: string;
}

const phantomClasses = Object.keys(phantomLabels).slice(1);

/**
 * Phantoms of some spacing.
 *
 * @param options.channels Number of channels, of which all but the first are copies; 1 by default.
 * @param options.labelOf What becomes of a label.
 */
function phantoms(
  spacing: Zyx,
  { channels = 1, labelOf = (label) => label }: {
    readonly channels?: number;
    readonly labelOf?: (label: number) => number;
  } = {},
): () => Promise<MemoryCase[]> {
  return () =>
    Promise.resolve([1, 2, 3].map((seed) => {
      const { image, labels } = generatePhantom({ seed, spacing });
      const data = new Float32Array(channels * image.data.length);
      for (let i = 0; i < data.length; i++) {
        const c = Math.floor(i / image.data.length);
        data[i] = image.data[i % image.data.length] * (c === 1 ? -1 : 1) + 10 * c;
      }
      return {
        name: `phantom_${seed}`,
        image: { ...image, channels, data },
        labels: { ...labels, data: Uint8Array.from(labels.data, labelOf) },
      };
    }));
}

/** Real scans of a folder. */
function realScans(folder: string, count: number): () => Promise<MemoryCase[]> {
  return async () => {
    const [images, labels] = ["input", "ground_truth"].map((part) =>
      join(realScansFolder!, folder, part)
    );
    const names = Array.from(Deno.readDirSync(images), ({ name }) => name).sort().slice(0, count);
    return await Promise.all(names.map(async (name) => ({
      name: name.replace(/\..*$/, ""),
      image: await readImage([join(images, name)]),
      labels: await readSegmentation(join(labels, name)),
    })));
  };
}

/** A phantom network that segments a scan of 512×512×200 voxels within some minutes. */
export const largeSubject: PageSubject = {
  name: "large",
  classes: phantomClasses,
  cases: phantoms([2, 1.6, 1.6]),
  planner: { baseFeatures: 4 },
  trainer: { mirrorAxes: [], epochs: 7 },
  scans: 0,
};

/** The models to compare; those of real scans are missing without `NNUNET_TEST_DATA`. */
export const pageSubjects: readonly PageSubject[] = [
  ...realScansFolder
    ? [
      {
        name: "hippocampus",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 8),
        scans: 3,
      },
      {
        name: "hippocampus in 2D",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 8),
        configurations: ["2d"],
        scans: 2,
      },
      {
        name: "hippocampus, residual encoder",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 8),
        planner: { planner: "nnUNetPlannerResEncM" },
        scans: 2,
      },
      {
        name: "the CT",
        channels: ["CT"],
        classes: ["body"],
        cases: realScans("ct", 1),
        scans: 1,
      },
    ] satisfies PageSubject[]
    : [],
  {
    name: "an anisotropic scan",
    classes: phantomClasses,
    cases: phantoms([5, 1.5, 1.5]),
    trainer: { epochs: 7 },
    scans: 2,
  },
  {
    name: "2D with three channels",
    channels: ["one", "two", "three"],
    classes: phantomClasses,
    cases: phantoms([4, 2, 2], { channels: 3 }),
    trainer: { epochs: 7 },
    configurations: ["2d"],
    scans: 2,
  },
  {
    name: "regions",
    classes: { whole: phantomClasses.map((_, i) => i + 1), first: [1] },
    regionsClassOrder: [2, 1],
    cases: phantoms([2.5, 2.5, 2.5]),
    scans: 2,
  },
  {
    name: "a cascade",
    classes: ["cerebrum", "cerebellum"],
    cases: phantoms([1.25, 1.25, 1.25], { labelOf: (label) => Math.ceil(label / 2) }),
    configurations: ["3d_lowres", "3d_cascade_fullres"],
    // Little enough that a patch covers less than a quarter of a phantom.
    planner: { gpuMemoryTarget: 0.01, baseFeatures: 4 },
    trainer: { epochs: 7 },
    scans: 2,
  },
];

/**
 * Trains the models of a subject on all of its cases, in so few steps that they err but predict every
 * class.
 *
 * @param root Folder of nnU-Net's folders.
 * @param id Id of the data set.
 */
export async function trainSubject(
  subject: PageSubject,
  root: string,
  id: number,
): Promise<{ readonly models: readonly TrainedModel[]; readonly cases: readonly MemoryCase[] }> {
  const { channels = ["MRI"], configurations = ["3d_fullres"] } = subject;
  const cases = await subject.cases();
  const dataset = await datasetFromCases({
    ...{ root, id, name: "Pages", channels, cases },
    classes: subject.classes,
    regionsClassOrder: subject.regionsClassOrder,
  });
  const planner = new Planner({ gpuMemoryTarget: 0.02, baseFeatures: 8, ...subject.planner });
  const plans = await planner.plan(dataset);
  await plans.preprocess(dataset, { configurations, workers: 1 });
  const models: TrainedModel[] = [];
  const { learningRate, momentum } = shortTrainingOptimizer;
  for (const configuration of configurations) {
    const trainer = new Trainer(plans, configuration, {
      ...{ fold: "all", epochs: 3, iterations: 20, validationIterations: 1, device: "cpu" },
      ...{ learningRate, sgd: { momentum } },
      // All patches show foreground and none is augmented, so that few steps are enough.
      ...{ oversampling: { share: 1 }, transforms: { pipeline: [] } },
      ...subject.trainer,
    });
    // The second stage of a cascade trains on what the first one's validation segments.
    const validation = configuration === configurations.at(-1) ? false : {};
    for await (const _ of trainer.fit({ validation }));
    models.push({ configuration, folder: trainer.modelFolder });
  }
  return { models, cases };
}

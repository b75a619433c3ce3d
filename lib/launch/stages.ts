/**
 * Makes the graph of an nnU-Net: prepare, train every fold, choose the best configuration, predict.
 *
 * ```
 * prepare ─┬─ train_2d ──────────────────────────────┬─ best ─ predict
 *          ├─ train_3d_fullres ──────────────────────┤
 *          └─ train_3d_lowres ─ train_3d_cascade_… ──┘
 * ```
 *
 * A cascade's second stage needs the first one's segmentations of all training cases, so it follows
 * all folds of the first stage.
 */

import type { Fold } from "../dataset/splits.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import type { Folders } from "../files/folders.ts";
import { join } from "../platform/paths.ts";
import type { Job, LeftOut, Stage } from "./stage.ts";

/** A configuration of the plans, as far as the order of jobs depends on it. */
export interface PlannedConfiguration {
  /** Name of the configuration. */
  readonly name: string;
  /** The configuration whose segmentations it refines, in a cascade. */
  readonly previousStage?: string;
}

/** What to train. */
export interface StagesRequest {
  /** Number of the data set. */
  readonly id: number;
  /** Name of the data set's folder, such as `Dataset004_Hippocampus`. */
  readonly dataset: string;
  /** nnU-Net's folders. */
  readonly folders: Folders;
  /** Name of the plans. */
  readonly plansName: string;
  /** Name of the planner, if the data set is to be planned. */
  readonly planner?: string;
  /** Configurations of existing plans; undefined if the data set has no plans yet. */
  readonly planned?: readonly PlannedConfiguration[];
  /** Name of the trainer. */
  readonly trainer: string;
  /** Configurations to train; by default those of the plans that nnU-Net plans. */
  readonly configurations?: readonly string[];
  /** Folds to train. */
  readonly folds: readonly Fold[];
  /** Number of folds that the cases are split into. */
  readonly splits: number;
  /** More arguments of `train`. */
  readonly trainArguments: readonly string[];
  /** Scans to segment with the best configuration. */
  readonly predict?: { readonly input: string; readonly output: string };
}

/** The stages, and what is not among them. */
export interface Stages {
  /** The stages; each comes after those that it needs. */
  readonly stages: readonly Stage[];
  /** What is left out, with the reasons. */
  readonly leftOut: readonly LeftOut[];
  /** What is run though it was not asked for, in sentences. */
  readonly added: readonly string[];
}

/** Configurations that nnU-Net plans, the simplest first. */
const usual: readonly PlannedConfiguration[] = [
  { name: "2d" },
  { name: "3d_fullres" },
  { name: "3d_lowres" },
  { name: "3d_cascade_fullres", previousStage: "3d_lowres" },
];

/**
 * Returns what has to be run.
 *
 * @throws {RangeError} If the plans have none of the configurations, or no fold is named.
 */
export function stagesOf(request: StagesRequest): Stages {
  const { folds, planned, plansName } = request;
  if (folds.length === 0) throw new RangeError("Cannot launch: no fold, expected at least one");
  const known = planned ?? usual;
  const wanted = request.configurations ?? usual.map(({ name }) => name);
  const leftOut: LeftOut[] = [];
  const added: string[] = [];
  const chosen = new Map<string, PlannedConfiguration>();
  for (const name of wanted) {
    const found = known.find((each) => each.name === name);
    // Before planning, any name may turn out to be planned.
    const configuration = found ?? (planned ? undefined : { name });
    if (configuration) chosen.set(name, configuration);
    else leftOut.push({ what: name, why: `not in ${plansName}` });
  }
  if (chosen.size === 0) {
    throw new RangeError(
      `Cannot launch ${wanted.join(", ")}: ${plansName} has ${names(known)}`,
    );
  }
  for (const { name, previousStage } of [...chosen.values()]) {
    if (previousStage === undefined || chosen.has(previousStage)) continue;
    chosen.set(
      previousStage,
      known.find((each) => each.name === previousStage) ?? {
        name: previousStage,
      },
    );
    added.push(`${name} refines ${previousStage}, which is trained first`);
  }
  const ordered = inOrder([...chosen.values()]);
  const crossValidated = folds.filter((fold) => fold !== "all");
  const isCompared = crossValidated.length > 0;
  const saveProbabilities = isCompared && ordered.length > 1;

  const trainings = ordered.map((configuration) => {
    const all = foldsOf(configuration, ordered, request);
    const more = all.filter((fold) => !folds.includes(fold));
    if (more.length > 0) {
      added.push(
        `${configuration.name} is trained on folds ${
          more.join(", ")
        } as well: the next stage needs ` +
          "its segmentations of all cases",
      );
    }
    return training(request, configuration, all, saveProbabilities);
  });
  const stages = [preparation(request, ordered), ...trainings];
  if (isCompared) stages.push(comparison(request, ordered, crossValidated));
  else {
    leftOut.push({
      what: "the best configuration",
      why: "folds trained on all cases have no validation cases to compare",
    });
  }
  if (request.predict) {
    const stage = prediction(request, request.predict, ordered, isCompared);
    if (stage) stages.push(stage);
    else {
      leftOut.push({
        what: `segmenting ${request.predict.input}`,
        why: "several configurations were trained on all cases, and none is known to be the best",
      });
    }
  }
  return { stages, leftOut, added };
}

function names(configurations: readonly PlannedConfiguration[]): string {
  return configurations.map(({ name }) => name).join(", ");
}

/** Sorts a first stage before its second stage. */
function inOrder(configurations: PlannedConfiguration[]): PlannedConfiguration[] {
  const sorted: PlannedConfiguration[] = [];
  const add = (configuration: PlannedConfiguration) => {
    if (sorted.includes(configuration)) return;
    const previous = configurations.find(({ name }) => name === configuration.previousStage);
    // Plans whose stages name each other in a circle are refused when they are read.
    if (previous && previous !== configuration) add(previous);
    sorted.push(configuration);
  };
  configurations.forEach(add);
  return sorted;
}

/** Returns the folds to train of a configuration: all of them for a cascade's first stage. */
function foldsOf(
  { name }: PlannedConfiguration,
  configurations: readonly PlannedConfiguration[],
  { folds, splits }: StagesRequest,
): Fold[] {
  const isRefined = configurations.some(({ previousStage }) => previousStage === name);
  const unique = [...new Set(folds)];
  if (!isRefined || unique.every((fold) => fold === "all")) return unique;
  const all: Fold[] = Array.from({ length: splits }, (_, fold) => fold);
  return [...new Set([...all, ...unique])];
}

function preparation(
  { id, dataset, folders, plansName, planner, planned }: StagesRequest,
  configurations: readonly PlannedConfiguration[],
): Stage {
  const chosen = ["-c", ...configurations.map(({ name }) => name)];
  const args = planned ? ["preprocess", "-d", `${id}`, "-plans_name", plansName, ...chosen] : [
    ...["plan_and_preprocess", "-d", `${id}`, ...planner ? ["-pl", planner] : []],
    ...["-overwrite_plans_name", plansName, ...chosen],
  ];
  return stageOf({
    name: "prepare",
    title: planned ? "preprocesses all cases" : "plans, and preprocesses all cases",
    args,
    saves: { folder: join(folders.preprocessed, dataset), files: "*" },
    needs: [],
  });
}

function training(
  request: StagesRequest,
  { name: configuration, previousStage }: PlannedConfiguration,
  folds: readonly Fold[],
  saveProbabilities: boolean,
): Stage {
  const { id, plansName, trainer, trainArguments, planned } = request;
  const name = trainStageName(configuration);
  const model = modelFolder(request, configuration);
  return {
    name,
    title: `trains ${configuration}`,
    jobs: folds.map((fold): Job => {
      const folder = join(model, fileNames.fold(fold));
      return {
        name: `${name}_${fold}`,
        args: [
          ...["train", `${id}`, configuration, `${fold}`, "-p", plansName, "-tr", trainer, "--c"],
          ...saveProbabilities ? ["--npz"] : [],
          ...trainArguments,
        ],
        saves: { folder, files: "checkpoint_*.pth" },
        training: { fold, folder },
      };
    }),
    needs: ["prepare", ...previousStage === undefined ? [] : [trainStageName(previousStage)]],
    computes: true,
    ...planned ? {} : { onlyIfPlanned: configuration },
  };
}

function comparison(
  { id, dataset, folders, plansName, trainer }: StagesRequest,
  configurations: readonly PlannedConfiguration[],
  folds: readonly Fold[],
): Stage {
  return stageOf({
    name: "best",
    title: "chooses the best configuration",
    args: [
      ...["find_best_configuration", `${id}`, "-p", plansName, "-tr", trainer],
      ...["-c", ...configurations.map(({ name }) => name), "-f", ...folds.map(String)],
    ],
    saves: { folder: join(folders.results, dataset), files: "*" },
    needs: configurations.map(({ name }) => trainStageName(name)),
  });
}

/** Returns the stage that predicts; undefined if it is not known with which configuration. */
function prediction(
  request: StagesRequest,
  { input, output }: { readonly input: string; readonly output: string },
  configurations: readonly PlannedConfiguration[],
  isCompared: boolean,
): Stage | undefined {
  const { id, plansName, trainer } = request;
  const refined = configurations.map(({ previousStage }) => previousStage);
  const candidates = configurations.filter(({ name }) => !refined.includes(name));
  if (!isCompared && candidates.length > 1) return undefined;
  const [{ name }] = candidates;
  return stageOf({
    name: "predict",
    title: `segments ${input}`,
    args: isCompared
      ? [
        ...["predict_best", "-d", `${id}`, "-i", input, "-o", output, "--continue_prediction"],
      ]
      : [
        ...["predict", "-d", `${id}`, "-i", input, "-o", output, "-c", name, "-f", "all"],
        ...["-p", plansName, "-tr", trainer, "--continue_prediction"],
      ],
    saves: { folder: output, files: "*" },
    needs: isCompared ? ["best"] : configurations.map(({ name }) => trainStageName(name)),
    computes: true,
  });
}

function stageOf(
  { args, saves, computes = false, ...stage }: {
    readonly name: string;
    readonly title: string;
    readonly args: readonly string[];
    readonly saves: Job["saves"];
    readonly needs: readonly string[];
    readonly computes?: boolean;
  },
): Stage {
  return { ...stage, computes, jobs: [{ name: stage.name, args, saves }] };
}

function trainStageName(configuration: string): string {
  return `train_${configuration}`;
}

function modelFolder(
  { folders, dataset, trainer, plansName }: StagesRequest,
  configuration: string,
): string {
  return join(folders.results, dataset, modelFolderName(trainer, plansName, configuration));
}

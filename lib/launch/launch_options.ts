/** Options of a launch. */

import type { FoldersOrRoot } from "../dataset/dataset.ts";
import type { Fold } from "../dataset/splits.ts";
import type { KnownOptions } from "../options/require_known.ts";
import type { EngineName } from "./engine_name.ts";

/** How pods of Kubernetes run `nnunet`. */
export interface ContainerOptions {
  /** Image with the command `nnunet`, such as this project's Dockerfile makes. */
  readonly image: string;
  /** Name of the claim of the volume that all pods share. */
  readonly claim: string;
  /** Where pods see the volume; nnU-Net's folders and the launch's folder are inside. */
  readonly mount: string;
  /** The jobs' namespace; that of `kubectl` by default. */
  readonly namespace?: string;
}

/** What to launch, and how. */
export interface LauncherChoices {
  /** Number of the data set. */
  readonly id: number;
  /**
   * Folder of scripts, states and logs, which all machines share; `launch` in the data set's results
   * by default.
   */
  readonly folder?: string;
  /** The scheduler; `local`, this machine, by default. */
  readonly engine?: EngineName;
  /** Name of the plans; `nnUNetPlans` by default. */
  readonly plansName?: string;
  /** Name of the planner if the data set has no plans yet, such as `nnUNetPlannerResEncL`. */
  readonly planner?: string;
  /** Name of the trainer; `nnUNetTrainer` by default. */
  readonly trainer?: string;
  /** Configurations to train; by default all that nnU-Net plans. */
  readonly configurations?: readonly string[];
  /** Folds to train; all five by default. */
  readonly folds?: readonly Fold[];
  /** More arguments of the command `train`, such as `["--epochs", "100"]`. */
  readonly trainArguments?: readonly string[];
  /** Scans to segment with the best configuration at the end. */
  readonly predict?: {
    /** Folder of scans. */
    readonly input: string;
    /** Folder for the label maps. */
    readonly output: string;
  };
  /** GPUs of a job that trains or predicts; 1 by default, on this machine 0. */
  readonly gpus?: number;
  /** Processors of a job; 8 by default, on this machine its share of all. */
  readonly cpus?: number;
  /** Memory of a job, such as `32G`, the default; unlimited on this machine. */
  readonly memory?: string;
  /** Time after which a job is ended, such as `24:00:00`, the default; unlimited on this machine. */
  readonly time?: string;
  /** Seconds before that in which a job saves its state; 300 by default. */
  readonly graceSeconds?: number;
  /** Largest number of a stage's jobs that run at the same time; on this machine of all jobs, by default 1. */
  readonly maxParallel?: number;
  /** More words for the scheduler, such as `["-p", "gpu", "-A", "lab"]`. */
  readonly engineArguments?: readonly string[];
  /** Script that a job's shell runs first, for modules and variables. */
  readonly setup?: string;
  /** File that describes the scheduler `template`. */
  readonly template?: string;
  /** How pods run; required for Kubernetes. */
  readonly container?: ContainerOptions;
}

/** Options of a `Launcher`: what to launch, and nnU-Net's folders. */
export type LauncherOptions = FoldersOrRoot & LauncherChoices;

/** The options. */
export const launcherOptions: KnownOptions<LauncherOptions> = {
  id: true,
  root: true,
  folders: true,
  folder: true,
  engine: true,
  plansName: true,
  planner: true,
  trainer: true,
  configurations: true,
  folds: true,
  trainArguments: true,
  predict: true,
  gpus: true,
  cpus: true,
  memory: true,
  time: true,
  graceSeconds: true,
  maxParallel: true,
  engineArguments: true,
  setup: true,
  template: true,
  container: true,
};

/** The options of {@link ContainerOptions}. */
export const containerOptions: KnownOptions<ContainerOptions> = {
  image: true,
  claim: true,
  mount: true,
  namespace: true,
};

/** What is run for an nnU-Net: stages, each of one job or of one for every fold. */

import type { Fold } from "../dataset/splits.ts";

/** A command to run, on whichever machine is free. */
export interface Job {
  /** Name, also that of its state, its log and its configuration's place in tables: `train_2d_0`. */
  readonly name: string;
  /** Arguments of `nnunet`. */
  readonly args: readonly string[];
  /**
   * Where the command saves what a later attempt continues from. A job whose time is up is queued
   * again only if a file there is newer than its beginning.
   */
  readonly saves: {
    readonly folder: string;
    /** Pattern of the files' names, as `find -name` takes it. */
    readonly files: string;
  };
  /** The fold that it trains, and the folder of the results; undefined for other jobs. */
  readonly training?: { readonly fold: Fold; readonly folder: string };
}

/** Jobs that differ in their fold only, and run at the same time. */
export interface Stage {
  /** Name, from which files' and jobs' names are made: `train_2d`. */
  readonly name: string;
  /** What it does, such as "trains 2d". */
  readonly title: string;
  /** The jobs; their place in this list is their number in an array of jobs. */
  readonly jobs: readonly Job[];
  /** Names of stages all of whose jobs have to be done before. */
  readonly needs: readonly string[];
  /** Whether it computes with a network, for which a GPU is used if there is one. */
  readonly computes: boolean;
  /**
   * A configuration that the plans may turn out not to have; its jobs are then left out. Undefined
   * once plans exist.
   */
  readonly onlyIfPlanned?: string;
}

/** Something that was asked for, or could have been, and is not run. */
export interface LeftOut {
  /** What, such as "3d_lowres". */
  readonly what: string;
  /** Why, such as "not in nnUNetPlans". */
  readonly why: string;
}

/** Returns the jobs of stages, in the order of the stages. */
export function jobsOf(stages: readonly Stage[]): Job[] {
  return stages.flatMap(({ jobs }) => jobs);
}

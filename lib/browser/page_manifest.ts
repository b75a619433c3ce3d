/** What an exported page contains, as JSON in the page. */

import type { Voting } from "../ensembling/voting.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";
import type { PageFacts } from "./segmenter.ts";

/** A model's networks. */
export interface PageModel {
  /** Names of the ONNX models of its folds, whose logits are averaged. */
  readonly networks: readonly string[];
  /** For the second stage of a cascade, the first. */
  readonly firstStage?: PageModel;
}

/** What a page segments scans with. */
export interface PageManifest {
  readonly facts: PageFacts;
  /** The members of an ensemble, or one model. */
  readonly members: readonly PageModel[];
  /** How the members' probabilities are merged. */
  readonly voting: Voting;
  /** What is done to label maps, in order. */
  readonly postprocessing: readonly PostprocessingStep[];
  /** Whether its files are beside it, rather than in the page itself. */
  readonly isFolder: boolean;
}

/** Identifiers of the elements of an exported page. */
export const elementIds = { manifest: "nnunet-manifest", root: "nnunet-page" } as const;

/** Class of the elements that contain a page's files. */
export const fileClass = "nnunet-file";

/** Names of the files that every page has, besides those of its networks. */
export const pageFileNames = {
  page: "page.js",
  workers: "workers.js",
  threads: "onnxruntime_threads.mjs",
  niivue: "niivue.js",
} as const;

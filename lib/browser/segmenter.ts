/** What a page needs to know about its model, and how it segments scans. */

import type { Image, Segmentation } from "../image/image.ts";
import type { ScanGrid } from "../inference/case_memory.ts";

/** A model, or several whose probabilities are averaged, that segments scans in this page. */
export interface Segmenter {
  /** What the page says about the model. */
  readonly facts: PageFacts;
  /**
   * Segments a scan. Scans are segmented one after another.
   *
   * @param scan The scan, (c, z, y, x); it is copied.
   * @param options How to observe and abort the work, which ends within a second.
   * @returns The label map, on the scan's grid.
   * @throws {TypeError} If the scan has another number of channels than the model, or is a picture and
   * the model takes volumes.
   * @throws {RangeError} If an intensity is not finite.
   * @throws {MemoryError} If the page's memory is too small; this is checked before any work is done,
   * and the remedy says what would fit.
   * @throws The signal's reason, if it is aborted.
   */
  segment(scan: Image, options?: SegmentOptions): Promise<Segmentation>;
  /** Estimates the memory that a scan needs, and the page's limit, in bytes. */
  need(scan: ScanGrid): Promise<{ readonly bytes: number; readonly limit: number }>;
  /** Says where networks run; chosen with the first scan, by a check. */
  device(): Promise<PageDevice>;
  /** Ends the workers; another scan starts them again. */
  close(): void;
}

/** Where networks run. */
export interface PageDevice {
  readonly device: "cpu" | "webgpu";
  /** Why, as a sentence. */
  readonly why: string;
}

/** How to observe and abort a segmentation. */
export interface SegmentOptions {
  /** Aborts the work. */
  readonly signal?: AbortSignal;
  /** Called while the work goes on. */
  readonly onProgress?: (progress: SegmentProgress) => void;
}

/** Progress of a segmentation. */
export interface SegmentProgress {
  /** Fraction of the work that is done, from 0 to 1. */
  readonly share: number;
  /** Estimated seconds left; infinite before anything is done. */
  readonly secondsLeft: number;
  /** What is being done, in words. */
  readonly what: string;
}

/** A class: a label, or a region of several. */
export interface PageClass {
  readonly name: string;
  /** Its label in a predicted label map, in which later regions overwrite earlier ones. */
  readonly label: number;
  /** The labels that it covers: its own, or those of the region. */
  readonly labels: readonly number[];
}

/** What a page says about its model. It is made when the page is exported. */
export interface PageFacts {
  /** Name of the data set. */
  readonly name: string;
  /** Names of the configurations whose probabilities are averaged. */
  readonly configurations: readonly string[];
  /** Name of the trainer; undefined for models exported as ONNX, which do not say. */
  readonly trainer?: string;
  /** The folds that are averaged; empty for models exported as ONNX. */
  readonly folds: readonly (number | "all")[];
  /** The scan's channels, in order. */
  readonly channels: readonly { readonly name: string; readonly normalization: string }[];
  /** The classes except the background. */
  readonly classes: readonly PageClass[];
  /** mm, (z, y, x), or (y, x) of a 2D network; of the first configuration. */
  readonly spacing: readonly number[];
  /** Voxels, (z, y, x), or (y, x) of a 2D network; of the first configuration. */
  readonly patchSize: readonly number[];
  /** The label of voxels that are not annotated, if there is one. */
  readonly ignoreLabel?: number;
  /** Name of nnU-Net's reader as which scans are read. */
  readonly reader: string;
  /** Ending of the data set's files, such as `.nii.gz`. */
  readonly fileEnding: string;
  /** Scores on cases that the folds did not train on, if they were validated. */
  readonly validation?: {
    readonly meanDice: number;
    readonly cases: number;
    readonly perClass: readonly { readonly name: string; readonly dice: number }[];
  };
  /** Bytes of the networks. */
  readonly modelBytes: number;
  /** The day on which the page was made, such as `2026-11-30`. */
  readonly created: string;
  /** Version of this library. */
  readonly version: string;
}

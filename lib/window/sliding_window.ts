/** Prediction of a whole volume by overlapping tiles: the interface, whatever device computes. */

import type { NdArray, Shape } from "../array/nd_array.ts";
import type { LogitsVisitor } from "../labels/logits_box.ts";

/** How networks go over volumes. */
export interface SlidingWindowOptions {
  /** (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  readonly heads: number;
  /** Step as a fraction of the tile; nnU-Net's 0.5 by default. */
  readonly stepSize?: number;
  /** Spatial axes of the tile to average over both directions of; none by default. */
  readonly mirrorAxes?: readonly number[];
  /** Whether a tile's centre counts more than its margin, as a Gaussian; true by default. */
  readonly gaussian?: boolean;
}

/** How a run over one volume is watched and ended. */
export interface SlidingWindowRun {
  /**
   * Called as passes are done. A pass is one fold's network on one mirrored view of one tile; `total`
   * counts all of them.
   */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between passes. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/**
 * Networks of several folds, loaded to go over volumes of any size.
 *
 * A voxel's logits are the mean over folds and over the tiles that cover it, weighted by
 * {@link gaussianWeights}; a tile's are the mean over its mirrored views.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 */
export interface SlidingWindow {
  /**
   * Predicts a volume as a whole.
   *
   * @param volume (c, z, y, x)
   * @returns Logits, (heads, z, y, x).
   * @throws What the signal throws.
   * @throws {DeviceMemoryError} If the device has too little memory for the volume.
   */
  logits(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    run?: SlidingWindowRun,
  ): Promise<NdArray<Float32Array<ArrayBuffer>>>;

  /**
   * Predicts a volume and hands its logits out box by box, each as soon as it is final. Together
   * the boxes cover the volume. Where a device holds all logits until the end, there is one box.
   *
   * @param volume (c, z, y, x)
   * @throws What the signal or the visitor throws.
   * @throws {DeviceMemoryError} If the device has too little memory for the volume.
   */
  forEachBox(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    visit: LogitsVisitor,
    run?: SlidingWindowRun,
  ): Promise<void>;

  /** Frees the networks' memory. */
  close(): Promise<void>;
}

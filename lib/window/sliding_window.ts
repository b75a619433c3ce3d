/** Defines the interface of sliding windows, which predict a volume from overlapping tiles. */

import type { NdArray, Shape, Zyx } from "../array/nd_array.ts";
import type { LogitsVisitor } from "../labels/logits_box.ts";

/** How networks predict volumes. */
export interface SlidingWindowOptions {
  /** Voxels per axis, (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  /** Number of channels of the logits. */
  readonly heads: number;
  /** Step as a fraction of the tile; nnU-Net's 0.5 by default. */
  readonly stepSize?: number;
  /** Axes of the tile along which to average over mirrored views; none by default. */
  readonly mirrorAxes?: readonly number[];
  /** Whether to weight a tile's voxels by {@link gaussianWeights}; true by default. */
  readonly gaussian?: boolean;
}

/** How to observe and abort the prediction of a volume. */
export interface SlidingWindowRun {
  /**
   * Called after passes with the number of finished passes and of all passes. A pass is one fold's
   * network on one mirrored view of one tile.
   */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between passes. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/**
 * Networks of several folds, loaded to predict volumes of any size.
 *
 * A voxel's logits are the mean over folds and the {@link gaussianWeights}-weighted mean over the
 * tiles that cover it; a tile's logits are the mean over its mirrored views.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 */
export interface SlidingWindow {
  /**
   * Predicts a volume and returns all its logits at once.
   *
   * @param volume (c, z, y, x)
   * @param run How to observe and abort the prediction.
   * @returns Logits, (heads, z, y, x).
   * @throws What the signal throws.
   * @throws {DeviceMemoryError} If the device has too little memory for the volume.
   */
  logits(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    run?: SlidingWindowRun,
  ): Promise<NdArray<Float32Array<ArrayBuffer>>>;

  /**
   * Predicts a volume and passes its logits to the visitor box by box, each as soon as it is final.
   * Together the boxes cover the volume. If a device holds all logits until the end, there is one
   * box.
   *
   * @param volume (c, z, y, x)
   * @param visit Receives the boxes.
   * @param run How to observe and abort the prediction.
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

/** The memory that a sliding window needs. */
export interface WindowNeeds {
  /** Whether all logits of a volume are in this machine's memory at once. */
  readonly holdsAllLogits: boolean;
  /** Bytes of this machine's memory for the networks and their activations. */
  readonly networkBytes: number;
  /**
   * Checks whether a volume fits into the device's memory.
   *
   * @param shape Voxels per axis, (z, y, x).
   * @throws {DeviceMemoryError} If it does not; the remedy says what would fit.
   */
  requireFits(shape: Zyx): void;
}

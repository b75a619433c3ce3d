/** Decides labels from logits on several threads. */

import type { Labels } from "../array/labels.ts";
import { type Shape, sizeOf } from "../array/nd_array.ts";
import { Remote } from "../runtime/remote.ts";
import type { Heads } from "../model/heads.ts";
import { labelRuleOf } from "./label_rule.ts";
import { LabelTarget, methodsTo, type TargetGrid } from "./label_target.ts";
import type { LabelApi } from "./label_worker.ts";
import { labelWhole } from "./label_whole.ts";
import type { LogitsBox, LogitsVisitor } from "./logits_box.ts";
import { haveTwoTaps } from "../preprocessing/axis_methods.ts";
import { workerAddress } from "../platform/workers.ts";
import { processorCount } from "../platform/processors.ts";
import { hasSharedMemory, isShared, newSharedMemory } from "../platform/shared_memory.ts";

/** Number of interpolated logits per case from which several threads are faster than one. */
const WORTH_SHARING = 2e7;

/** Bytes of logits to copy to shared memory at once, if they are not in shared memory already. */
const SLAB_BYTES = 6.4e7;

/**
 * Decides labels on this thread and, for cases large enough, on workers, which start with the first
 * such case. Each thread decides a share of every box's planes, so memory does not grow with the
 * number of threads.
 */
export class LabelThreads {
  readonly #threads: number;
  #workers: Promise<readonly Remote<LabelApi>[]> | undefined;

  /** @param threads Number of threads, this one included; all cores by default. */
  constructor(threads: number = processorCount()) {
    this.#threads = threads;
  }

  /**
   * Decides a case's labels on other grids.
   *
   * @param from Voxels per axis of the logits' grid, (z, y, x).
   * @param grids Grids to decide labels on.
   * @param heads What the network's heads stand for.
   * @param predict Calls the visitor with boxes that together cover the volume.
   * @returns One label map per grid, (z, y, x).
   * @throws What `predict` throws.
   */
  async label(
    from: Shape,
    grids: readonly TargetGrid[],
    heads: Heads,
    predict: (visit: LogitsVisitor) => Promise<void>,
  ): Promise<Labels[]> {
    if (!grids.every((grid) => haveTwoTaps(methodsTo(grid, from), from, grid.shape))) {
      return await labelWhole(from, grids, heads, predict, this.#threads);
    }
    const rule = labelRuleOf(heads, "logits");
    const work = heads.count * grids.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (this.#threads === 1 || work < WORTH_SHARING || !hasSharedMemory()) {
      const targets = grids.map((grid) => LabelTarget.of(from, grid, rule));
      await predict((box) => targets.forEach((target) => target.add(box)));
      return targets.map(({ labels }) => labels);
    }
    const workers = await (this.#workers ??= connect(this.#threads - 1));
    const labels = grids.map(({ shape }) => newSharedLabels(rule.highestLabel, sizeOf(shape)));
    const targets = grids.map((grid, i) => new LabelTarget(from, grid, rule, labels[i]));
    await Promise.all(workers.map((worker) => worker.call("open", [from, grids, heads, labels])));
    try {
      await predict(shareAmong(targets, workers));
    } finally {
      await Promise.all(workers.map((worker) => worker.call("close", [])));
    }
    return labels.map((shared) => shared.slice() as Labels); // Copies out of shared memory.
  }

  /** Terminates the workers. */
  async close(): Promise<void> {
    for (const worker of await this.#workers ?? []) worker.close();
  }
}

function connect(count: number): Promise<Remote<LabelApi>[]> {
  const module = workerAddress("./label_worker.ts", import.meta);
  return Promise.all(Array.from({ length: count }, () => Remote.connect<LabelApi>(module)));
}

/** Creates background labels in shared memory, of a type that holds the highest label. */
function newSharedLabels(highestLabel: number, size: number): Labels<ArrayBufferLike> {
  return highestLabel > 255
    ? new Uint16Array(newSharedMemory(2 * size))
    : new Uint8Array(newSharedMemory(size));
}

/** Returns a visitor that has this thread and each worker decide a share of every box's planes. */
function shareAmong(
  targets: readonly LabelTarget<ArrayBufferLike>[],
  workers: readonly Remote<LabelApi>[],
): LogitsVisitor {
  const of = workers.length + 1;
  const add = async (box: LogitsBox) => {
    const rest = workers.map((worker, i) => worker.call("add", [box, { index: i + 1, of }]));
    for (const target of targets) target.add(box, { index: 0, of });
    await Promise.all(rest);
  };
  return async (box) => {
    for (const part of isShared(box.data.buffer) ? [box] : slabsOf(box)) await add(part);
  };
}

/** Copies a box slab by slab into shared memory, which each slab overwrites. */
function* slabsOf({ shape: [heads, ...size], data, origin }: LogitsBox): Generator<LogitsBox> {
  const [depth, height, width] = size;
  const plane = height * width;
  const planes = Math.min(depth, Math.max(1, Math.floor(SLAB_BYTES / (4 * heads * plane))));
  const buffer = newSharedMemory(4 * heads * (planes + 1) * plane);
  for (let begin = 0; begin < depth; begin += planes) {
    const first = Math.max(0, begin - 1);
    const end = Math.min(depth, begin + planes);
    const length = (end - first) * plane;
    const slab = new Float32Array(buffer, 0, heads * length);
    for (let head = 0; head < heads; head++) {
      const from = (head * depth + first) * plane;
      slab.set(data.subarray(from, from + length), head * length);
    }
    yield {
      shape: [heads, end - first, height, width],
      data: slab,
      origin: [origin[0] + first, origin[1], origin[2]],
    };
  }
}

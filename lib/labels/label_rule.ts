/** How labels follow from logits, seen one head at a time so that no one holds them all. */

import { type DatasetJson, foregroundOf, hasRegions, labelCount } from "../files/dataset_json.ts";

/** What the heads of a network stand for; plain data. */
export interface Heads {
  readonly count: number;
  /**
   * Where heads are regions, which may overlap: the label painted for each, in order. Otherwise
   * heads are the labels 0, 1, 2, …
   */
  readonly painted?: readonly number[];
}

/** The heads of a network for a data set. */
export function headsOf({ labels, regionsClassOrder }: DatasetJson): Heads {
  if (!hasRegions(labels)) return { count: labelCount(labels) };
  return { count: foregroundOf(labels).length, painted: regionsClassOrder };
}

/** Label buffers, as wide as the highest label needs. */
export type Labels<B extends ArrayBufferLike = ArrayBuffer> = Uint8Array<B> | Uint16Array<B>;

/** Turns logits into labels, one plane of voxels after the other. */
export interface LabelRule {
  readonly highestLabel: number;
  /**
   * Takes one head's logits of a plane. Heads come in ascending order, all of one plane before the
   * next plane; `labels` is that plane's and final after the last head.
   */
  readonly take: (head: number, logits: Float32Array, labels: Labels) => void;
}

/**
 * The head with the largest logit is the label; of equal ones the first.
 *
 * @param heads Number of heads, one a label, background first.
 */
export function largestLogit(heads: number): LabelRule {
  let largest = new Float32Array(0);
  return {
    highestLabel: heads - 1,
    take(head, logits, labels) {
      if (head === 0) {
        if (largest.length !== logits.length) largest = new Float32Array(logits.length);
        largest.set(logits);
        labels.fill(0);
        return;
      }
      for (let i = 0; i < logits.length; i++) {
        if (logits[i] > largest[i]) {
          largest[i] = logits[i];
          labels[i] = head;
        }
      }
    },
  };
}

/** nnU-Net's rule for heads: the largest logit's label, or every likely region painted over. */
export function labelRuleOf({ count, painted }: Heads): LabelRule {
  return painted ? paintRegions(painted) : largestLogit(count);
}

/**
 * Every region that is likelier than not is painted over those before it.
 *
 * @param painted The label of each region, in the order of the heads.
 */
export function paintRegions(painted: readonly number[]): LabelRule {
  return {
    highestLabel: Math.max(...painted),
    take(head, logits, labels) {
      if (head === 0) labels.fill(0);
      // A sigmoid is above one half where its logit is above zero.
      for (let i = 0; i < logits.length; i++) if (logits[i] > 0) labels[i] = painted[head];
    },
  };
}

/** A buffer as wide as the highest label needs. */
export function labelBuffer(highestLabel: number, size: number): Labels {
  return highestLabel > 255 ? new Uint16Array(size) : new Uint8Array(size);
}

/** The same for several threads. */
export function sharedLabelBuffer(highestLabel: number, size: number): Labels<SharedArrayBuffer> {
  return highestLabel > 255
    ? new Uint16Array(new SharedArrayBuffer(2 * size))
    : new Uint8Array(new SharedArrayBuffer(size));
}

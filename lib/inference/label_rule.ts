/** How labels follow from logits, seen one head at a time so that no one holds them all. */

/** Label buffers, as wide as the highest label needs. */
export type Labels = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

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

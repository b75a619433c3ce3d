/** Decides the label of a resampled voxel from the weights of labels around it. */

/**
 * How the label is chosen:
 *
 * - `nearest`: the label with the most weight; in a tie the nearest voxel's if it takes part,
 *   otherwise the lowest, as batchgenerators does.
 * - `half precision`: as nnU-Net with PyTorch: weights are compared in float16, in thousandths; a
 *   label above 700 wins, the highest if there are several, otherwise the one with the most weight,
 *   the lowest in a tie.
 * - `majority`: the highest label with more than half of the weight, 0 if there is none.
 * - `float32 majority`: the same, of weights that are rounded to float32 first.
 */
export type VotingRule = "nearest" | "half precision" | "majority" | "float32 majority";

/** Weights that differ by less are equal: splines of many voxels are rounded differently. */
const ROUNDING = 1e-12;

/** In float16, the next number above 700. */
const CLEAR = 700.5;

/** Sums of weights for at most eight labels, reused for every voxel. */
export class Vote {
  readonly #rule: VotingRule;
  readonly #labels = new Int16Array(8);
  readonly #weights = new Float64Array(8);
  #count = 0;

  /** @param rule How the label is chosen. */
  constructor(rule: VotingRule) {
    this.#rule = rule;
  }

  clear(): void {
    this.#count = 0;
  }

  add(label: number, weight: number): void {
    let entry = 0;
    while (entry < this.#count && this.#labels[entry] !== label) entry++;
    if (entry === this.#count) {
      this.#labels[entry] = label;
      this.#weights[entry] = 0;
      this.#count++;
    }
    this.#weights[entry] += weight;
  }

  /** Returns the chosen label. @param nearest The nearest voxel's label. */
  winner(nearest: number): number {
    if (this.#rule === "majority") return this.#majority((weight) => weight);
    if (this.#rule === "float32 majority") return this.#majority(Math.fround);
    if (this.#rule === "half precision") return this.#inHalfPrecision();
    let best = 0;
    let label = this.#labels[0];
    for (let entry = 0; entry < this.#count; entry++) {
      const weight = this.#weights[entry];
      const candidate = this.#labels[entry];
      const wins = weight > best || (weight === best && label !== nearest &&
        (candidate === nearest || candidate < label));
      if (wins) {
        best = weight;
        label = candidate;
      }
    }
    return label;
  }

  /** Weights are shares of 1 here: no two labels are above one half. */
  #majority(rounded: (weight: number) => number): number {
    for (let entry = 0; entry < this.#count; entry++) {
      if (rounded(this.#weights[entry]) > 0.5) return this.#labels[entry];
    }
    return 0;
  }

  #inHalfPrecision(): number {
    let best = -Infinity;
    let label = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      const weight = inHalfPrecision(this.#weights[entry]);
      const candidate = this.#labels[entry];
      if (weight > best || (weight === best && candidate < label)) {
        best = weight;
        label = candidate;
      }
    }
    return label;
  }
}

/** Decides the labels of many voxels from one label's weights after another, in ascending order. */
export class VoteOfAll {
  readonly #rule: VotingRule;
  readonly #nearest: Int16Array;
  readonly #winners: Int16Array;
  readonly #best: Float64Array;

  /** @param nearest The labels of the nearest voxels. */
  constructor(rule: VotingRule, nearest: Int16Array) {
    this.#rule = rule;
    this.#nearest = nearest;
    this.#winners = new Int16Array(nearest.length);
    this.#best = new Float64Array(nearest.length).fill(-Infinity);
  }

  add(label: number, weights: Float64Array): void {
    const [nearest, winners, best] = [this.#nearest, this.#winners, this.#best];
    if (this.#rule === "majority") {
      for (let i = 0; i < weights.length; i++) {
        if (weights[i] > 0.5 + ROUNDING) winners[i] = label;
      }
    } else if (this.#rule === "float32 majority") {
      for (let i = 0; i < weights.length; i++) {
        if (Math.fround(weights[i]) > 0.5) winners[i] = label;
      }
    } else if (this.#rule === "half precision") {
      for (let i = 0; i < weights.length; i++) {
        const weight = inHalfPrecision(weights[i]);
        if (weight < CLEAR && !(weight > best[i])) continue;
        winners[i] = label;
        best[i] = weight < CLEAR ? weight : Infinity;
      }
    } else {
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i];
        if (!(weight > best[i] || (weight === best[i] && label === nearest[i]))) continue;
        winners[i] = label;
        best[i] = weight;
      }
    }
  }

  /** The labels that won. */
  get winners(): Int16Array {
    return this.#winners;
  }
}

/** A label's weight in thousandths, as a float16. */
function inHalfPrecision(weight: number): number {
  return Math.f16round(1000 * weight);
}

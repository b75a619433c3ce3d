/** How the probabilities of several models become one label map. */

/**
 * `soft`: probabilities are averaged. `hard`: in each voxel the member that is surest decides, as in
 * nnU-Net's first tutorials; a single confident member outvotes any number of hesitant ones.
 */
export type Voting = "soft" | "hard";

/** What the heads of probability maps stand for. */
export interface HeadMeaning {
  /** One a label, background first; or one a region. */
  readonly heads: number;
  /**
   * With regions: the label painted for each, in painting order, wherever its probability is above
   * one half.
   */
  readonly regionsClassOrder?: readonly number[];
}

/** Label buffers, as wide as the highest label needs. */
type Labels = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/**
 * A vote on every voxel of a scan. Heads are taken one after another, so that the probabilities of
 * all of them need never be in memory: between heads a vote holds a label and a probability a
 * voxel.
 *
 * Means are taken in single precision, member by member, as nnU-Net does.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/ensembling/ensemble.py
 */
export class Vote {
  /** Final after the last head. */
  readonly labels: Labels;
  readonly #voting: Voting;
  readonly #regionsClassOrder: readonly number[] | undefined;
  /** The largest probability so far; not needed for regions. */
  readonly #largest: Float32Array;
  /** The member that it comes from, for hard voting. */
  readonly #deciders: Uint8Array;

  constructor(voxels: number, { heads, regionsClassOrder }: HeadMeaning, voting: Voting) {
    const highest = Math.max(...regionsClassOrder ?? [heads - 1]);
    this.labels = highest > 255 ? new Uint16Array(voxels) : new Uint8Array(voxels);
    this.#voting = voting;
    this.#regionsClassOrder = regionsClassOrder;
    // Of heads that cannot be above 0, the first is the label.
    this.#largest = new Float32Array(regionsClassOrder ? 0 : voxels).fill(-Infinity);
    this.#deciders = new Uint8Array(this.hasDeciders ? voxels : 0);
  }

  /**
   * Whether one member decides all heads of a voxel, which is known only after the last of them;
   * {@link decided} then tells what it said.
   */
  get hasDeciders(): boolean {
    return this.#voting === "hard" && !this.#regionsClassOrder;
  }

  /**
   * Takes what the members say of one head in some voxels.
   *
   * @param head Ascending: all voxels of one before the next.
   * @param begin The first of the voxels.
   * @param members One probability a voxel each; the first is overwritten.
   * @returns The first member's buffer with what the vote makes of them: the mean, or of a region
   * the surest probability. Without meaning where the vote {@link hasDeciders}.
   */
  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array {
    if (this.hasDeciders) {
      this.#decide(head, begin, members);
      return members[0];
    }
    const merged = this.#voting === "soft" ? meanOf(members) : surestOf(members);
    if (this.#regionsClassOrder) this.#paint(this.#regionsClassOrder[head], begin, merged);
    else this.#compare(head, begin, merged);
    return merged;
  }

  /** As {@link take} after the last head, once more from the first: what the deciders say. */
  decided(begin: number, members: readonly Float32Array[]): Float32Array {
    const merged = members[0];
    for (let i = 0; i < merged.length; i++) merged[i] = members[this.#deciders[begin + i]][i];
    return merged;
  }

  #paint(label: number, begin: number, probabilities: Float32Array) {
    for (let i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0.5) this.labels[begin + i] = label;
    }
  }

  #compare(head: number, begin: number, probabilities: Float32Array) {
    for (let i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > this.#largest[begin + i]) {
        this.#largest[begin + i] = probabilities[i];
        this.labels[begin + i] = head;
      }
    }
  }

  #decide(head: number, begin: number, members: readonly Float32Array[]) {
    for (const [member, probabilities] of members.entries()) {
      for (let i = 0; i < probabilities.length; i++) {
        if (probabilities[i] > this.#largest[begin + i]) {
          this.#largest[begin + i] = probabilities[i];
          this.labels[begin + i] = head;
          this.#deciders[begin + i] = member;
        }
      }
    }
  }
}

/** Mean of the members, in the first one's buffer. */
function meanOf([sum, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  const count = others.length + 1;
  for (let i = 0; i < sum.length; i++) sum[i] /= count;
  return sum;
}

/** Of the members' probabilities the one farthest from one half, in the first one's buffer. */
function surestOf([surest, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) {
    for (let i = 0; i < surest.length; i++) {
      if (Math.abs(other[i] - 0.5) > Math.abs(surest[i] - 0.5)) surest[i] = other[i];
    }
  }
  return surest;
}

/** Shows how Dice and cross-entropy judge a small object, by their formulas. */

/** Share of a patch's voxels that belong to the object. */
const OBJECT = 0.001;
/** Probability that a sure network leaves for the wrong class. */
const DOUBT = 1e-5;

/** A quantity over an axis, for each of the two losses. */
export interface Comparison {
  readonly x: readonly number[];
  readonly dice: readonly number[];
  readonly crossEntropy: readonly number[];
}

/** Points per curve. */
const POINTS = 41;

/**
 * Returns both losses while more and more of a small object is found; Dice as one minus itself. The
 * network is sure of every voxel, rightly or wrongly.
 *
 * @param object The object's share of the patch.
 */
export function lossesWhileFound(object = OBJECT): Comparison {
  const x = Array.from({ length: POINTS }, (_, i) => i / (POINTS - 1));
  const diceOf = (found: number) => {
    const overlap = object * (found * (1 - DOUBT) + (1 - found) * DOUBT);
    const predicted = overlap + (1 - object) * DOUBT;
    return 1 - 2 * overlap / (object + predicted);
  };
  const crossEntropyOf = (found: number) => {
    const wrong = object * (1 - found);
    return -wrong * Math.log(DOUBT) - (1 - wrong) * Math.log(1 - DOUBT);
  };
  return { x, dice: x.map(diceOf), crossEntropy: x.map(crossEntropyOf) };
}

/**
 * Returns how strongly each loss pulls at the logit of the object's voxels, as a fraction of its
 * strongest pull, for the probability that the network gives them.
 *
 * @param object The object's share of the patch.
 */
export function pullOnLogits(object = OBJECT): Comparison {
  const x = Array.from({ length: POINTS }, (_, i) => 0.001 + 0.998 * i / (POINTS - 1));
  // Soft Dice is 2op / (o + op + d) for the object's share o, its probability p, and the probability
  // d that is wasted on the background. The last factor leads from the probability to the logit.
  const wasted = (1 - object) * DOUBT;
  const dice = x.map((p) =>
    2 * object * (object + wasted) / (object + object * p + wasted) ** 2 * p * (1 - p)
  );
  const crossEntropy = x.map((p) => object * (1 - p));
  return { x, dice: toHighest(dice), crossEntropy: toHighest(crossEntropy) };
}

function toHighest(values: readonly number[]): number[] {
  const highest = Math.max(...values);
  return values.map((value) => value / highest);
}

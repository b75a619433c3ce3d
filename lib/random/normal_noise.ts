/**
 * Normal numbers by the million, an order of magnitude faster than one by one.
 *
 * @see G. Marsaglia and W. W. Tsang, The Ziggurat Method for Generating Random Variables, Journal of
 * Statistical Software 5 (2000)
 */

import { createGenerator, type Generator } from "./generator.ts";

/** Layers of equal area that cover the right half of the density; the lowest has the tail. */
const LAYERS = 256;
/** Where the tail begins, and a layer's area, for that number of layers. */
const TAIL = 3.6541528853610088;
const AREA = 4.92867323399e-3;
/** A number is made of 24 bits, the other 8 choose its layer. */
const STEPS = 2 ** 23;

const layers = makeLayers();

function makeLayers() {
  const density = (x: number) => Math.exp(-0.5 * x * x);
  /** Below this many steps a number lies within the layer above, and so under the density. */
  const sure = new Int32Array(LAYERS);
  const width = new Float64Array(LAYERS);
  const top = new Float64Array(LAYERS);
  let x = TAIL, outer = TAIL;
  const base = AREA / density(TAIL);
  sure[0] = TAIL / base * STEPS;
  width[0] = base / STEPS;
  top[0] = 1;
  width[LAYERS - 1] = TAIL / STEPS;
  top[LAYERS - 1] = density(TAIL);
  for (let layer = LAYERS - 2; layer >= 1; layer--) {
    x = Math.sqrt(-2 * Math.log(AREA / x + density(x)));
    sure[layer + 1] = x / outer * STEPS;
    outer = x;
    top[layer] = density(x);
    width[layer] = x / STEPS;
  }
  return { sure, width, top };
}

/** What noise follows from, to the bit: four 32-bit words. */
export type NoiseSeed = readonly number[];

/** A seed of noise. */
export function drawNoiseSeed(generator: Generator): NoiseSeed {
  return Array.from({ length: 4 }, () => generator.integer(0, 2 ** 32) | 0);
}

/** Numbers drawn and forgotten, until the seed's words are mixed. */
const WARM_UP = 16;

/**
 * Adds to every value a number of the normal distribution with mean 0.
 *
 * The numbers follow from the seed: a small fast counting generator (C. Doty-Humphrey's sfc32)
 * gives one for each. What its ziggurat's layer does not settle at once, one in eighty, takes more
 * numbers from {@link createGenerator}, seeded by the first word.
 *
 * @param sigma Standard deviation of what is added.
 */
export function addNormals(target: Float32Array, seed: NoiseSeed, sigma: number): void {
  const { sure } = layers;
  const width = layers.width.map((one) => one * sigma);
  const further = createGenerator(seed[0]);
  // All in variables of this function, which are seen to be integers: a call a number would cost
  // more than the number, and so would numbers of no known kind.
  let a = seed[0] | 0, b = seed[1] | 0, c = seed[2] | 0, counter = seed[3] | 0;
  for (let i = -WARM_UP; i < target.length; i++) {
    const bits = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + bits) | 0;
    if (i < 0) continue;
    const layer = bits & (LAYERS - 1), steps = bits >> 8;
    if (Math.abs(steps) < sure[layer]) target[i] += steps * width[layer];
    else target[i] += sigma * settle(layer, steps, further);
  }
}

/** The number where it is under the density or in the tail, otherwise another. */
function settle(layer: number, steps: number, generator: Generator): number {
  const { width, top } = layers;
  if (layer === 0) return steps > 0 ? drawBeyondTail(generator) : -drawBeyondTail(generator);
  const x = steps * width[layer];
  const height = top[layer] + generator.uniform() * (top[layer - 1] - top[layer]);
  return height < Math.exp(-0.5 * x * x) ? x : generator.normal();
}

function drawBeyondTail(generator: Generator): number {
  for (;;) {
    const beyond = -Math.log(1 - generator.uniform()) / TAIL;
    const height = -Math.log(1 - generator.uniform());
    if (2 * height >= beyond * beyond) return TAIL + beyond;
  }
}

/**
 * Normal numbers by the million, an order of magnitude faster than one by one.
 *
 * @see G. Marsaglia and W. W. Tsang, The Ziggurat Method for Generating Random Variables, Journal of
 * Statistical Software 5 (2000)
 */

import { createGenerator, type Generator } from "./generator.ts";

/** Layers of equal area that cover the right half of the density; the lowest has the tail. */
const LAYERS = 128;
/** Where the tail begins, and a layer's area, for that number of layers. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
/** A number is made of 24 bits, the lowest 7 of the other 8 choose its layer. */
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

/** What noise follows from, to the bit: eight 32-bit words. */
export type NoiseSeed = readonly number[];

/** A seed of noise. */
export function drawNoiseSeed(generator: Generator): NoiseSeed {
  return Array.from({ length: 8 }, () => generator.integer(0, 2 ** 32) | 0);
}

/** Numbers drawn and forgotten, until the seed's words are mixed. */
const WARM_UP = 16;

/**
 * Adds to every value a number of the normal distribution with mean 0.
 *
 * The numbers follow from the seed: those at even places from one counting generator (C.
 * Doty-Humphrey's sfc32) of the first four words, those at odd places from another of the last four,
 * since a generator's next number has to wait for the last. Where a ziggurat's layer does not
 * settle a number at once, which is one in fifty, {@link createGenerator} goes on, seeded by the
 * first word.
 *
 * @param sigma Standard deviation of what is added.
 */
export function addNormals(target: Float32Array, seed: NoiseSeed, sigma: number): void {
  const { sure } = layers;
  const width = layers.width.map((one) => one * sigma);
  const further = createGenerator(seed[0]);
  // All in variables of this function: a call a number would cost more than the number.
  let [a, b, c, counter, p, q, r, otherCounter] = seed;
  for (let i = -2 * WARM_UP; i < target.length; i += 2) {
    const bits = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + bits) | 0;
    const otherBits = (((p + q) | 0) + otherCounter) | 0;
    otherCounter = (otherCounter + 1) | 0;
    p = q ^ (q >>> 9);
    q = (r + (r << 3)) | 0;
    r = (((r << 21) | (r >>> 11)) + otherBits) | 0;
    if (i < 0) continue;
    const layer = bits & (LAYERS - 1), steps = bits >> 8;
    target[i] += Math.abs(steps) < sure[layer]
      ? steps * width[layer]
      : sigma * settle(layer, steps, further);
    if (i + 1 === target.length) break;
    const otherLayer = otherBits & (LAYERS - 1), otherSteps = otherBits >> 8;
    target[i + 1] += Math.abs(otherSteps) < sure[otherLayer]
      ? otherSteps * width[otherLayer]
      : sigma * settle(otherLayer, otherSteps, further);
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

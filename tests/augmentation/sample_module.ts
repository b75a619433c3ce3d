/** A transform as a module of its own, for the tests: it may import. */

import { createGenerator } from "../../lib/random/generator.ts";
import type { TransformFunction } from "../../lib/augmentation/custom_transform.ts";

const addSeven: TransformFunction = (sample) => {
  const { shape, data } = sample.image;
  const seven = 7 + 0 * createGenerator(1).uniform();
  return { ...sample, image: { shape, data: data.map((value) => value + seven) } };
};

export default addSeven;

/** Generators whose state is a value, and NumPy's legacy generator for nnU-Net's splits. */

export { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
export { mersenne } from "npm:pure-rand@8.4.2/generator/mersenne";
export {
  xoroshiro128plus,
  xoroshiro128plusFromState,
} from "npm:pure-rand@8.4.2/generator/xoroshiro128plus";

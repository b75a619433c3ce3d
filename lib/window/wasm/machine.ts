/** Defines what the steps of a network compute in. */

type Kernels = Readonly<Record<string, (...parameters: number[]) => void>>;

/** What steps compute in. */
export interface Machine {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** Address of the results of sums and of the parameters of affine functions. */
  readonly parameters: number;
  /** Address of the panels of convolutions. */
  readonly panels: number;
}

/** Computes a node's output. */
export type Step = (machine: Machine) => void;

/** Numbers that are written once, before the first run. */
export interface Constant {
  readonly floats: number;
  /** Address in bytes, once it is known. */
  address: number;
  fill(target: Float32Array): void;
}

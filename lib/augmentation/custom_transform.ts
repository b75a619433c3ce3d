/**
 * Transforms of a user's own, on their way into the workers that make batches.
 *
 * A worker cannot be given a function, but its text, or the address of a module. So a function must
 * be complete in itself: names from around it do not exist where it runs.
 */

import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { createGenerator, type Generator } from "../random/generator.ts";
import type { TransformName } from "./transform_names.ts";
import { type Sample, type Transform, withProbability } from "./transform.ts";

/** Longest edge in voxels of the sample that functions are tried on. */
const REHEARSAL_EXTENT = 8;

/**
 * Augments a sample in one go, with all chance taken from the generator. It returns a sample of its
 * own and never writes into the one it is given, and keeps the number of channels.
 */
export type TransformFunction = (sample: Sample, generator: Generator) => Sample;

/** A transform to add to nnU-Net's. */
export interface CustomTransform {
  /**
   * A function that uses nothing but its arguments and JavaScript's globals (no imports, no names
   * from around it, no `this`), since its text is compiled anew in every worker; or the address of
   * a module whose default export is such a function, which may import what it likes, or a
   * {@link Transform}.
   */
  readonly transform: TransformFunction | URL;
  /** For messages; the function's own by default. */
  readonly name?: string;
  /** Share of the samples it is applied to, by default all. */
  readonly probability?: number;
  /** nnU-Net's transform that it comes right before, by default `maskOutside`, after mirroring. */
  readonly before?: string;
  /** nnU-Net's transform that it comes right after. */
  readonly after?: string;
}

/**
 * Which transforms a training uses: nnU-Net's with some added, or a list of one's own, in which
 * nnU-Net's appear by their names. nnU-Net's last steps, from `maskOutside` on, always follow.
 *
 * @example Noise that depends on the intensity, and no scaling or rotation
 * ```ts
 * const speckle = (sample, generator) => {
 *   const { shape, data } = sample.image;
 *   return { ...sample, image: { shape, data: data.map((v) => v * (1 + 0.1 * generator.normal())) } };
 * };
 * new Trainer(plans, "2d", { transforms: [{ transform: speckle, probability: 0.1, after: "gamma" }] });
 * new Trainer(plans, "2d", { transforms: { pipeline: [{ transform: speckle }, "mirroring"] } });
 * ```
 */
export type TransformChoice =
  | readonly CustomTransform[]
  | { readonly pipeline: readonly (TransformName | CustomTransform)[] };

/** A {@link CustomTransform} that can be sent to a worker. */
export interface PortableTransform extends Omit<CustomTransform, "transform" | "name"> {
  readonly name: string;
  readonly code: { readonly source: string } | { readonly module: string };
}

/** A {@link TransformChoice} of them. */
export type PortableChoice =
  | readonly PortableTransform[]
  | { readonly pipeline: readonly (TransformName | PortableTransform)[] };

/** A {@link CustomTransform} where it runs. */
export interface CompiledTransform extends Pick<CustomTransform, "before" | "after"> {
  readonly transform: Transform;
}

/** A {@link TransformChoice} of those. */
export type CompiledChoice =
  | readonly CompiledTransform[]
  | { readonly pipeline: readonly (TransformName | CompiledTransform)[] };

/**
 * The choice as plain data.
 *
 * @throws {TypeError} If a transform is neither a function with a text nor an address.
 * @throws {RangeError} If a probability is not within 0–1, or a place is given twice.
 */
export function toPortable(choice: TransformChoice): PortableChoice {
  return mapChoice(choice, ({ transform, name, ...rest }) => {
    if (typeof transform !== "function" && !(transform instanceof URL)) {
      throw new TypeError(
        `Cannot use transform "${name}": it is of type ${typeof transform}, ` +
          "expected a function or the URL of a module",
      );
    }
    const called = name ??
      (transform instanceof URL ? transform.pathname.split("/").pop()! : transform.name);
    const { probability = 1, before, after } = rest;
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(
        `Cannot use transform "${called}": probability is ${probability}, expected 0 to 1`,
      );
    }
    if (before !== undefined && after !== undefined) {
      throw new RangeError(
        `Cannot use transform "${called}": it stands before "${before}" and after "${after}", ` +
          "expected one of the two",
      );
    }
    if (transform instanceof URL) {
      return { ...rest, name: called, code: { module: `${transform}` } };
    }
    const source = Function.prototype.toString.call(transform);
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw new TypeError(
        `Cannot use transform "${called}": it is a bound or built-in function, ` +
          "expected one that has a text",
      );
    }
    return { ...rest, name: called, code: { source } };
  });
}

/**
 * The choice with its transforms made runnable. Functions that came as text are tried on a small
 * sample, so that one that needs names from around it is told before training begins.
 *
 * @param patchSize Spatial shape of the samples to come.
 * @throws {SyntaxError} If a text is not a function.
 * @throws {TypeError} If a module's default export is neither a function nor a {@link Transform}.
 * @throws {Error} If a module cannot be loaded, or a function lacks a name.
 */
export async function compileChoice(
  choice: PortableChoice,
  patchSize: Shape,
): Promise<CompiledChoice> {
  const entries = "pipeline" in choice ? choice.pipeline : choice;
  const compiled = new Map<unknown, CompiledTransform>();
  for (const entry of entries) {
    if (typeof entry === "string") continue;
    const { name, code, probability = 1, before, after } = entry;
    const transform = "module" in code
      ? await importTransform(name, code.module)
      : fromFunction(name, rehearsed(name, compileFunction(name, code.source), patchSize));
    compiled.set(entry, {
      transform: probability === 1 ? transform : withProbability(probability, transform),
      before,
      after,
    });
  }
  return mapChoice(choice, (entry) => compiled.get(entry)!);
}

function mapChoice<A extends object, B>(
  choice: readonly A[] | { readonly pipeline: readonly (TransformName | A)[] },
  map: (entry: A) => B,
) {
  return "pipeline" in choice
    ? { pipeline: choice.pipeline.map((one) => typeof one === "string" ? one : map(one)) }
    : choice.map(map);
}

function compileFunction(name: string, source: string): TransformFunction {
  // The text of a method, `apply(sample) { … }`, is no expression, but one in an object is.
  for (const text of [`return (${source}\n)`, `return Object.values({${source}\n})[0]`]) {
    try {
      const made = new Function(`"use strict"; ${text}`)();
      if (typeof made === "function") return made;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw new SyntaxError(
    `Cannot use transform "${name}": its text is not a function: ${source.slice(0, 80)}`,
  );
}

/** The function, after a try that shows whether all names it uses exist. */
function rehearsed(name: string, run: TransformFunction, patchSize: Shape): TransformFunction {
  const shape = patchSize.map((extent) => Math.min(extent, REHEARSAL_EXTENT));
  const generator = createGenerator(0);
  try {
    run({
      image: {
        shape: [1, ...shape],
        data: Float32Array.from({ length: sizeOf(shape) }, () => generator.normal()),
      },
      segmentation: { shape, data: new Int16Array(sizeOf(shape)) },
    }, generator);
  } catch (cause) {
    // Anything else may be due to the sample, and would show in the first batch.
    if (cause instanceof ReferenceError) throw new Error(explain(name, cause), { cause });
  }
  return run;
}

async function importTransform(name: string, module: string): Promise<Transform> {
  let exported: unknown;
  try {
    exported = (await import(module)).default;
  } catch (cause) {
    throw new Error(
      `Cannot use transform "${name}": ${module} cannot be loaded: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (typeof exported === "function") return fromFunction(name, exported as TransformFunction);
  const { draw, apply } = (exported ?? {}) as Partial<Transform>;
  if (typeof draw === "function" && typeof apply === "function") {
    return { ...exported as Transform, name };
  }
  throw new TypeError(
    `Cannot use transform "${name}": the default export of ${module} is of type ` +
      `${typeof exported}, expected a function or an object with draw and apply`,
  );
}

/** Parameters are the seed of the generator that the function gets. */
function fromFunction(name: string, run: TransformFunction): Transform<number> {
  return {
    name,
    draw: (generator) => generator.integer(0, 2 ** 31),
    apply(sample, seed) {
      let result: Sample;
      try {
        result = run(sample, createGenerator(seed));
      } catch (cause) {
        throw new Error(explain(name, cause), { cause });
      }
      requireSample(name, result, sample);
      return result;
    },
  };
}

function explain(name: string, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return cause instanceof ReferenceError
    ? `Cannot use transform "${name}": ${message} where it runs, in a worker; expected a function ` +
      "that uses its arguments and JavaScript's globals only, or the URL of a module"
    : `Transform "${name}" failed: ${message}`;
}

function requireSample(name: string, result: Sample, { image, segmentation }: Sample) {
  const described = result?.image?.data instanceof Float32Array &&
    result.segmentation?.data instanceof Int16Array;
  if (!described) {
    throw new TypeError(
      `Transform "${name}" failed: it returned no sample, expected an image of a Float32Array ` +
        "and a segmentation of an Int16Array",
    );
  }
  const same = sameShape(result.image.shape, image.shape) &&
    sameShape(result.segmentation.shape, segmentation.shape) &&
    result.image.data.length === image.data.length &&
    result.segmentation.data.length === segmentation.data.length;
  if (!same) {
    throw new RangeError(
      `Transform "${name}" failed: it returned an image of [${result.image.shape}] and a ` +
        `segmentation of [${result.segmentation.shape}], expected [${image.shape}] and ` +
        `[${segmentation.shape}]`,
    );
  }
}

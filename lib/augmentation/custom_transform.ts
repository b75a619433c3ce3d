/**
 * Sends a user's transforms to the workers that make batches.
 *
 * A function cannot be sent to a worker, but its source text or a module's URL can. A function must
 * therefore be self-contained: outer variables do not exist where it runs.
 */

import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { createGenerator, type Generator } from "../random/generator.ts";
import type { TransformName } from "./transform_names.ts";
import { type Sample, type Transform, withProbability } from "./transform.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { reasonOf } from "../options/reason_of.ts";

/** Longest edge in voxels of the sample that functions are tested on. */
const REHEARSAL_EXTENT = 8;

/**
 * Augments a sample, drawing all random numbers from the generator. It returns a new sample with
 * the same shapes and never modifies its argument.
 */
export type TransformFunction = (sample: Sample, generator: Generator) => Sample;

/** A transform to add to nnU-Net's. */
export interface CustomTransform {
  /**
   * A function that uses only its arguments and JavaScript's globals (no imports, outer variables
   * or `this`), because every worker compiles its source text; or the URL of a module whose default
   * export is such a function or a {@link Transform}. A module may import anything.
   */
  readonly transform: TransformFunction | URL;
  /** Name for messages; the function's name or the module's file name by default. */
  readonly name?: string;
  /** Probability that a sample is transformed, 1 by default. */
  readonly probability?: number;
  /** Name of the transform to insert it before; by default `maskOutside`, after mirroring. */
  readonly before?: string;
  /** Name of the transform to insert it after. */
  readonly after?: string;
}

const customTransform: KnownOptions<CustomTransform> = {
  transform: true,
  name: true,
  probability: true,
  before: true,
  after: true,
};

/**
 * The transforms used in training: either additions to nnU-Net's, or a complete list that includes
 * nnU-Net's by name. nnU-Net's final steps, from `maskOutside` on, always follow.
 *
 * @example Noise proportional to intensity, added to nnU-Net's transforms, then with mirroring only
 * ```ts
 * import type { TransformChoice, TransformFunction } from "nnunet";
 *
 * const speckle: TransformFunction = (sample, generator) => {
 *   const { shape, data } = sample.image;
 *   return { ...sample, image: { shape, data: data.map((v) => v * (1 + 0.1 * generator.normal())) } };
 * };
 * const added: TransformChoice = [{ transform: speckle, probability: 0.1, after: "gamma" }];
 * const complete: TransformChoice = { pipeline: [{ transform: speckle }, "mirroring"] };
 * // new Trainer(plans, "2d", { transforms: added });
 * ```
 */
export type TransformChoice<One = CustomTransform> =
  | readonly One[]
  | { readonly pipeline: readonly (TransformName | One)[] };

/** A {@link CustomTransform} that can be sent to a worker. */
export interface PortableTransform extends Omit<CustomTransform, "transform" | "name"> {
  readonly name: string;
  readonly code: { readonly source: string } | { readonly module: string };
}

/** A {@link TransformChoice} that can be sent to a worker. */
export type PortableChoice = TransformChoice<PortableTransform>;

/** A transform and where to insert it among nnU-Net's. */
export interface PlacedTransform extends Pick<CustomTransform, "before" | "after"> {
  /** The transform. */
  readonly transform: Transform;
}

/**
 * Checks a choice of transforms.
 *
 * @throws {TypeError} If it is neither a list nor has a pipeline, or has an unknown option.
 */
export function requireKnownTransformOptions(choice: TransformChoice): void {
  if (!Array.isArray(choice)) requireKnown(choice, { pipeline: true }, "train", "transforms");
  const list = "pipeline" in choice ? choice.pipeline : choice;
  if (!Array.isArray(list)) {
    throw new TypeError(
      `Cannot train: transforms is ${
        JSON.stringify(choice)
      }, expected a list of transforms, or a ` +
        "list as its pipeline",
    );
  }
  mapChoice(choice, (one) => requireKnown(one, customTransform, "train", "transforms"));
}

/**
 * Converts a choice to plain data.
 *
 * @throws {TypeError} If a transform is neither a function with source text nor a URL.
 * @throws {RangeError} If a probability is not within 0–1, or both `before` and `after` are set.
 */
export function toPortable(choice: TransformChoice): PortableChoice {
  return mapChoice(choice, ({ transform, name, ...rest }) => {
    if (typeof transform !== "function" && !(transform instanceof URL)) {
      throw new TypeError(
        `Cannot use transform${name === undefined ? "" : ` "${name}"`}: found ` +
          `${describeValue(transform)}, expected a function or the URL of a module`,
      );
    }
    const displayName = name ??
      (transform instanceof URL ? transform.pathname.split("/").pop()! : transform.name);
    const { probability = 1, before, after } = rest;
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(
        `Cannot use transform "${displayName}": probability is ${probability}, expected 0 to 1`,
      );
    }
    if (before !== undefined && after !== undefined) {
      throw new RangeError(
        `Cannot use transform "${displayName}": before is "${before}" and after is "${after}", ` +
          "expected only one of them",
      );
    }
    if (transform instanceof URL) {
      return { ...rest, name: displayName, code: { module: `${transform}` } };
    }
    const source = Function.prototype.toString.call(transform);
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw new TypeError(
        `Cannot use transform "${displayName}": it is a bound or built-in function, ` +
          "expected one with source text",
      );
    }
    return { ...rest, name: displayName, code: { source } };
  });
}

/**
 * Makes a choice's transforms runnable. Functions sent as source text are tested on a small sample,
 * so that one that captures outer variables is rejected before training begins.
 *
 * @param patchSize Spatial shape of the samples to come.
 * @throws {SyntaxError} If a source text is not a function.
 * @throws {TypeError} If a module's default export is neither a function nor a {@link Transform}.
 * @throws {Error} If a module cannot be loaded, or a function uses an undefined variable.
 */
export async function compileChoice(
  choice: PortableChoice,
  patchSize: Shape,
): Promise<TransformChoice<PlacedTransform>> {
  const entries = "pipeline" in choice ? choice.pipeline : choice;
  const compiled = new Map<unknown, PlacedTransform>();
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

function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Object(value) === value ? `a value of type ${typeof value}` : String(value);
}

function mapChoice<A extends object, B>(
  choice: TransformChoice<A>,
  map: (entry: A) => B,
) {
  return "pipeline" in choice
    ? { pipeline: choice.pipeline.map((one) => typeof one === "string" ? one : map(one)) }
    : choice.map(map);
}

function compileFunction(name: string, source: string): TransformFunction {
  // A method's text, `apply(sample) { … }`, is an expression only inside an object literal.
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

/** Runs the function on a small sample, to detect undefined variables, and returns it. */
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
    // Any other error may be due to the sample, and would appear in the first batch.
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
      `Cannot use transform "${name}": ${module} cannot be loaded: ${reasonOf(cause)}`,
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

/** Wraps a function as a transform whose parameter is the seed of the function's generator. */
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
  const message = reasonOf(cause);
  return cause instanceof ReferenceError
    ? `Cannot use transform "${name}": ${message} in the worker where it runs; expected a ` +
      "function that uses only its arguments and JavaScript's globals, or the URL of a module"
    : `Transform "${name}" failed: ${message}`;
}

function requireSample(name: string, result: Sample, { image, segmentation }: Sample) {
  const isSample = result?.image?.data instanceof Float32Array &&
    result.segmentation?.data instanceof Int16Array;
  if (!isSample) {
    throw new TypeError(
      `Transform "${name}" failed: it did not return a sample, expected an image with a ` +
        "Float32Array and a segmentation with an Int16Array",
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

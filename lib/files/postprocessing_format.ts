/**
 * Parses and formats nnU-Net's `postprocessing.pkl`, which it applies, and `postprocessing.json`, the
 * readable report.
 *
 * The pickle names Python functions and their arguments. A name is only compared with the known
 * one; no code in the file is executed.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/postprocessing/remove_connected_components.py
 */

import { z } from "../packages/zod.ts";
import type { LabelOrRegion } from "./summary.ts";
import { numpyGlobals } from "../interop/numpy_pickle.ts";
import { readPickle } from "../interop/pickle_reader.ts";
import { GlobalName, writePickle } from "../interop/pickle_writer.ts";
import { type PythonValue, Tuple } from "../interop/python_values.ts";
import type { PostprocessingDecision, PostprocessingStep } from "./postprocessing.ts";
import { formatPythonJson, parsePythonJson, type PythonJson } from "./python_json.ts";
import { averagesToJson } from "./summary_json.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

const module = "nnunetv2.postprocessing.remove_connected_components";
const keepLargestComponent = "remove_all_but_largest_component_from_segmentation";
const knownFunction = { name: `${module}.${keepLargestComponent}` };

const integer = z.int().nonnegative();
const labelsOrRegions = z.union([integer, z.array(z.union([integer, z.array(integer)]))]);
const argumentsSchema = z.strictObject({
  labels_or_regions: labelsOrRegions,
  background_label: z.literal(0).optional(),
});
const jsonSchema = z.object({
  postprocessing_fns: z.array(z.string()),
  postprocessing_kwargs: z.array(argumentsSchema),
});

/**
 * Parses the steps in a `postprocessing.pkl` or `postprocessing.json`.
 *
 * @param kind The format of `bytes`.
 * @throws {TypeError} If the file has functions or arguments other than nnU-Net's.
 * @throws {SyntaxError} If the file has another format.
 */
export function parsePostprocessing(
  bytes: Uint8Array<ArrayBuffer>,
  kind: "pickle" | "json",
): PostprocessingStep[] {
  const { functions, argumentsOf } = kind === "json" ? fromJson(bytes) : fromPickle(bytes);
  if (functions.length !== argumentsOf.length) {
    throw new SyntaxError(
      `found ${functions.length} functions, expected one for each of ` +
        `${argumentsOf.length} sets of arguments`,
    );
  }
  const unknown = functions.find((name) => name !== keepLargestComponent);
  if (unknown !== undefined) {
    throw new TypeError(`found the function ${unknown}, expected ${keepLargestComponent}`);
  }
  return argumentsOf.map((each) => {
    const parsed = argumentsSchema.safeParse(each);
    if (!parsed.success) throw new TypeError(schemaProblems(parsed.error));
    return { keepLargest: flatten(parsed.data.labels_or_regions) };
  });
}

/** Flattens labels and regions to labels, which are treated as one object. */
function flatten(labels: z.infer<typeof labelsOrRegions>): LabelOrRegion {
  return typeof labels === "number" ? labels : [...new Set(labels.flat())];
}

function fromJson(bytes: Uint8Array) {
  const parsed = jsonSchema.safeParse(parsePythonJson(new TextDecoder().decode(bytes)));
  if (!parsed.success) throw new SyntaxError(schemaProblems(parsed.error));
  return {
    functions: parsed.data.postprocessing_fns,
    argumentsOf: parsed.data.postprocessing_kwargs as unknown[],
  };
}

function fromPickle(bytes: Uint8Array<ArrayBuffer>) {
  const value = readPickle(bytes, { globals: [...numpyGlobals, knownFunction] });
  const [functions, argumentsOf] = value instanceof Tuple ? value as unknown[] : [];
  if (!Array.isArray(functions) || !Array.isArray(argumentsOf)) {
    throw new SyntaxError("found no pair of functions and arguments");
  }
  return {
    functions: functions.map((each) => each === knownFunction ? keepLargestComponent : `${each}`),
    argumentsOf: argumentsOf.map((each) => each instanceof Map ? Object.fromEntries(each) : each),
  };
}

/** Formats steps as the bytes of `postprocessing.pkl`. */
export function formatPostprocessing(steps: readonly PostprocessingStep[]) {
  return writePickle(Tuple.of(
    steps.map(() => new GlobalName(module, keepLargestComponent) as unknown as PythonValue),
    steps.map(({ keepLargest }) => ({ labels_or_regions: keepLargest })),
  ));
}

/** Formats a decision as the text of `postprocessing.json`. */
export function formatPostprocessingReport(
  { steps, before, after }: PostprocessingDecision,
): string {
  return formatPythonJson({
    input_folder: averagesToJson(before),
    postprocessed: averagesToJson(after),
    postprocessing_fns: steps.map(() => keepLargestComponent),
    postprocessing_kwargs: steps.map(({ keepLargest }): PythonJson => ({
      labels_or_regions: keepLargest,
    })),
  });
}

/** Decides which options a resumed training takes from its checkpoint. */

import type { JsonValue } from "../interop/json_value.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { TrainerOptions } from "./training_options.ts";

/** Options that determine what a training computes and that a checkpoint can hold. */
const kept = [
  "epochs",
  "iterations",
  "validationIterations",
  "learningRate",
  "patience",
  "timeBudget",
  "deepSupervision",
  "sgd",
  "adam",
  "adan",
  "oversampling",
  "augmentation",
  "elasticDeformation",
  "mirrorAxes",
] as const satisfies readonly (keyof TrainerOptions)[];

/** Options that are functions, of which a checkpoint holds the name only. */
const named = ["network", "loss", "schedule", "transforms"] as const;

const optimizers: readonly string[] = ["sgd", "adam", "adan"];

/** The options of a training as a checkpoint holds them. */
export type RecordedOptions = Readonly<Record<string, JsonValue>>;

/** Returns options as plain data, with functions replaced by their names. */
export function recordOptions(options: TrainerOptions): RecordedOptions {
  return JSON.parse(JSON.stringify(
    options,
    (_, value) => typeof value === "function" ? `function ${value.name}` : value,
  ));
}

/** Returns the options that a checkpoint holds: not those of the machine, nor paths on it. */
export function optionsToKeep(options: TrainerOptions): RecordedOptions {
  const all = recordOptions(options);
  return Object.fromEntries(
    [...kept, ...named].flatMap((key) => all[key] === undefined ? [] : [[key, all[key]]]),
  );
}

/**
 * Returns the options that a training continues with: the given ones and, where they are omitted,
 * those that it began with. Functions have to be given again.
 *
 * @param before As its checkpoint holds them.
 */
export function continuedOptions(before: RecordedOptions, given: TrainerOptions): TrainerOptions {
  const isGiven = (key: string) => given[key as keyof TrainerOptions] !== undefined;
  const adopted = kept.filter((key) => {
    if (before[key] === undefined || isGiven(key)) return false;
    if (optimizers.includes(key)) return !optimizers.some(isGiven);
    return key !== "learningRate" || !isGiven("schedule");
  });
  return { ...given, ...Object.fromEntries(adopted.map((key) => [key, before[key]])) };
}

/**
 * Lists how the options of a training have changed since a checkpoint was written.
 *
 * @param before As the checkpoint holds them, and whether those that it lacks were omitted or are
 * unknown, as in nnU-Net's.
 * @param now What the training continues with.
 * @param standard What omitted options stand for.
 * @returns One text per option, such as `epochs 100 → 200`.
 */
export function changedOptions(
  { options: before, hasAllOptions }: {
    readonly options: RecordedOptions;
    readonly hasAllOptions: boolean;
  },
  now: TrainerOptions,
  standard: ResolvedOptions,
): string[] {
  const after = recordOptions(now);
  const defaults = recordOptions(standard);
  const changed = (key: string, [a, b]: readonly (JsonValue | undefined)[]) => {
    if (!hasAllOptions && before[key] === undefined) return [];
    const [old, current] = [JSON.stringify(a), JSON.stringify(b)];
    return old === current ? [] : [`${key} ${old ?? "by default"} → ${current ?? "by default"}`];
  };
  return [
    ...kept.flatMap((key) =>
      changed(key, [before[key] ?? defaults[key], after[key] ?? defaults[key]])
    ),
    ...named.flatMap((key) => changed(key, [before[key], after[key]])),
  ];
}

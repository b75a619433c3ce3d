/** Whether a training can be done with the options that it was given. */

/** What an option may be, and the words for it. */
interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const wholeFrom = (lowest: number): Rule => ({
  expected: `an integer of at least ${lowest}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= lowest,
});

const aboveZero: Rule = {
  expected: "a number above 0",
  holds: (value) => isNumber(value) && value > 0,
};

const share: Rule = {
  expected: "a number from 0 to 1",
  holds: (value) => isNumber(value) && value >= 0 && value <= 1,
};

/** @param axes Of the patch. */
const axesOf = (axes: number): Rule => ({
  expected: `axes of the patch, from 0 to ${axes - 1}, each once at most`,
  holds: (value) =>
    Array.isArray(value) && new Set(value).size === value.length &&
    value.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < axes),
});

const oneOf = (...values: readonly string[]): Rule => ({
  expected: values.map((value) => `"${value}"`).join(" or "),
  holds: (value) => values.includes(value as string),
});

/** Options of a training that are checked, of whatever type they came in. */
export interface UncheckedOptions {
  readonly epochs?: unknown;
  readonly iterations?: unknown;
  readonly validationIterations?: unknown;
  readonly patience?: unknown;
  readonly loaders?: unknown;
  readonly threads?: unknown;
  readonly seed?: unknown;
  readonly learningRate?: unknown;
  readonly timeBudget?: unknown;
  readonly mirrorAxes?: unknown;
  readonly oversampling?: { readonly share?: unknown };
  readonly precision?: unknown;
}

/**
 * Checks options that would otherwise be found wrong late or not at all. Those left out are left
 * to their defaults.
 *
 * @param axes Of the patch, 2 or 3.
 * @throws {RangeError} If one is not what it may be, naming it.
 */
export function requireTrainable(options: UncheckedOptions, axes: number): void {
  const atLeastOne = wholeFrom(1);
  const checks: readonly (readonly [name: string, value: unknown, rule: Rule])[] = [
    ["epochs", options.epochs, atLeastOne],
    ["iterations", options.iterations, atLeastOne],
    ["validationIterations", options.validationIterations, atLeastOne],
    ["patience", options.patience, atLeastOne],
    ["loaders", options.loaders, atLeastOne],
    ["threads", options.threads, atLeastOne],
    ["seed", options.seed, wholeFrom(0)],
    ["learningRate", options.learningRate, aboveZero],
    ["timeBudget", options.timeBudget, aboveZero],
    ["mirrorAxes", options.mirrorAxes, axesOf(axes)],
    ["oversampling.share", options.oversampling?.share, share],
    ["precision", options.precision, oneOf("auto", "float32", "mixed")],
  ];
  for (const [name, value, { expected, holds }] of checks) {
    if (value === undefined || holds(value)) continue;
    const found = typeof value === "number" ? value : JSON.stringify(value);
    throw new RangeError(`Cannot train: ${name} is ${found}, expected ${expected}`);
  }
}

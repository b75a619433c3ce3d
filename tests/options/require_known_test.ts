import assert from "node:assert/strict";
import { type KnownOptions, requireKnown } from "../../lib/options/require_known.ts";

interface Options {
  readonly epochs?: number;
  readonly iterations?: number;
  readonly mirrorAxes?: readonly number[];
  readonly seed?: number;
}

const known: KnownOptions<Options> = {
  epochs: true,
  iterations: true,
  mirrorAxes: true,
  seed: true,
};

/** Options from JavaScript, where no compiler looks at names. */
const given = (options: unknown) => options as Options;

Deno.test("requireKnown() accepts known names, with or without a value", () => {
  requireKnown({}, known, "train");
  requireKnown<Options>({ epochs: 5, seed: undefined }, known, "train");
});

Deno.test("requireKnown() names the unknown option and the nearest known one", () => {
  for (
    const [name, nearest] of [
      ["epoch", "epochs"],
      ["itertions", "iterations"],
      ["mirror_axes", "mirrorAxes"],
      ["Seed", "seed"],
      ["num_epochs", "epochs"],
    ]
  ) {
    assert.throws(
      () => requireKnown(given({ seed: 1, [name]: 5 }), known, "train"),
      new TypeError(`Cannot train: unknown option "${name}"; did you mean "${nearest}"?`),
    );
  }
});

Deno.test("requireKnown() lists all names where none is near", () => {
  assert.throws(
    () => requireKnown(given({ momentum: 0.9 }), known, "train"),
    new TypeError(
      'Cannot train: unknown option "momentum", expected one of epochs, iterations, mirrorAxes, seed',
    ),
  );
});

Deno.test("requireKnown() does not take inherited names for known ones", () => {
  assert.throws(() => requireKnown(given({ toString: 1 }), known, "train"), TypeError);
});

Deno.test("requireKnown() names nested options in full", () => {
  assert.throws(
    () => requireKnown(given({ sed: 1 }), known, "train", "sgd"),
    new TypeError('Cannot train: unknown option "sgd.sed"; did you mean "sgd.seed"?'),
  );
});

Deno.test("requireKnown() rejects what is not an object", () => {
  for (const [value, found] of [[5, "5"], [null, "null"], [[1], "an array"]] as const) {
    assert.throws(
      () => requireKnown(given(value), known, "train"),
      new TypeError(`Cannot train: the options argument is ${found}, expected an object`),
    );
  }
});

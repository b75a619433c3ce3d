/** Compares the command line with nnU-Net's parsers, as tests/golden/interface.py lists them. */

import assert from "node:assert/strict";
import { asOwnArguments } from "../../lib/cli/arguments.ts";
import { createProgram } from "../../lib/cli/program.ts";
import type { Argument, Command, Option } from "../../lib/packages/commander.ts";
import golden from "../golden/interface.json" with { type: "json" };

/** An argument of nnU-Net's command. */
interface Expected {
  readonly names: readonly string[];
  readonly positional: boolean;
  readonly values: string;
  readonly required: boolean;
  readonly default: unknown;
}

const program = createProgram();

/** The option or argument that is meant by a name of nnU-Net's; undefined if there is none. */
function own(command: Command, name: string, position: number): Option | Argument | undefined {
  if (!name.startsWith("-")) return command.registeredArguments[position];
  const [flag] = asOwnArguments([name]);
  return command.options.find(({ short, long }) => flag === short || flag === long);
}

/** How many values an option or argument takes. */
function valuesOf(found: Option | Argument): string {
  if (found.variadic) return "many";
  return "long" in found && !found.required && !found.optional ? "none" : "one";
}

/** Why a default of nnU-Net's cannot be typed here; undefined if it can. */
function refusalOf(found: Option | Argument, value: unknown): string | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  let collected: unknown;
  for (const text of [value].flat().map(String)) {
    try {
      const { argChoices, parseArg } = found;
      if (argChoices && !argChoices.includes(text)) return `${text} is none of ${argChoices}`;
      collected = parseArg?.(text, collected as never);
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** The differences between a command and nnU-Net's. */
function gapsOf(command: Command, expected: readonly Expected[]): string[] {
  const gaps: string[] = [];
  for (const [position, { names, values, ...argument }] of expected.entries()) {
    for (const name of names) {
      const where = `${command.name()} ${name}`;
      const found = own(command, name, position);
      if (!found) {
        gaps.push(`${where}: missing`);
        continue;
      }
      const takes = valuesOf(found);
      if (takes !== values && !(takes === "many" && values === "one")) {
        gaps.push(`${where}: takes ${takes}, expected ${values}`);
      }
      if ("mandatory" in found && found.mandatory && !argument.required) {
        gaps.push(`${where}: required, expected optional`);
      }
      const refusal = refusalOf(found, argument.default);
      if (refusal) gaps.push(`${where}: refuses the default: ${refusal}`);
    }
  }
  const positional = expected.filter((one) => one.positional);
  const extra = command.registeredArguments.slice(positional.length).filter((one) => one.required);
  return [...gaps, ...extra.map((one) => `${command.name()}: requires ${one.name()}`)];
}

Deno.test("the golden file has nnU-Net's 21 commands", () => {
  assert.equal(golden.package, "nnunetv2 2.8.1");
  assert.equal(golden.commands.length, 21);
});

for (const { name, arguments: expected } of golden.commands) {
  Deno.test(`nnunet ${name} takes nnU-Net's arguments`, () => {
    const command = program.commands.find((one) => one.name() === name);
    assert.ok(command, `no command ${name}`);
    assert.deepEqual(gapsOf(command, expected), []);
  });
}

Deno.test("the comparison finds a missing argument, another number of values and a refused default", () => {
  const command = createProgram().commands.find((one) => one.name() === "train")!;
  const expected = { positional: false, values: "one", required: false, default: null };
  assert.deepEqual(
    gapsOf(command, [
      { ...expected, names: ["dataset"], positional: true },
      { ...expected, names: ["-unheard_of"] },
      { ...expected, names: ["--npz"] },
      { ...expected, names: ["-device"], default: "abacus" },
    ]).map((gap) => gap.split(": ")[0]),
    ["train -unheard_of", "train --npz", "train -device", "train", "train"],
  );
});

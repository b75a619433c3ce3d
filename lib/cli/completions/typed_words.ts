/** What can be typed after `nnunet`, read from the declarations of its commands. */

import type { Argument, Command, Option } from "../../packages/commander.ts";
import { fileNames } from "../../files/paths.ts";
import { deviceChoices } from "../../runtime/device.ts";
import { trainerNames } from "../../training/trainer_variants.ts";

/** Values to choose from; none if a number or a name is expected. */
export type Values = readonly string[] | "files" | "folders";

/** An option of a command. */
export interface TypedOption {
  /** Its spellings, such as `-i` and `--input`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** How many values follow it. */
  readonly takes: "none" | "one" | "many";
  /** Name of its value in the help; "" if it takes none. */
  readonly valueName: string;
  readonly values: Values;
}

/** An argument of a command. */
export interface TypedArgument {
  readonly name: string;
  readonly many: boolean;
  readonly values: Values;
}

/** A command. */
export interface TypedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly TypedOption[];
  readonly arguments: readonly TypedArgument[];
}

/** The shells that {@link typedCommands} is written for. */
export const shells = ["bash", "zsh", "fish", "powershell"] as const;

const configurations = ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres"];
const folds = ["0", "1", "2", "3", "4", "all"];

/** Values by the name of an option or argument in the help. */
const valuesByName: Readonly<Record<string, Values>> = {
  configuration: configurations,
  configurations,
  device: deviceChoices,
  fold: folds,
  folds,
  trainer: trainerNames,
  trainers: trainerNames,
  ...Object.fromEntries(["dir", "dirs"].map((name) => [name, "folders" as const])),
  ...Object.fromEntries(
    ["file", "path", "paths", "zip"].map((name) => [name, "files" as const]),
  ),
};

/** The checkpoints, which are named without their folder. */
const checkpoints = [
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
  fileNames.checkpointLatest,
];

/** Returns the commands of a program, in the order of its help. */
export function typedCommands(program: Command): TypedCommand[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(typedOption),
    arguments: command.registeredArguments.map((argument) =>
      typedArgument(argument, program.commands)
    ),
  }));
}

function typedOption(option: Option): TypedOption {
  const { short, long, required, optional, variadic, argChoices, description } = option;
  const valueName = /[<[]([^>\].]+)/.exec(option.flags)?.[1] ?? "";
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    takes: !required && !optional ? "none" : variadic ? "many" : "one",
    valueName,
    values: argChoices ?? (long === "--chk" ? checkpoints : valuesOf(valueName)),
  };
}

function typedArgument(argument: Argument, commands: readonly Command[]): TypedArgument {
  const name = argument.name();
  return {
    name,
    many: argument.variadic,
    values: argument.argChoices ??
      (name === "command" ? commands.map((command) => command.name()) : valuesOf(name)),
  };
}

function valuesOf(name: string): Values {
  if (name.endsWith("_folder")) return "folders";
  return Object.hasOwn(valuesByName, name) ? valuesByName[name] : [];
}

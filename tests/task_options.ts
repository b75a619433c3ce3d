/** Options of the tasks for developers: benchmarks, comparisons with nnunetv2, torture. */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { reasonOf } from "../lib/options/reason_of.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>["values"];

/**
 * Reads a task's options from its command line and ends the process with 2 if they are wrong.
 *
 * `--help` prints the comment at the top of the task's file, which describes the options, and ends
 * the process with 0. An option whose default is a whole number takes whole numbers from 0.
 *
 * @param file `import.meta.url` of the task.
 */
export function taskOptions<const T extends Options>(file: string, options: T): Values<T> {
  try {
    const { help, values } = readTaskOptions(Deno.args, options);
    if (!help) return values;
  } catch (error) {
    console.error(reasonOf(error));
    Deno.exit(2);
  }
  console.log(headComment(Deno.readTextFileSync(new URL(file))));
  Deno.exit(0);
}

/**
 * Reads a task's options from its arguments.
 *
 * @throws {TypeError} If an argument is no option, an option's value is missing, or a number is
 * expected; the message says what to type.
 */
export function readTaskOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): { readonly help: boolean; readonly values: Values<T> } {
  let found: Readonly<Record<string, unknown>>;
  try {
    found =
      parseArgs({ args: [...args], options: { ...options, help: { type: "boolean" } } }).values;
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`).join(", ");
    throw new TypeError(`${reasonOf(error)}. Options are ${names}; --help describes them`);
  }
  for (const [name, { default: standard }] of Object.entries(options)) {
    const value = found[name];
    if (isWholeNumber(standard) && !isWholeNumber(value)) {
      throw new TypeError(
        `Invalid --${name} ${value}, expected a whole number, such as ${standard}`,
      );
    }
  }
  const { help, ...values } = found;
  return { help: help === true, values: values as Values<T> };
}

function isWholeNumber(value: unknown): boolean {
  return typeof value === "string" && /^\d+$/.test(value);
}

/** Text of the comment at the top of a file, without its stars. */
export function headComment(source: string): string {
  const [, comment] = source.match(/^\/\*\*([\s\S]*?)\*\//) ?? [];
  if (comment === undefined) throw new Error("The file does not begin with a comment");
  return comment.replaceAll(/^ *\* ?/gm, "").trim();
}

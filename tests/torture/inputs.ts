/** Files to damage, each with a command that reads them. */

import type { Mutate } from "./mutate_packed.ts";
import type { Tree } from "./trees.ts";
import { imageInputs } from "./image_inputs.ts";
import { modelInputs } from "./model_inputs.ts";
import { jsonInputs } from "./json_inputs.ts";

/** A file of some format, and a command that reads it. */
export interface Input {
  /** The format and the command. */
  readonly name: string;
  readonly format: string;
  readonly files: Tree;
  /** Path of the file that is damaged. */
  readonly target: string;
  readonly mutate: Mutate;
  readonly args: readonly string[];
  /** Words of which a message has one, by default the file's name. */
  readonly names?: readonly string[];
  /** Files that may be written or changed although the command fails. */
  readonly written?: RegExp;
  /** Files that the command copies without looking at what is in them. */
  readonly passedOn?: RegExp;
}

/** Creates all inputs. */
export async function createInputs(world: Tree): Promise<Input[]> {
  return [...await imageInputs(world), ...modelInputs(world), ...jsonInputs(world)];
}

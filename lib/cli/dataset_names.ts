/** Compares data sets' names on the command line with those of the folders that commands use. */

import { listDatasets } from "../dataset/list_datasets.ts";
import type { Folders } from "../files/folders.ts";
import { basename } from "../platform/paths.ts";
import type { Command } from "../packages/commander.ts";
import { parseDatasetId, parseDatasetIds } from "./arguments.ts";
import { folderIfSet } from "./folders.ts";

type Places = readonly (keyof Folders)[];

/** Where commands look for a data set, if not in both the raw and the preprocessed ones. */
const placesByCommand: Readonly<Record<string, Places>> = {
  plan_and_preprocess: ["raw"],
  extract_fingerprint: ["raw"],
  plan_experiment: ["raw"],
  train: ["preprocessed"],
  predict: ["results"],
  predict_best: ["results"],
  export_html: ["results"],
  export_onnx: ["results"],
  export_model_to_zip: ["results"],
};

/** Where `move_plans_between_datasets` looks, by the option's name. */
const placesOfMovedPlans: Readonly<Record<string, Places>> = { s: ["preprocessed"], t: ["raw"] };

/**
 * Has every command of a program refuse a data set's name that is not its folder's. Commands find
 * data sets by their numbers, so a mistyped name would be another data set.
 */
export function requireDatasetNames(program: Command): void {
  const typed: { readonly text: string; readonly places: Places }[] = [];
  for (const command of program.commands) {
    const places = placesByCommand[command.name()] ?? ["raw", "preprocessed"];
    for (const option of command.options) {
      if (!namesDataset(option)) continue;
      const own = command.name() === "move_plans_between_datasets"
        ? placesOfMovedPlans[option.attributeName()]
        : places;
      command.on(`option:${option.name()}`, (text: string) => typed.push({ text, places: own }));
    }
    command.hook("preAction", async (_, { args, registeredArguments }) => {
      for (const [index, argument] of registeredArguments.entries()) {
        if (namesDataset(argument)) typed.push({ text: args[index], places });
      }
      for (const { text, places } of typed) {
        for (const place of places) {
          await requireDatasetName(text, folderIfSet(place, command.opts().root));
        }
      }
    });
  }
}

function namesDataset({ parseArg }: { readonly parseArg?: unknown }): boolean {
  return parseArg === parseDatasetId || parseArg === parseDatasetIds;
}

/**
 * Requires that a folder's data set with the number of a name, if there is one, has that name.
 *
 * @param typed What was typed: a name such as `Dataset004_Hippocampus`; numbers have no name.
 * @param folder One of nnU-Net's folders, if it is known.
 * @throws {Error} If the data set has another name.
 */
export async function requireDatasetName(typed: string, folder: string | undefined): Promise<void> {
  // Completing a folder's name in a shell adds the slash.
  const [, id, name] = /^(?:Dataset)?(\d+)_(.+?)\/*$/.exec(typed) ?? [];
  if (name === undefined || folder === undefined) return;
  const found = (await listDatasets(folder)).filter((place) => place.id === Number(id));
  if (found.length === 0 || found.some((place) => place.name === name)) return;
  const names = found.map((place) => basename(place.folder)).join(", ");
  throw new Error(
    `Cannot use data set ${typed}: found ${names}, not ${typed}, in ${folder}; ` +
      `type ${names}, or ${Number(id)}`,
  );
}

/** nnU-Net's JSON files, and its postprocessing, for the commands that read them. */

import { formatPostprocessing } from "../../lib/files/postprocessing_format.ts";
import type { Input } from "./inputs.ts";
import { mutateBytes } from "./mutate_bytes.ts";
import { mutateJson } from "./mutate_json.ts";
import { partOf, type Tree } from "./trees.ts";
import { places } from "./world.ts";

const { model, data } = places;
const raw = `nnUNet_raw/${data}`;
const preprocessed = `nnUNet_preprocessed/${data}`;
const crossval = "crossval/nnUNet_results/Dataset007_Golden/nnUNetTrainer__nnUNetPlans__2d";

const root = ["--root", "."];
const plan = [
  ...["plan_and_preprocess", "-d", "1", "--gpu_memory_target", "0.05", "--base_features", "2"],
  ...["-c", "3d_fullres", "--np", "1", ...root],
];
const preprocess = ["preprocess", "-d", "1", "-c", "3d_fullres", "--np", "1", ...root];
const train = [
  ...["train", "1", "3d_fullres", "0", "--epochs", "1", "--iterations", "1"],
  ...["--val_iterations", "1", "--threads", "1", "--loaders", "1", "--skip_val", ...root],
];
const predict = [
  ...["predict", "--model", model, "-i", `${raw}/imagesTr/c0_0000.nii.gz`],
  ...["-o", "out/c0.nii.gz", "-f", "0", "--disable_tta", "--threads", "1"],
];
const evaluate = [
  ...["evaluate_folder", "ground_truth", "ground_truth", "-o", "scores/summary.json"],
  ...["--djfile", `${raw}/dataset.json`, "--pfile", `${model}/plans.json`, "--np", "1"],
];
const anyOf = (folder: string) => new RegExp(`^${folder}/`);

/** Creates the inputs. */
export function jsonInputs(world: Tree): Input[] {
  const one = (
    what: string,
    target: string,
    from: readonly string[],
    args: readonly string[],
    more: Partial<Input> = {},
  ): Input => ({
    name: `${what} with ${args[0]}`,
    format: what,
    files: partOf(world, from),
    target,
    mutate: mutateJson,
    args,
    // Plans that are read but cannot be used are named by model or configuration.
    names: what === "plans.json"
      ? ["lans.json", "nnUNetPlans__", "preprocess 3d_", "3d_fullres"]
      : undefined,
    ...more,
  });
  const written = anyOf("nnUNet_preprocessed");
  const results = anyOf("nnUNet_results");
  const steps = new Map(partOf(world, ["postprocessing"]));
  const ppJson = "postprocessing/prediction/postprocessing.json";
  steps.set(
    ppJson,
    new TextEncoder().encode(JSON.stringify({
      postprocessing_fns: ["remove_all_but_largest_component_from_segmentation"],
      postprocessing_kwargs: [{ labels_or_regions: 1 }],
    })),
  );
  const ppPickle = "postprocessing/prediction/postprocessing.pkl";
  steps.set(ppPickle, new Uint8Array(formatPostprocessing([{ keepLargest: 1 }])));
  const apply = (file: string) => [
    ...["apply_postprocessing", "-i", "postprocessing/prediction", "-o", "out", "--np", "1"],
    ...["--pp_pkl_file", file],
  ];
  return [
    one("dataset.json", `${raw}/dataset.json`, [raw], plan, { written }),
    one("dataset.json", `${raw}/dataset.json`, ["ground_truth", raw, model], evaluate),
    // Labels that are damaged ask for another network than the weights are of.
    one("dataset.json", `${model}/dataset.json`, [raw, model], predict, {
      names: ["dataset.json", "Cannot build the network"],
    }),
    one("dataset.json", `${preprocessed}/dataset.json`, [preprocessed], train, {
      written: results,
    }),
    one("plans.json", `${preprocessed}/nnUNetPlans.json`, [raw, preprocessed], preprocess, {
      written,
    }),
    one("plans.json", `${preprocessed}/nnUNetPlans.json`, [preprocessed], train, {
      written: results,
    }),
    one("plans.json", `${model}/plans.json`, [raw, model], predict),
    one("plans.json", `${model}/plans.json`, ["ground_truth", raw, model], evaluate),
    one(
      "dataset_fingerprint.json",
      `${preprocessed}/dataset_fingerprint.json`,
      [raw, preprocessed],
      preprocess,
      { written },
    ),
    one("splits_final.json", `${preprocessed}/splits_final.json`, [preprocessed], train, {
      written: results,
    }),
    one(
      "a case's JSON file",
      `${preprocessed}/nnUNetPlans_3d_fullres/c2.json`,
      [preprocessed],
      train,
      { names: ["c2"], written: results },
    ),
    one(
      "a case's JSON file",
      `${preprocessed}/nnUNetPlans_3d_fullres/c2.json`,
      [
        raw,
        preprocessed,
      ],
      preprocess,
      { names: ["c2"], written },
    ),
    one("postprocessing.json", ppJson, [], apply(ppJson), { files: steps }),
    one("dataset.json", "postprocessing/prediction/dataset.json", [], apply(ppJson), {
      files: steps,
    }),
    one("dataset.json", `${crossval}/dataset.json`, ["crossval"], [
      ...["find_best_configuration", "7", "-c", "2d", "-f", "0", "1", "--np", "1"],
      ...["--root", "crossval"],
    ], { written: anyOf("crossval/nnUNet_results") }),
    one(
      "summary.json",
      `${crossval.replace("crossval", "scored")}/crossval_results_folds_0_1/summary.json`,
      ["scored"],
      [
        ...["find_best_configuration", "7", "-c", "2d", "-f", "0", "1", "--np", "1"],
        ...["--no_overwrite", "--root", "scored"],
      ],
      { written: anyOf("scored/nnUNet_results") },
    ),
    {
      ...one("postprocessing.pkl", ppPickle, [], apply(ppPickle), { files: steps }),
      mutate: mutateBytes,
    },
  ];
}

/** Commands that write, each with the files it starts from. */

import golden from "../golden/images.json" with { type: "json" };
import { contoursFile } from "../image/dicom/contours_file.ts";
import type { Tree } from "./trees.ts";
import { partOf } from "./trees.ts";
import { places } from "./world.ts";

/** A command to end early and to run again. */
export interface Scenario {
  readonly name: string;
  /** Name of the command. */
  readonly command: string;
  /** Arguments after the command; the process starts in the folder with the files. */
  readonly args: readonly string[];
  /** Arguments that are added when it is run again. */
  readonly resume?: readonly string[];
  /** Path in the world of a file that is served; `{server}` in arguments is its address. */
  readonly serves?: string;
  /** Parts of the world that it starts from. */
  readonly from: readonly string[];
  /** Changes the files before the start. */
  readonly prepare?: (files: Map<string, Uint8Array<ArrayBuffer> | null>) => void;
  /** Whether it is an error to run it once more when its result is complete. */
  readonly once?: boolean;
  /** Files that may have a content of their own, or be missing, until the command is done. */
  readonly evolving?: RegExp;
}

/** Commands that write no files, or that cannot be run here, each with its reason. */
export const exempt: Readonly<Record<string, string>> = {
  completions: "prints a script and writes no files",
  upgrade: "prints what to type and writes no files",
  devices: "lists devices and writes no files",
  install_cuda: "downloads 2 GB with pip, which writes them",
  launch: "writes scripts that name this machine; tests/launch/ ends its jobs, which are commands",
  launch_local: "runs the jobs of launch",
};

const root = ["--root", "."];
const { model } = places;
const raw = `nnUNet_raw/${places.data}`;
const preprocessed = `nnUNet_preprocessed/${places.data}`;
const crossvalModel = "crossval/nnUNet_results/Dataset007_Golden/nnUNetTrainer__nnUNetPlans__2d";
const cases = /nnUNetPlans_\w+\/[^/]+\.(zarr(\/.*)?|i32|json)$/;
const training =
  /fold_\w+\/(training_log.*|progress\.png|debug\.json|checkpoint_\w+\.pth|validation_record\.json)$/;
const short = ["--iterations", "1", "--val_iterations", "1", "--threads", "1", "--loaders", "1"];
const train = ["1", "3d_fullres", "0", "--epochs", "2", ...short, "--seed", "7", "--npz", ...root];
const create = [
  ...["-n", "Tiny", "--images", "input", "--labels", "ground_truth", ...root],
  ...["--names", "background,shell,ball"],
];
const plan = [
  ...["-d", "1", "--gpu_memory_target", "0.05", "--base_features", "2", "-c", "3d_fullres"],
  ...["--np", "1", ...root],
];
const predict = [
  ...["-i", `${raw}/imagesTr`, "-o", "out", "-f", "0", "--disable_tta", "--threads", "1"],
];
const ofModel = ["-d", "1", "-c", "3d_fullres", ...root];
const evaluate = ["ground_truth", "ground_truth", "-o", "scores/summary.json", "--np", "1"];

function remove(pattern: RegExp): NonNullable<Scenario["prepare"]> {
  return (files) => {
    for (const path of [...files.keys()]) if (pattern.test(path)) files.delete(path);
  };
}

/** Moves files and folders. */
function move(from: string, to: string): NonNullable<Scenario["prepare"]> {
  return (files) => {
    for (const [path, content] of [...files]) {
      if (!path.startsWith(from)) continue;
      files.delete(path);
      files.set(to + path.slice(from.length), content);
    }
  };
}

/** Text files as if an earlier run had written them with other content. */
function older(pattern: RegExp, from: string, to: string): NonNullable<Scenario["prepare"]> {
  return (files) => {
    for (const [path, content] of files) {
      if (!content || !pattern.test(path)) continue;
      const text = new TextDecoder().decode(content).replaceAll(from, to);
      files.set(path, new TextEncoder().encode(text));
    }
  };
}

export const scenarios: readonly Scenario[] = [
  {
    name: "create_dataset",
    command: "create_dataset",
    args: ["-d", "2", ...create],
    once: true,
    from: ["input", "ground_truth"],
  },
  {
    name: "create_dataset --overwrite",
    command: "create_dataset",
    args: ["-d", "1", ...create, "--overwrite"],
    from: ["input", "ground_truth", raw],
    prepare: older(/dataset\.json$/, "MRI", "CT"),
  },
  {
    name: "create_dataset of TIFF stacks",
    command: "create_dataset",
    args: ["-d", "2", ...create],
    once: true,
    from: ["tiff"],
    prepare: move("tiff/", ""),
  },
  {
    name: "convert_MSD_dataset",
    command: "convert_MSD_dataset",
    args: ["-i", places.decathlon.source, "--np", "1", ...root],
    once: true,
    from: [places.decathlon.source],
  },
  {
    name: "convert_old_nnUNet_dataset",
    command: "convert_old_nnUNet_dataset",
    args: [places.v1.source, places.v1.target, ...root],
    once: true,
    from: [places.v1.source],
  },
  {
    name: "plan_and_preprocess",
    command: "plan_and_preprocess",
    args: plan,
    from: [raw],
    evolving: cases,
  },
  {
    name: "plan_and_preprocess anew",
    command: "plan_and_preprocess",
    args: [...plan, "--overwrite_target_spacing", "2", "2", "2"],
    from: [raw, preprocessed],
    prepare: remove(/splits_final/),
    evolving: cases,
  },
  {
    name: "extract_fingerprint",
    command: "extract_fingerprint",
    args: ["-d", "1", "--np", "1", "--clean", ...root],
    from: [raw],
  },
  {
    name: "plan_experiment",
    command: "plan_experiment",
    args: ["-d", "1", "--gpu_memory_target", "0.05", "--base_features", "4", ...root],
    from: [raw, `${preprocessed}/dataset_fingerprint.json`],
  },
  {
    name: "move_plans_between_datasets",
    command: "move_plans_between_datasets",
    args: ["-s", "1", "-t", "1", "-sp", "nnUNetPlans", "-tp", "moved", ...root],
    from: [raw, `${preprocessed}/nnUNetPlans.json`],
  },
  {
    name: "preprocess",
    command: "preprocess",
    args: ["-d", "1", "-c", "2d", "3d_fullres", "--np", "1", ...root],
    from: [raw, preprocessed],
    evolving: cases,
  },
  {
    name: "train",
    command: "train",
    args: train,
    resume: ["--c"],
    from: [preprocessed],
    prepare: remove(/splits_final/),
    evolving: training,
  },
  {
    name: "train a finished fold anew",
    command: "train",
    args: train,
    resume: ["--c"],
    from: [preprocessed, model],
    evolving: training,
  },
  {
    name: "train --val",
    command: "train",
    args: ["1", "3d_fullres", "0", "--val", "--npz", "--threads", "1", ...root],
    from: [preprocessed, model],
    prepare: remove(/\/validation/),
    evolving: training,
  },
  {
    name: "train the first stage of a cascade",
    command: "train",
    args: ["1", "3d_lowres", "0", "--epochs", "1", ...short, ...root],
    resume: ["--c"],
    from: [preprocessed, "cascade/nnUNet_preprocessed"],
    prepare: move("cascade/", ""),
    evolving: training,
  },
  {
    name: "predict",
    command: "predict",
    args: [...predict, ...ofModel],
    resume: ["--continue_prediction"],
    from: [raw, preprocessed, model],
  },
  {
    name: "predict --save_probabilities",
    command: "predict",
    args: [...predict, "--model", model, "--save_probabilities"],
    resume: ["--continue_prediction"],
    from: [raw, model],
  },
  {
    name: "predict_best",
    command: "predict_best",
    args: ["-d", "1", "-i", `${raw}/imagesTr`, "-o", "out", "--threads", "1", "--np", "1", ...root],
    resume: ["--continue_prediction"],
    from: [raw, model],
    prepare: (files) => {
      const postprocessing = { postprocessing_fns: [], postprocessing_kwargs: [] };
      const information = {
        folds: [0],
        all_results: { best: 0.5 },
        best_model_or_ensemble: {
          result_on_crossval_pre_pp: 0.5,
          postprocessing_file: `${model}/postprocessing.json`,
          some_plans_file: `${model}/plans.json`,
          selected_model_or_models: [{
            configuration: "3d_fullres",
            trainer: "nnUNetTrainer",
            plans_identifier: "nnUNetPlans",
          }],
        },
      };
      const write = (path: string, content: unknown) =>
        files.set(path, new TextEncoder().encode(JSON.stringify(content)));
      write(`${model}/postprocessing.json`, postprocessing);
      write(`nnUNet_results/${places.data}/inference_information.json`, information);
    },
  },
  {
    name: "predict_from_modelfolder",
    command: "predict_from_modelfolder",
    args: [...predict, "-m", model],
    resume: ["--continue_prediction"],
    from: [raw, model],
  },
  {
    name: "predict one scan",
    command: "predict",
    args: [
      ...["-i", `${raw}/imagesTr/c0_0000.nii.gz`, "-o", "out/c0.nii.gz", "-f", "0"],
      ...["--disable_tta", "--model", model, "--threads", "1"],
    ],
    from: [raw, model],
  },
  {
    name: "predict over older label maps",
    command: "predict",
    args: [...predict, "--model", model],
    from: [raw, model, "ground_truth"],
    prepare: move("ground_truth", "out"),
  },
  {
    name: "predict a cascade",
    command: "predict",
    args: [...predict, "-d", "1", "-c", "3d_cascade_fullres", ...root],
    resume: ["--continue_prediction"],
    from: [
      ...[raw, "cascade", `${preprocessed}/dataset.json`],
      `${preprocessed}/dataset_fingerprint.json`,
    ],
    prepare: move("cascade/", ""),
  },
  {
    name: "nnUNet_predict",
    command: "nnUNet_predict",
    args: [
      ...["-i", `${raw}/imagesTr`, "-o", "out", "-t", "1", "-m", "3d_fullres", "--disable_tta"],
      ...["-f", "0", "-p", "nnUNetPlans", "--tr", "nnUNetTrainer", ...root],
    ],
    from: [raw, preprocessed, model],
  },
  {
    name: "accumulate_crossval_results",
    command: "accumulate_crossval_results",
    args: ["7", "-c", "2d", "--np", "1", "--root", "crossval"],
    from: ["crossval"],
  },
  {
    name: "find_best_configuration",
    command: "find_best_configuration",
    args: ["7", "-c", "2d", "3d_lowres", "-f", "0", "1", "--np", "1", "--root", "crossval"],
    resume: ["--no_overwrite"],
    from: ["crossval"],
  },
  {
    name: "find_best_configuration over older results",
    command: "find_best_configuration",
    args: ["7", "-c", "2d", "-f", "0", "1", "--np", "1", "--root", "crossval"],
    from: ["crossval"],
    // It is determined once the predictions that it is for are in place.
    evolving: /\/postprocessing\.json$/,
    prepare: (files) => {
      const older = new TextEncoder().encode("{}");
      files.set(`${crossvalModel}/crossval_results_folds_0_1/summary.json`, older);
      files.set(`${crossvalModel}/crossval_results_folds_0_1/postprocessing.json`, older);
    },
  },
  {
    name: "ensemble",
    command: "ensemble",
    args: ["-i", "members/a", "members/b", "-o", "out", "--save_npz", "--np", "1"],
    from: ["members"],
  },
  {
    name: "export_onnx",
    command: "export_onnx",
    args: ["--model", model, "-o", "exported/model.onnx", "--probabilities"],
    from: [model],
  },
  {
    name: "export_html",
    command: "export_html",
    args: ["--model", model, "-f", "0", "-o", "exported/model.html"],
    from: [model],
  },
  {
    name: "export_model_to_zip",
    command: "export_model_to_zip",
    args: ["-d", "1", "-o", "exported/model.zip", ...root],
    from: [model],
  },
  {
    name: "install_pretrained_model_from_zip",
    command: "install_pretrained_model_from_zip",
    args: ["model.zip", ...root],
    once: true,
    from: ["model.zip"],
  },
  {
    name: "install_pretrained_model_from_zip --overwrite",
    command: "install_pretrained_model_from_zip",
    args: ["model.zip", "--overwrite", ...root],
    from: ["model.zip", model],
    prepare: older(/plans\.json$/, "ExperimentPlanner", "OlderPlanner"),
  },
  {
    name: "download_pretrained_model_by_url",
    command: "download_pretrained_model_by_url",
    args: ["{server}", ...root],
    once: true,
    serves: "model.zip",
    from: [],
  },
  {
    name: "plot_overlay_pngs",
    command: "plot_overlay_pngs",
    args: ["-d", "1", "-o", "overlays", "--np", "1", ...root],
    from: [raw, preprocessed],
  },
  {
    name: "plot_overlay_pngs --use_raw",
    command: "plot_overlay_pngs",
    args: ["-d", "1", "-o", "overlays", "--np", "1", "--use_raw", ...root],
    from: [raw],
  },
  {
    name: "evaluate_folder",
    command: "evaluate_folder",
    args: [
      ...evaluate,
      ...["--djfile", `${raw}/dataset.json`, "--pfile", `${model}/plans.json`, "--details"],
    ],
    from: ["ground_truth", raw, model],
  },
  {
    name: "evaluate_simple",
    command: "evaluate_simple",
    args: [...evaluate, "-l", "1", "2"],
    from: ["ground_truth"],
  },
  {
    name: "determine_postprocessing",
    command: "determine_postprocessing",
    args: ["-i", "postprocessing/prediction", "--ref", "postprocessing/reference", "--np", "1"],
    from: ["postprocessing"],
  },
  {
    name: "apply_postprocessing",
    command: "apply_postprocessing",
    args: [
      ...["-i", "postprocessing/prediction", "-o", "out", "--np", "1"],
      ...["--pp_pkl_file", "postprocessing/prediction/postprocessing.json"],
    ],
    from: ["postprocessing"],
    prepare: (files) =>
      void files.set(
        "postprocessing/prediction/postprocessing.json",
        new TextEncoder().encode(steps),
      ),
  },
  {
    name: "create_dataset of DICOM structures",
    command: "create_dataset",
    args: [
      ...["-d", "2", "-n", "Organs", "--images", "scans", "--labels", "scans", ...root],
      ...["--channels", "CT"],
    ],
    once: true,
    from: [],
    prepare: (files) => {
      for (const folder of ["scans", "scans/anna"]) files.set(folder, null);
      const { files: slices } = golden.cases.find(({ name }) => name === "DICOM upright")!;
      for (const [i, { file }] of slices.entries()) {
        files.set(`scans/anna/IM${i}`, Uint8Array.fromBase64(file));
      }
      // Around two pixels of the second slice, in mm.
      const liver = [[9.5, -20.5], [12, -20.5], [12, -19.5], [9.5, -19.5]];
      const points = liver.flatMap(([x, y]) => [x, y, 32.5]);
      files.set("scans/anna/RS", contoursFile({ liver: [points] }));
    },
  },
];

const steps = JSON.stringify({
  postprocessing_fns: ["remove_all_but_largest_component_from_segmentation"],
  postprocessing_kwargs: [{ labels_or_regions: 1 }],
});

/** Returns the files that a scenario starts from. */
export function filesOf({ from, prepare }: Scenario, world: Tree): Tree {
  const files = new Map(partOf(world, from));
  prepare?.(files);
  return files;
}

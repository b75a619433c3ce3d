/** Tests every path that a command takes: missing, empty, and of the wrong kind. */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { writePostprocessing } from "../../lib/files/postprocessing_file.ts";
import { snapshot } from "../dataset/sample_folders.ts";
import { writeMember } from "../ensembling/member_folder.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { messageFaults } from "../torture/messages.ts";
import { writeImage } from "../../lib/image/image_files.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { runMain } from "./run_main.ts";

const { plans, dataset, root } = await makeTinyPlans({ cases: 5 });
const given = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  for (const folder of [root, given]) Deno.removeSync(folder, { recursive: true });
});
const model = await writeUntrainedModel(plans.folders.results, {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});

const truth = join(dataset.folder, "labelsTr");
const datasetFile = join(dataset.folder, "dataset.json");
const steps = join(root, "postprocessing.pkl");
await writePostprocessing(steps, [{ keepLargest: 1 }]);
const predictions = join(root, "predictions");
cpSync(truth, predictions, { recursive: true });
cpSync(datasetFile, join(predictions, "dataset.json"));
const member = join(root, "member");
await writeMember(member, "x", new Float32Array(6), [3, 1, 1, 2]);
cpSync(datasetFile, join(member, "dataset.json"));
const scans = join(root, "scans");
await writeImage(join(scans, "a_0000.nii.gz"), tinyScan(0).image);
const [images, labels] = [join(root, "input"), join(root, "ground_truth")];
const output = join(root, "output");

/** Stands for the path that is wrong. */
const X = "PATH";
const create = ["create_dataset", "-d", "2", "-n", "New", "--root", root];
const predict = ["predict", "-o", output];

/** Commands with one path that is wrong, by whether it should be a file or a folder. */
const commands: Readonly<Record<"folder" | "file", readonly (readonly string[])[]>> = {
  folder: [
    [...create, "--images", X, "--labels", labels],
    [...create, "--images", images, "--labels", X],
    [...create, "--images", images, "--labels", labels, "--test", X],
    ["convert_MSD_dataset", "-i", X, "--root", root],
    ["convert_old_nnUNet_dataset", X, "Dataset003_Old", "--root", root],
    ["plan_and_preprocess", "-d", "1", "--root", X],
    ["preprocess", "-d", "1", "--root", X],
    ["train", "1", "3d_fullres", "0", "--root", X],
    [...predict, "-i", X, "--model", model, "-f", "0"],
    [...predict, "-i", scans, "--model", X],
    [...predict, "-i", scans, "-d", "1", "-c", "3d_fullres", "--root", X],
    ["nnUNet_predict", "-i", X, "-o", output, "-t", "1", "-m", "3d_fullres", "--root", root],
    ["ensemble", "-i", X, member, "-o", output],
    ["ensemble", "-i", member, X, "-o", output],
    ["evaluate_folder", X, predictions],
    ["evaluate_folder", truth, X],
    ["evaluate_simple", X, predictions, "-l", "1"],
    ["evaluate_simple", truth, X, "-l", "1"],
    ["determine_postprocessing", "-i", X, "--ref", truth],
    ["determine_postprocessing", "-i", predictions, "--ref", X],
    ["apply_postprocessing", "-i", X, "-o", output, "--pp_pkl_file", steps],
    ["export_onnx", "-o", join(output, "m.onnx"), "--model", X],
    ["export_html", "-o", join(output, "m.html"), "--model", X],
    ["export_model_to_zip", "-d", "1", "-o", join(output, "m.zip"), "--root", X],
    ["find_best_configuration", "1", "--root", X],
    ["accumulate_crossval_results", "1", "-c", "3d_fullres", "--root", X],
  ],
  file: [
    ["train", "1", "3d_fullres", "0", "--root", root, "--pretrained_weights", X],
    [...predict, "-i", scans, "--model", `${X}.pth`],
    [...predict, "-i", scans, "--model", `${X}.onnx`],
    ["predict", "-o", join(output, "a.nii.gz"), "-i", `${X}.nii.gz`, "--model", model, "-f", "0"],
    ["ensemble", "-i", member, member, "-o", output, "--dataset_json", X],
    ["evaluate_folder", truth, predictions, "--djfile", X],
    ["evaluate_folder", truth, predictions, "--pfile", X],
    [
      ...["determine_postprocessing", "-i", predictions, "--ref", truth],
      ...["--dataset_json", X],
    ],
    ["apply_postprocessing", "-i", predictions, "-o", output, "--pp_pkl_file", X],
    ["install_pretrained_model_from_zip", X, "--root", root],
  ],
};

/** What a path can be instead. */
const kinds: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "a missing path": () => Promise.resolve(),
  "an empty folder": (path) => Deno.mkdir(path, { recursive: true }),
  "an empty file": (path) => Deno.writeTextFile(path, ""),
  "a text file": (path) => Deno.writeTextFile(path, "hello\n"),
  "a file of zeros": (path) => Deno.writeFile(path, new Uint8Array(4096)),
};

for (const [expected, list] of Object.entries(commands)) {
  for (const [kind, make] of Object.entries(kinds)) {
    Deno.test({
      name: `every command with ${kind} as a ${expected} says so and writes nothing`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        let before = snapshot(root);
        const faults: string[] = [];
        for (const command of list) {
          const path = join(await Deno.makeTempDir({ dir: given }), "given");
          const args = command.map((arg) => arg.replace(X, path));
          await make(args.find((arg) => arg.startsWith(path))!);
          const { code, err } = await runMain(...args);
          // The engine's "Cannot convert undefined to object" is meant, not this command's name.
          const found = messageFaults(err.replace("Cannot convert /", "/"));
          // 2 is for options that do not fit together.
          if (code !== 1 && !(code === 2 && /pass a folder/.test(err))) {
            found.push(`the exit code is ${code}`);
          }
          if (/\bnull\b|\bNaN\b/.test(err)) found.push("the message has null or NaN");
          if (!err.includes(path)) found.push("the message does not name the path");
          const times = err.match(/does not exist|no such/gi)?.length ?? 0;
          if (kind === "a missing path" && times !== 1) {
            found.push(`the message says ${times} times that it does not exist`);
          }
          if (found.length > 0) faults.push(`${command.join(" ")}\n${err}\n=> ${found.join("; ")}`);
          const after = snapshot(root);
          // A training begins with its folds and records.
          const changed = Object.keys(after).filter((name) =>
            after[name] !== before[name] && command[0] !== "train"
          );
          if (changed.length > 0) faults.push(`${command.join(" ")} wrote ${changed.join(", ")}`);
          before = after;
        }
        assert.equal(faults.length, 0, faults.join("\n\n"));
      },
    });
  }
}

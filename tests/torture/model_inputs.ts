/** Models, checkpoints, probabilities and preprocessed arrays, for the commands that read them. */

import type { Input } from "./inputs.ts";
import { mutateBytes } from "./mutate_bytes.ts";
import { mutateZip } from "./mutate_packed.ts";
import { partOf, type Tree } from "./trees.ts";
import { places } from "./world.ts";

const { model, data } = places;
const fold = `${model}/fold_0`;
const raw = `nnUNet_raw/${data}`;
const preprocessed = `nnUNet_preprocessed/${data}`;
const cases = `${preprocessed}/nnUNetPlans_3d_fullres`;

const train = [
  ...["train", "1", "3d_fullres", "0", "--epochs", "2", "--iterations", "1"],
  ...["--val_iterations", "1", "--threads", "1", "--loaders", "1", "--skip_val", "--root", "."],
];

/** Creates the inputs. */
export function modelInputs(world: Tree): Input[] {
  const part = (...paths: string[]) => partOf(world, paths);
  const checkpoint = `${fold}/checkpoint_final.pth`;
  const mutateCheckpoint = mutateZip({ compressed: false });
  const scan = `${raw}/imagesTr/c0_0000.nii.gz`;
  const predict = (from: string) => [
    ...["predict", "--model", from, "-i", scan, "-o", "out/c0.nii.gz", "-f", "0"],
    ...["--disable_tta", "--threads", "1"],
  ];
  const latest = `${fold}/checkpoint_latest.pth`;
  const resumed = new Map(part(preprocessed, model));
  resumed.set(latest, resumed.get(checkpoint)!);
  resumed.delete(checkpoint);
  const pretrained = new Map(part(preprocessed));
  pretrained.set("weights.pth", world.get(checkpoint)!);
  const ensemble = ["ensemble", "-i", "members/a", "members/b", "-o", "out", "--np", "1"];
  return [
    {
      name: "checkpoint with predict",
      format: ".pth",
      files: part(raw, model),
      target: checkpoint,
      mutate: mutateCheckpoint,
      args: predict(model),
    },
    {
      name: "checkpoint with export_onnx",
      format: ".pth",
      files: part(model),
      target: checkpoint,
      mutate: mutateCheckpoint,
      args: ["export_onnx", "--model", model, "-o", "out/model.onnx"],
    },
    {
      name: "checkpoint with train --c",
      format: ".pth",
      files: resumed,
      target: latest,
      mutate: mutateCheckpoint,
      // Weights may be damaged so that they are numbers, but no good ones.
      names: ["checkpoint_latest.pth", "has loss"],
      args: [...train, "--c"],
      written: new RegExp(`^${model}/`),
    },
    {
      name: "checkpoint with train --pretrained_weights",
      format: ".pth",
      files: pretrained,
      target: "weights.pth",
      mutate: mutateCheckpoint,
      args: [...train, "--pretrained_weights", "weights.pth"],
      written: new RegExp(`^${model}/`),
    },
    {
      name: "ONNX model with predict",
      format: ".onnx",
      files: part(raw, fold),
      target: `${fold}/model.onnx`,
      mutate: mutateBytes,
      args: predict(`${fold}/model.onnx`),
    },
    {
      name: "archive with install_pretrained_model_from_zip",
      format: ".zip",
      files: part("model.zip"),
      target: "model.zip",
      mutate: mutateZip({ compressed: true }),
      args: ["install_pretrained_model_from_zip", "model.zip", "--root", "."],
      passedOn: /\.png$/,
    },
    {
      name: "probabilities with ensemble",
      format: ".npz",
      files: part("members"),
      target: "members/a/y.npz",
      mutate: mutateZip({ compressed: true }),
      names: ["y.npz", "y"],
      args: ensemble,
      written: /^out\/(x|z)\.nii\.gz$|^out\/(dataset|plans)\.json$/,
    },
    {
      name: "properties with ensemble",
      format: ".pkl",
      files: part("members"),
      target: "members/b/y.pkl",
      mutate: mutateBytes,
      args: ensemble,
      written: /^out\/(x|z)\.nii\.gz$|^out\/(dataset|plans)\.json$/,
    },
    ...["c2.image.zarr/c/0/0/0/0", "c2.locations.i32"].map((file): Input => ({
      name: `${file} with train`,
      format: file.includes("zarr") ? "Zarr" : ".i32",
      files: part(preprocessed),
      target: `${cases}/${file}`,
      mutate: mutateBytes,
      names: ["c2"],
      args: train,
      written: new RegExp(`^${model}/`),
    })),
  ];
}

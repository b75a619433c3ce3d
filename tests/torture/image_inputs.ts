/** Scans and label maps of every format, for commands that read them in the process and in workers. */

import { join } from "@std/path";
import { imageEndingOf } from "../../lib/image/registry.ts";
import { writeDicomSegmentation } from "../../lib/image/dicom/dicom_seg_file.ts";
import { readImage, writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { contoursFile, rectangle } from "../image/dicom/contours_file.ts";
import packed from "../golden/dicom_packed.json" with { type: "json" };
import golden from "../golden/images.json" with { type: "json" };
import { tinyScan } from "../tiny_scans.ts";
import type { Input } from "./inputs.ts";
import { mutateBytes } from "./mutate_bytes.ts";
import { mutateJson } from "./mutate_json.ts";
import { mutateGzip, mutatePng } from "./mutate_packed.ts";
import { partOf, readTree, type Tree } from "./trees.ts";
import { places } from "./world.ts";

const raw = `nnUNet_raw/${places.data}`;

/** Endings of the formats, and of their variants. */
export const imageEndings = [
  ...[".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".tif", ".tiff", ".png", ".bmp"],
  ...[".hdr", ".gipl", ".gipl.gz", ".ome.tif"],
].filter((ending) => imageEndingOf(`a${ending}`) === ending);

function mutatorOf(path: string) {
  if (path.endsWith(".gz")) return mutateGzip;
  if (path.endsWith(".json")) return mutateJson;
  return path.endsWith(".png") ? mutatePng : mutateBytes;
}

const isPicture = (ending: string) => /^\.(png|bmp)$/.test(ending);

/** Writes one case's scan and label map. */
async function writeOne(ending: string): Promise<Tree> {
  const folder = await Deno.makeTempDir();
  try {
    const { image, segmentation } = tinyScan(0);
    const flat = {
      ...segmentation.geometry,
      shape: [1, 16, 16] as const,
      spacing: [999, 1, 1] as const,
    };
    const label = isPicture(ending)
      ? { geometry: flat, data: segmentation.data.slice(5 * 256, 6 * 256) }
      : segmentation;
    await writeSegmentation(join(folder, "labels", `c0${ending}`), label);
    await writeSegmentation(join(folder, "predicted", `c0${ending}`), label);
    if (isPicture(ending)) await writeSegmentation(join(folder, "images", `c0${ending}`), label);
    else {
      await writeImage(join(folder, "images", `c0${ending}`), image);
      await writeImage(join(folder, "scans", `c0_0000${ending}`), image); // Has names of other files.
    }
    return readTree(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A folder of DICOM slices that nnU-Net's library wrote. */
function dicomSlices(): Tree {
  const files = golden.cases.find(({ name }) => name === "DICOM upright")!.files;
  return new Map([
    ["scans", null],
    ["scans/c0_0000", null],
    ...files.map(({ file }, i) => [`scans/c0_0000/${i}.dcm`, Uint8Array.fromBase64(file)] as const),
  ]);
}

/** Slices with a structure set or a segmentation; by the path of that file. */
async function structureFiles(): Promise<Map<string, Tree>> {
  const folder = await Deno.makeTempDir();
  try {
    const scan = join(folder, "scans", "c0");
    const slices = new Map<string, Uint8Array<ArrayBuffer> | null>([["scans", null]]);
    for (const [path, content] of dicomSlices()) {
      if (content) slices.set(path.replace("c0_0000", "c0"), content);
    }
    slices.set("scans/c0", null);
    await Deno.mkdir(scan, { recursive: true });
    for (const [path, content] of slices) {
      if (content) await Deno.writeFile(join(folder, path), content);
    }
    const { geometry, data } = await readImage([scan]);
    const labels = Uint8Array.from(data, (_, i) => i % 2);
    const segmentation = join(folder, "c0.seg.dcm");
    await writeDicomSegmentation(segmentation, { geometry, data: labels }, {
      scan,
      segments: [{ name: "shell", labels: [1], color: [255, 0, 0] }],
      algorithm: "torture",
    });
    const contours = contoursFile({ shell: [await rectangle(scan, 1, [0, 0], [2, 1])] });
    const withFile = (path: string, content: Uint8Array<ArrayBuffer>): [string, Tree] => [
      path,
      new Map([...slices, ["labels", null], [path, content]]),
    ];
    return new Map([
      withFile("labels/c0.dcm", contours),
      withFile("labels/c0.seg.dcm", await Deno.readFile(segmentation)),
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function createDataset(): string[] {
  return [
    ...["create_dataset", "-d", "2", "-n", "One", "--images", "images", "--labels", "labels"],
    ...["--root", "."],
  ];
}

/** Creates the inputs. */
export async function imageInputs(world: Tree): Promise<Input[]> {
  const inputs: Input[] = [];
  const model = partOf(world, [places.model]);
  const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes!);
  const modelFor = (ending: string): Tree =>
    new Map(
      [...model].map(([path, content]) =>
        path.endsWith("/dataset.json")
          ? [path, new TextEncoder().encode(text(content).replace(".nii.gz", ending))]
          : [path, content]
      ),
    );
  const predict = (input: string) => [
    ...["predict", "--model", places.model, "-i", input, "-o", "out", "-f", "0"],
    ...["--disable_tta", "--threads", "1"],
  ];
  const record = /^out\/(dataset|plans|predict_from_raw_data_args)\.json$/;
  for (const ending of imageEndings) {
    const one = await writeOne(ending);
    const files = [...one.keys()].filter((path) => /^(images|labels)\//.test(path));
    for (const target of files) {
      if (one.get(target) === null) continue;
      const format = target.endsWith(".json") ? "spacing.json" : ending;
      const common = { format, target, mutate: mutatorOf(target), names: ["c0", "labels"] };
      inputs.push({
        ...common,
        name: `${target} with create_dataset`,
        files: partOf(one, ["images", "labels"]),
        args: createDataset(),
      });
      if (target.startsWith("labels/")) {
        inputs.push({
          ...common,
          name: `${target} with evaluate_simple`,
          files: partOf(one, ["predicted", "labels"]),
          args: ["evaluate_simple", "labels", "predicted", "-l", "1", "2", "--np", "1"],
        });
      } else if (!isPicture(ending)) {
        const scans = partOf(one, ["scans"]);
        // A spacing file has the name without the channel.
        const sameFile = [target, target.replace("/c0", "/c0_0000")]
          .map((path) => path.replace("images", "scans")).find((path) => scans.has(path))!;
        inputs.push({
          ...common,
          name: `${target} with predict`,
          target: sameFile,
          files: new Map([...scans, ...modelFor(ending)]),
          args: predict("scans"),
          written: record,
        });
      }
    }
  }
  const slices = dicomSlices();
  inputs.push({
    name: "DICOM with predict",
    format: "DICOM",
    files: new Map([...slices, ...model]),
    target: "scans/c0_0000/1.dcm",
    names: ["1.dcm", "c0_0000"],
    mutate: mutateBytes,
    args: predict("scans"),
    written: record,
  });
  const structures = await structureFiles();
  for (const [target, files] of structures) {
    inputs.push({
      name: `${target} with create_dataset`,
      format: "DICOM",
      files,
      target,
      names: ["c0", "structures", "classes", "--names", "overlap"],
      mutate: mutateBytes,
      args: [
        ...["create_dataset", "-d", "2", "-n", "One", "--images", "scans", "--labels", "labels"],
        ...["--names", "background,shell", "--root", "."],
      ],
    });
  }
  for (const { name, file } of packed.cases) {
    const target = "scans/c0_0000/IM0";
    inputs.push({
      name: `DICOM packed as ${name} with predict`,
      format: "DICOM",
      files: new Map([
        ["scans", null],
        ["scans/c0_0000", null],
        [target, Uint8Array.fromBase64(file)],
        ...model,
      ]),
      target,
      names: ["IM0", "c0_0000"],
      mutate: mutateBytes,
      args: predict("scans"),
      written: record,
    });
  }
  for (const target of [`${raw}/imagesTr/c1_0000.nii.gz`, `${raw}/labelsTr/c1.nii.gz`]) {
    for (const verify of [["--verify_dataset_integrity"], []]) {
      inputs.push({
        name: `${target} with plan_and_preprocess ${verify}`,
        format: ".nii.gz",
        files: partOf(world, [raw]),
        target,
        names: ["c1"],
        mutate: mutateGzip,
        args: [
          ...["plan_and_preprocess", "-d", "1", "--gpu_memory_target", "0.05"],
          ...["--base_features", "2", "-c", "3d_fullres", "--np", "1", "--root", ".", ...verify],
        ],
        written: /^nnUNet_preprocessed\//,
      });
    }
  }
  return inputs;
}

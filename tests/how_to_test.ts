/**
 * The how-to pages do what they say: their commands and programs run, one after another, on tiny
 * scans with tiny networks.
 *
 * What a code block is for stands behind its language:
 *
 * - `sh`: commands that succeed; `sh fails`: the last one fails.
 * - `text output`: lines that the commands above printed; `…` stands for anything.
 * - `ts NAME`: a program that is saved and run.
 * - `json PATH`: the content of a file that commands above have made.
 * - `json write PATH`: the content of a file that the reader writes.
 * - `json merge PATH`: keys that the reader adds to a file.
 * - Other blocks are only shown.
 */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { writeImage, writeSegmentation } from "../lib/image/image_files.ts";
import { runMain } from "./cli/run_main.ts";
import { shellWords } from "../lib/options/shell_quoted.ts";
import { contoursFile, rectangle } from "./image/dicom/contours_file.ts";
import golden from "./golden/images.json" with { type: "json" };
import { tinyScan } from "./tiny_scans.ts";

const project = join(import.meta.dirname!, "..");
const pages = join(project, "notebooks/how_to");

/** Options that shorten what a command would compute for hours. They override those of the page. */
const shortenings: Readonly<Record<string, readonly string[]>> = {
  plan_and_preprocess: ["--gpu_memory_target", "0.05", "--base_features", "4", "--np", "1"],
  preprocess: ["--np", "1"],
  train: [
    ...["--epochs", "1", "--iterations", "1", "--val_iterations", "1", "--loaders", "1"],
    ...["--threads", "1", "--device", "cpu"],
  ],
  predict: ["--disable_tta", "--threads", "1", "--device", "cpu"],
};

/** What takes hours in programs, and what the test runs instead. */
const shortProgram = (program: string) =>
  program.replaceAll(
    "epochs: 100",
    "epochs: 1, iterations: 1, validationIterations: 1, loaders: 1, threads: 1",
  );

interface Block {
  readonly language: string;
  /** What stands behind the language. */
  readonly use: string;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S+)(?: (.+))?\n([^]*?)^```$/gm)]
    .map(([, language, use = "", text]) => ({ language, use, text }));
}

/** Runs a page's blocks in the current folder. */
async function follow(page: string): Promise<void> {
  let printed = "";
  for (const { language, use, text } of blocksOf(page)) {
    if (language === "sh") printed = await runCommands(text, use === "fails");
    else if (language === "text" && use === "output") assertPrinted(printed, text);
    else if (language === "ts") printed = await runProgram(use, text);
    else if (language === "json" && use.startsWith("merge ")) {
      const path = use.slice("merge ".length);
      const merged = merge(JSON.parse(await Deno.readTextFile(path)), JSON.parse(text));
      await Deno.writeTextFile(path, JSON.stringify(merged));
    } else if (language === "json" && use.startsWith("write ")) {
      await Deno.writeTextFile(use.slice("write ".length), text);
    } else if (language === "json" && use !== "") {
      assert.deepEqual(JSON.parse(await Deno.readTextFile(use)), JSON.parse(text), use);
    }
  }
}

/** Runs commands; returns what all of them printed. */
async function runCommands(text: string, lastFails: boolean): Promise<string> {
  const lines = text.replaceAll(/\\\n\s*/g, "").trim().split("\n");
  let printed = "";
  for (const [i, line] of lines.entries()) {
    const { code, out, err } = await runCommand(line);
    const fails = lastFails && i === lines.length - 1;
    assert.equal(code !== 0, fails, `${line}\n${out}\n${err}`);
    printed += `${out}\n${err}\n`;
  }
  return printed;
}

async function runCommand(line: string) {
  const [deno, task, nnunet, ...args] = shellWords(line);
  if (deno === "deno") {
    assert.deepEqual([task, nnunet], ["task", "nnunet"], line);
    // What stands behind -- are options of train.
    const command = args.includes("--") ? "train" : args[0];
    return await runMain(...args, ...shortenings[command] ?? []);
  }
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", line] }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

function assertPrinted(printed: string, expected: string) {
  for (const line of expected.trim().split("\n")) {
    const pattern = new RegExp(line.split("…").map(RegExp.escape).join("[^\\n]*"));
    assert.match(printed, pattern);
  }
}

async function runProgram(name: string, text: string): Promise<string> {
  await Deno.writeTextFile(name, shortProgram(text));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", join(project, "deno.json"), name],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

type Json = Record<string, unknown>;

function merge(into: Json, from: Json): Json {
  const isObject = (value: unknown): value is Json =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const merged = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? merge(old, value) : value;
  }
  return merged;
}

/** Makes the scans that the pages name, and a data set 1 that is trained with one fold. */
async function prepare(): Promise<void> {
  const names = [1, 2, 3, 4, 5].map((number) => `brain_${number}`);
  for (const [seed, name] of names.entries()) {
    const { image, segmentation } = tinyScan(seed);
    const [image_, map] = [`${name}.nii.gz`, segmentation];
    await writeImage(join("scans/input", image_), image);
    await writeSegmentation(join("scans/ground_truth", image_), map);
    await writeSegmentation(join("scans/masks", image_), {
      ...map,
      data: map.data.map((label) => label === 0 ? 0 : 255),
    });
    const [, height, width] = map.geometry.shape;
    await writeSegmentation(join("scans/other_grid", image_), {
      geometry: { ...map.geometry, shape: [6, height, width] },
      data: map.data.slice(0, 6 * height * width),
    });
    if (seed >= 3) continue;
    await writeImage(join("scans/three", image_), image);
    await writeSegmentation(join("scans/three_labels", image_), map);
  }
  await writePatient("scans/patients/anna");
  await writeImage("scans/new/brain_6_0000.nii.gz", tinyScan(6).image);
  await writeImage("scans/misnamed/brain_6_0001.nii.gz", tinyScan(6).image);
  await Deno.copyFile(join(project, "tests/golden/checkpoint.pth"), "other_network.pth");
  await runCommands(
    `deno task nnunet create_dataset -d 1 -n Brains --images scans/input \\
       --labels scans/ground_truth --names background,gray,white --root nnunet
     deno task nnunet plan_and_preprocess -d 1 -c 3d_fullres --root nnunet
     deno task nnunet train 1 3d_fullres 0 --root nnunet`.replaceAll(/^ +/gm, ""),
    false,
  );
}

/** Writes DICOM slices, and a structure set of a liver and a tumor in it. */
async function writePatient(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const { files } = golden.cases.find(({ name }) => name === "DICOM upright")!;
  for (const [i, { file }] of files.entries()) {
    await Deno.writeFile(join(folder, `IM${i}`), Uint8Array.fromBase64(file));
  }
  const structures = {
    Liver: [await rectangle(folder, 1, [0, 0], [2, 2])],
    Tumor: [await rectangle(folder, 1, [1, 1], [2, 2])],
  };
  await Deno.writeFile(join(folder, "RS"), contoursFile(structures));
}

/** Runs a function in a folder, without nnU-Net's folders of a user. */
async function within(folder: string, run: () => Promise<void>): Promise<void> {
  const before = Deno.cwd();
  const names = ["nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results", "INIT_CWD"];
  const values = names.map((name) => Deno.env.get(name));
  Deno.chdir(folder);
  for (const name of names) Deno.env.delete(name);
  try {
    await run();
  } finally {
    Deno.chdir(before);
    for (const [i, name] of names.entries()) {
      if (values[i] !== undefined) Deno.env.set(name, values[i]);
    }
  }
}

const root = await Deno.makeTempDir();
const prepared = join(root, "prepared");
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

let made: Promise<void> | undefined;

Deno.test("notebooks/how_to/: the types of all programs are right", async () => {
  const folder = join(root, "programs");
  await Deno.mkdir(folder);
  const files: string[] = [];
  for (const { name } of Deno.readDirSync(pages)) {
    for (const { language, use, text } of blocksOf(await Deno.readTextFile(join(pages, name)))) {
      if (language !== "ts") continue;
      files.push(join(folder, use));
      await Deno.writeTextFile(files.at(-1)!, text);
    }
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", join(project, "deno.json"), ...files],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

for (const { name } of [...Deno.readDirSync(pages)].toSorted((a, b) => a.name < b.name ? -1 : 1)) {
  Deno.test({
    name: `notebooks/how_to/${name}: its commands and programs do what it says`,
    // Listeners for Ctrl-C stay until the process ends.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await Deno.mkdir(prepared, { recursive: true });
      await (made ??= within(prepared, prepare));
      const folder = join(root, name);
      cpSync(prepared, folder, { recursive: true });
      await within(folder, async () => follow(await Deno.readTextFile(join(pages, name))));
    },
  });
}

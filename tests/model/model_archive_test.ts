import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { readCheckpoint, writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { writeZipFile, ZipFile, type ZipInput } from "../../lib/interop/zip_file.ts";
import { exportedModel } from "../../lib/model/exported_model.ts";
import { exportModels } from "../../lib/model/export_models.ts";
import { installModels } from "../../lib/model/install_models.ts";
import { isModelFile, isModelFolder } from "../../lib/model/model_files.ts";
import { openTrained } from "../../lib/model/open_trained.ts";
import { namesIn, snapshot } from "../dataset/sample_folders.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const { plansData, datasetJson } = plans;

const bytes = (text: string) => [new TextEncoder().encode(text)];

/** Writes a model with two folds that have random weights. */
async function writeModel(results: string, configuration = "2d"): Promise<string> {
  const model = await writeUntrainedModel(results, { plansData, datasetJson, configuration });
  await Deno.copyFile(join(model, "fold_0/checkpoint_final.pth"), join(model, "best.pth"));
  await Deno.mkdir(join(model, "fold_1"));
  await Deno.rename(join(model, "best.pth"), join(model, "fold_1/checkpoint_final.pth"));
  await Deno.writeTextFile(join(model, "fold_1/checkpoint_best.pth"), "left behind");
  return model;
}

/** Returns the records of an archive of a model, with changes; undefined leaves a file out. */
async function recordsOf(
  model: string,
  changes: Readonly<Record<string, Uint8Array | string | undefined>> = {},
): Promise<ZipInput[]> {
  const files: Record<string, Uint8Array | string | undefined> = {
    "plans.json": await Deno.readFile(join(model, "plans.json")),
    "dataset.json": await Deno.readFile(join(model, "dataset.json")),
    "fold_0/checkpoint_final.pth": await Deno.readFile(join(model, "fold_0/checkpoint_final.pth")),
    ...changes,
  };
  return Object.entries(files).flatMap(([name, content]) =>
    content === undefined ? [] : [{
      name: `${nameOf(model)}/${name}`,
      content: typeof content === "string" ? bytes(content) : [content],
    }]
  );
}

const nameOf = (model: string) => model.split("/").slice(-2).join("/");

Deno.test("installModels() restores what exportModels() packed", () =>
  withTemporaryFolder(async (folder) => {
    const model = await writeModel(join(folder, "here"));
    const zip = join(folder, "model.zip");
    const name = nameOf(model);
    assert.deepEqual(await exportModels(zip, { models: [model] }), [
      `${name}/plans.json`,
      `${name}/dataset.json`,
      `${name}/fold_0/checkpoint_final.pth`,
      `${name}/fold_1/checkpoint_final.pth`,
    ]);
    const there = join(folder, "there");
    assert.deepEqual(await installModels(zip, there), [join(there, name)]);
    assert.deepEqual(namesIn(join(there, name)), [
      "dataset.json",
      "fold_0/",
      "fold_1/",
      "plans.json",
    ]);
    const weights = join("fold_1", "checkpoint_final.pth");
    const packed = await Deno.readFile(join(model, weights));
    assert.deepEqual(await Deno.readFile(join(there, name, weights)), packed);
    await assert.rejects(
      installModels(zip, there),
      /^AlreadyExistsError: .* exists; pass `overwrite: true` to replace it$/,
    );
    await Deno.writeTextFile(join(there, name, weights), "older");
    await installModels(zip, there, { overwrite: true });
    assert.deepEqual(await Deno.readFile(join(there, name, weights)), packed);
  }));

Deno.test("exportModels() rejects models without plans or trained folds", () =>
  withTemporaryFolder(async (folder) => {
    const model = await writeModel(folder);
    const zip = join(folder, "model.zip");
    await assert.rejects(exportModels(zip, { models: [model], folds: [3] }), /found no .*fold_3/);
    await assert.rejects(
      exportModels(zip, { models: [model], checkpoints: ["checkpoint_latest.pth"] }),
      /found no fold with checkpoint_latest\.pth/,
    );
    await Deno.remove(join(model, "plans.json"));
    await assert.rejects(exportModels(zip, { models: [model] }), /found no .*plans\.json/);
    await assert.rejects(Deno.stat(zip), Deno.errors.NotFound);
  }));

Deno.test("exportModels() leaves out what is not trained if allowed, and packs predictions", () =>
  withTemporaryFolder(async (folder) => {
    const model = await writeModel(folder);
    const other = model.replace("__2d", "__3d_lowres");
    const write = async (...path: string[]) => {
      const file = join(dirname(model), ...path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeTextFile(file, "content");
    };
    const [dataset, name] = nameOf(model).split("/");
    for (const file of ["a.nii.gz", "a.npz", "a.pkl", "summary.json"]) {
      await write(name, "fold_1", "validation", file);
    }
    for (const file of ["a.nii.gz", "postprocessing.pkl", "summary.json"]) {
      await write(name, "crossval_results_folds_1", file);
    }
    const ensembles = [`ensemble___${name}___${name}___1`, `ensemble___${name}___other__a__b___1`];
    for (const ensemble of ensembles) await write("ensembles", ensemble, "summary.json");
    const zip = join(folder, "model.zip");
    const leftOut: string[] = [];
    const options = {
      models: [model, other],
      folds: [1, 4],
      allowMissing: true,
      onLeftOut: (paths: readonly string[]) => void leftOut.push(...paths),
    };
    const common = ["plans.json", "dataset.json", "fold_1/checkpoint_final.pth"]
      .map((file) => `${dataset}/${name}/${file}`);
    const scores = [
      `${dataset}/${name}/crossval_results_folds_1/summary.json`,
      `${dataset}/${name}/crossval_results_folds_1/postprocessing.pkl`,
      `${dataset}/${name}/fold_1/validation/summary.json`,
      `${dataset}/ensembles/${ensembles[0]}/summary.json`,
    ];
    assert.deepEqual((await exportModels(zip, options)).sort(), [...common, ...scores].sort());
    assert.deepEqual(leftOut, [join(model, "fold_4"), other]);
    const all = await exportModels(zip, { ...options, crossvalPredictions: true });
    assert.deepEqual(
      all.sort(),
      [
        ...[...common, ...scores],
        `${dataset}/${name}/crossval_results_folds_1/a.nii.gz`,
        `${dataset}/${name}/fold_1/validation/a.nii.gz`,
      ].sort(),
    );
    await assert.rejects(
      exportModels(zip, { models: [other], allowMissing: true }),
      /none of .*__3d_lowres is trained/,
    );
  }));

Deno.test("installModels() rejects names outside the folder, twice the same, links and bombs", () =>
  withTemporaryFolder(async (folder) => {
    const records = await recordsOf(await writeModel(join(folder, "here")));
    const zip = join(folder, "bad.zip");
    const results = join(folder, "results");
    const installWith = async (...names: string[]) => {
      const others = names.map((name) => ({ name, content: bytes("{}") }));
      await writeZipFile(zip, [...records, ...others]);
      return await installModels(zip, results);
    };
    for (
      const name of [
        "../out/m/plans.json",
        "/etc/m/plans.json",
        "D/./plans.json",
        "D\\..\\x",
        "C:/m/x",
      ]
    ) {
      await assert.rejects(installWith(name), {
        name: "RangeError",
        message: `Cannot install ${zip}: ${JSON.stringify(name)} is outside the target folder`,
      });
    }
    const [{ name }] = records;
    await assert.rejects(installWith(name), /^SyntaxError: .* has two files ".*plans\.json"$/);
    for (const same of [name.toUpperCase(), name.replace("plans", "ｐlans")]) {
      await assert.rejects(installWith(same), /^RangeError: .* are the same file on some systems$/);
    }
    await writeZipFile(zip, [
      ...records.slice(0, 2),
      { name: `${dirname(name)}/fold_0/debug.json`, content: [new Uint8Array(9e6)] },
    ]);
    await assert.rejects(installModels(zip, results), /^RangeError: .* would become 90\d{5}/);
    await writeZipFile(zip, [{ name: "readme.txt", content: bytes("hello") }]);
    await assert.rejects(installModels(zip, results), /^SyntaxError: .*found no model/);
    await Deno.writeTextFile(zip, "no zip");
    await assert.rejects(installModels(zip, results), SyntaxError);
    await writeZipFile(zip, records);
    const linked = await Deno.readFile(zip);
    const view = new DataView(linked.buffer);
    // The external attributes of the first record in the directory, whose upper half is the mode.
    const directory = linked.findLastIndex((_, at) =>
      at + 4 <= linked.length && view.getUint32(at, true) === 0x02014b50
    );
    for (const kind of [0o120000, 0o010000, 0o020000]) {
      view.setUint32(directory + 38, (kind | 0o644) << 16, true);
      await Deno.writeFile(zip, linked);
      await assert.rejects(installModels(zip, results), /^SyntaxError: .* is a link or a device/);
    }
    await assert.rejects(Deno.stat(results), Deno.errors.NotFound);
  }));

Deno.test("installModels() unpacks only a model's files and names the others", () =>
  withTemporaryFolder(async (folder) => {
    const model = await writeModel(join(folder, "here"));
    const records = await recordsOf(model);
    const others = [
      `${nameOf(model)}/.ssh/config`,
      `${nameOf(model)}/fold_0/.hidden.pth`,
      `${nameOf(model)}/fold_0/run.sh`,
      `${nameOf(model)}/extra/plans.json`,
      `${dirname(nameOf(model))}/.git/hooks`,
      `${dirname(nameOf(model))}/inference_instructions.txt`,
      "Dataset999_X/not_a_model/plans.json",
      "__MACOSX/Dataset004_H/a__b__c/plans.json",
      ".hidden/a__b__c/plans.json",
    ];
    const zip = join(folder, "model.zip");
    await writeZipFile(zip, [
      ...records,
      ...others.map((name) => ({ name, content: bytes("{}") })),
    ]);
    const results = join(folder, "results");
    const leftOut: string[] = [];
    await installModels(zip, results, { onLeftOut: (names) => leftOut.push(...names) });
    assert.deepEqual(leftOut.sort(), others.sort());
    assert.deepEqual(
      Object.keys(snapshot(results)).sort(),
      records.map(({ name }) => join(results, name)).sort(),
    );
  }));

Deno.test("installModels() puts no model in place unless all can be used", () =>
  withTemporaryFolder(async (folder) => {
    const [first, second] = [
      await writeModel(join(folder, "here"), "2d"),
      await writeModel(join(folder, "here"), "3d_fullres"),
    ];
    const weights = "fold_0/checkpoint_final.pth";
    const [flat, volume] = await Promise.all(
      [first, second].map((model) => Deno.readFile(join(model, weights))),
    );
    const scratch = join(folder, "scratch.pth");
    const checkpoint = await readCheckpoint(join(first, weights));
    const [[name, { shape, data }]] = checkpoint.networkWeights;
    const withWeights = async (changed: [string, { shape: number[]; data: Float32Array }][]) => {
      const networkWeights = new Map([...checkpoint.networkWeights, ...changed]);
      await writeCheckpoint(scratch, { ...checkpoint, networkWeights });
      return await Deno.readFile(scratch);
    };
    const reshaped = await withWeights([[name, { shape: [...shape, 1], data }]]);
    const additional = await withWeights([["mine", { shape: [1], data: Float32Array.of(1) }]]);
    const cut = await Deno.readTextFile(join(first, "plans.json"));
    const bad: [RegExp, Record<string, Uint8Array | string | undefined>][] = [
      [/plans\.json: .*JSON/s, { "plans.json": cut.slice(0, -9) }],
      [/dataset\.json/, { "dataset.json": undefined }],
      [/dataset\.json: /, { "dataset.json": "{}" }],
      [/validation.summary\.json: /, { "fold_0/validation/summary.json": '{"mean": ' }],
      [/found no trained fold/, { [weights]: undefined }],
      [/checkpoint_final\.pth: .*zip/, { [weights]: "not weights" }],
      [/checkpoint_best\.pth: .*zip/, { "fold_3/checkpoint_best.pth": "not weights" }],
      [/is of the configuration 3d_fullres, expected 2d/, { [weights]: volume }],
      [/is \[.*\], expected \[/, { [weights]: reshaped }],
      [/found weights mine/, { [weights]: additional }],
      [/model\.onnx: it is not an ONNX model/, { "fold_0/model.onnx": "not a model" }],
    ];
    const results = join(folder, "results");
    const zip = join(folder, "model.zip");
    await exportModels(zip, { models: [first] });
    await installModels(zip, results);
    const before = snapshot(results);
    for (const [message, changes] of bad) {
      // The good model comes first, so that it would be in place before the bad one is read.
      const good = await recordsOf(second);
      await writeZipFile(zip, [...good, ...await recordsOf(first, changes)]);
      await assert.rejects(installModels(zip, results, { overwrite: true }), (error: Error) => {
        assert.match(error.message, /^Cannot install .*: Dataset\d+_\w+\/.*__2d cannot be used: /);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /partial/);
        return true;
      });
      assert.deepEqual(snapshot(results), before);
    }
    assert.notDeepEqual(flat, volume);
  }));

Deno.test("installModels() accepts a custom network's weights with its exported model", () =>
  withTemporaryFolder(async (folder) => {
    const model = await writeModel(join(folder, "here"));
    const trained = await openTrained(join(model, "fold_0"));
    const [checkpoint] = trained.checkpoints;
    const networkWeights = new Map([["mine", { shape: [1], data: Float32Array.of(1) }]]);
    const path = join(model, "fold_0/checkpoint_final.pth");
    await writeCheckpoint(path, { ...checkpoint, networkWeights });
    const zip = join(folder, "model.zip");
    const results = join(folder, "results");
    await exportModels(zip, { models: [model], folds: [0] });
    await assert.rejects(installModels(zip, results), /found weights mine/);
    await Deno.writeFile(
      join(model, "fold_0/model.onnx"),
      exportedModel(trained, checkpoint.networkWeights),
    );
    await exportModels(zip, { models: [model], folds: [0] });
    assert.equal((await installModels(zip, results)).length, 1);
  }));

Deno.test("installModels() leaves no files of a damaged model", () =>
  withTemporaryFolder(async (folder) => {
    const zip = join(folder, "model.zip");
    await exportModels(zip, { models: [await writeModel(join(folder, "here"))] });
    const content = await Deno.readFile(zip);
    using file = await ZipFile.open(zip);
    const { header, name } = [...file.entries.values()].at(-1)!;
    content[header + 30 + name.length + 20 + 3] ^= 0xff; // Within its compressed content.
    await Deno.writeFile(zip, content);
    const results = join(folder, "results");
    await assert.rejects(installModels(zip, results), SyntaxError);
    assert.deepEqual(Object.keys(snapshot(results)), []);
  }));

Deno.test("isModelFile() and isModelFolder() accept what nnU-Net writes", () => {
  for (
    const path of [
      "plans.json",
      "dataset_fingerprint.json",
      "fold_0/checkpoint_best.pth",
      "fold_all/training_log_2026_11_30_06_00_00.txt",
      "fold_4/network_architecture.pdf",
      "fold_1/validation/summary.json",
      "fold_1/validation/case_1.nii.gz",
      "crossval_results_folds_0_1_2_3_4/postprocessing.pkl",
      "crossval_results_folds_0_1/postprocessed/case_1.nii.gz",
    ]
  ) {
    assert.ok(isModelFile(path), path);
  }
  for (
    const path of ["", "plans.json/x", "../plans.json", "fold_0", "fold_0/x/y.pth", "fold_x/y.pth"]
  ) {
    assert.ok(!isModelFile(path), path);
  }
  assert.ok(isModelFolder("Dataset004_Hippocampus/nnUNetTrainer__nnUNetPlans__3d_fullres"));
  for (const path of ["Dataset004_H", "Dataset004_H/2d", "D/a__b__c", "Dataset004_H/a__b__c/d"]) {
    assert.ok(!isModelFolder(path), path);
  }
});

import assert from "node:assert/strict";
import { join } from "@std/path";
import { exportModels, installModels } from "../../lib/files/model_archive.ts";
import { writeZipFile, ZipFile } from "../../lib/interop/zip_file.ts";
import { namesIn } from "../dataset/sample_folders.ts";

const bytes = (text: string) => [new TextEncoder().encode(text)];

async function withFolder(run: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Creates a model folder with two trained folds, whose files are not read. */
async function writeModel(results: string): Promise<string> {
  const model = join(results, "Dataset004_H", "nnUNetTrainer__nnUNetPlans__2d");
  for (const fold of ["fold_0", "fold_1"]) {
    await Deno.mkdir(join(model, fold), { recursive: true });
    await Deno.writeTextFile(join(model, fold, "checkpoint_final.pth"), `weights of ${fold}`);
    await Deno.writeTextFile(join(model, fold, "checkpoint_best.pth"), "left behind");
  }
  await Deno.writeTextFile(join(model, "plans.json"), "{}");
  await Deno.writeTextFile(join(model, "dataset.json"), "{}");
  return model;
}

Deno.test("installModels() restores what exportModels() packed", () =>
  withFolder(async (folder) => {
    const model = await writeModel(join(folder, "here"));
    const zip = join(folder, "model.zip");
    const name = "Dataset004_H/nnUNetTrainer__nnUNetPlans__2d";
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
    const weights = join(there, name, "fold_1", "checkpoint_final.pth");
    assert.equal(await Deno.readTextFile(weights), "weights of fold_1");
    await assert.rejects(
      installModels(zip, there),
      /^AlreadyExistsError: .* exists; pass `overwrite: true` to replace it$/,
    );
    await Deno.writeTextFile(weights, "older");
    await installModels(zip, there, { overwrite: true });
    assert.equal(await Deno.readTextFile(weights), "weights of fold_1");
  }));

Deno.test("exportModels() rejects models without plans or trained folds", () =>
  withFolder(async (folder) => {
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

Deno.test("installModels() rejects names outside the folder, bombs and missing models", () =>
  withFolder(async (folder) => {
    const zip = join(folder, "bad.zip");
    const results = join(folder, "results");
    for (
      const name of [
        "../out/m/plans.json",
        "/etc/m/plans.json",
        "D/./plans.json",
        "D\\..\\x",
        "C:/m/x",
      ]
    ) {
      await writeZipFile(zip, [
        { name: "D/m/plans.json", content: bytes("{}") },
        { name, content: bytes("{}") },
      ]);
      await assert.rejects(installModels(zip, results), {
        name: "RangeError",
        message: `Cannot install ${zip}: "${name}" is outside the target folder`,
      });
    }
    await writeZipFile(zip, [{ name: "D/m/plans.json", content: [new Uint8Array(4e6)] }]);
    await assert.rejects(installModels(zip, results), /RangeError: .* would become 4000000/);
    await writeZipFile(zip, [{ name: "readme.txt", content: bytes("hello") }]);
    await assert.rejects(installModels(zip, results), /SyntaxError: .*found no model/);
    await Deno.writeTextFile(zip, "no zip");
    await assert.rejects(installModels(zip, results), SyntaxError);
    await assert.rejects(Deno.stat(results), Deno.errors.NotFound);
  }));

Deno.test("installModels() leaves no files of a damaged model", () =>
  withFolder(async (folder) => {
    const zip = join(folder, "model.zip");
    await exportModels(zip, { models: [await writeModel(join(folder, "here"))] });
    const content = await Deno.readFile(zip);
    using file = await ZipFile.open(zip);
    const { header, name } = [...file.entries.values()].at(-1)!;
    content[header + 30 + name.length + 20 + 3] ^= 0xff; // Within its compressed content.
    await Deno.writeFile(zip, content);
    const results = join(folder, "results");
    await assert.rejects(installModels(zip, results), SyntaxError);
    assert.deepEqual(namesIn(join(results, "Dataset004_H")), []);
  }));

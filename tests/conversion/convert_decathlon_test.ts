import assert from "node:assert/strict";
import { join } from "@std/path";
import { convertDecathlon } from "../../lib/conversion/convert_decathlon.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { verifyDatasetIntegrity } from "../../lib/dataset/integrity.ts";
import { snapshot } from "../dataset/sample_folders.ts";
import { assertConverted, goldenConversion, withOldDataset } from "./golden_folders.ts";

const tiny = goldenConversion("decathlon");

Deno.test("convertDecathlon() converts a task as nnU-Net does", () =>
  withOldDataset(tiny, async (source, folders) => {
    const before = snapshot(source);
    const steps: string[] = [];
    const folder = await convertDecathlon(`${source}/`, folders, {
      workers: 2,
      onProgress: (...step) => steps.push(step.join("/")),
    });
    assert.equal(folder, join(folders.raw, tiny.target));
    await assertConverted(folder, tiny);
    assert.deepEqual(snapshot(source), before);
    assert.deepEqual(steps, ["1/5", "2/5", "3/5", "4/5", "5/5"]);
    const dataset = await Dataset.open({ folders, id: 5 });
    assert.deepEqual((await verifyDatasetIntegrity(dataset)).errors, []);
  }));

Deno.test("convertDecathlon() reports the files that it does not take", () =>
  withOldDataset(tiny, async (source, folders) => {
    for (const name of ["imagesTr/._a.nii.gz", "imagesTr/b.nii", "labelsTr/notes.txt"]) {
      await Deno.writeTextFile(join(source, name), "");
    }
    const reports: unknown[] = [];
    await convertDecathlon(source, folders, { onIgnored: (ignored) => reports.push(ignored) });
    assert.deepEqual(reports, [[
      { path: "imagesTr/._a.nii.gz", reason: "hidden" },
      { path: "imagesTr/._t_01.nii.gz", reason: "hidden" },
      { path: "imagesTr/b.nii", reason: "expected a scan CASE.nii.gz" },
      { path: "labelsTr/._t_01.nii.gz", reason: "hidden" },
      { path: "labelsTr/notes.txt", reason: "not an image" },
      { path: "imagesTs/_t_04.nii.gz", reason: "expected a scan CASE.nii.gz" },
    ]]);
  }));

Deno.test("convertDecathlon() accepts another id and rejects ids in use in any folder", () =>
  withOldDataset(tiny, async (source, folders) => {
    await Deno.mkdir(join(folders.results, "Dataset005_Other"), { recursive: true });
    await assert.rejects(
      convertDecathlon(source, folders),
      /Cannot create Dataset005_Tiny: found .*nnUNet_results.Dataset005_Other, expected an unused id$/,
    );
    const folder = await convertDecathlon(source, folders, { id: 42, workers: 1 });
    assert.equal(folder, join(folders.raw, "Dataset042_Tiny"));
    await assertConverted(folder, tiny);
  }));

const damages: [title: string, damage: (source: string) => Promise<unknown>, message: RegExp][] = [
  [
    "missing folders and files",
    async (source) => {
      await Deno.remove(join(source, "imagesTs"), { recursive: true });
      await Deno.remove(join(source, "dataset.json"));
    },
    /found no dataset\.json, imagesTs, which are required$/,
  ],
  [
    "a scan and a label map without counterparts",
    async (source) => {
      await Deno.remove(join(source, "imagesTr/t_01.nii.gz"));
      await Deno.remove(join(source, "labelsTr/t_02.nii.gz"));
    },
    /found imagesTr\/t_02\.nii\.gz, labelsTr\/t_01\.nii\.gz alone, expected an image and a label/,
  ],
  [
    "a task of version 1",
    async (source) => {
      for (const name of ["t_01", "t_02"]) {
        const path = join(source, "imagesTr", name);
        await Deno.rename(`${path}.nii.gz`, `${path}_0000.nii.gz`);
      }
    },
    /; use `convertVersion1\(\)`, since this looks like an nnU-Net v1 task$/,
  ],
  [
    "a number of channels other than in modality",
    (source) =>
      Deno.copyFile(join(source, "labelsTr/t_01.nii.gz"), join(source, "imagesTr/t_01.nii.gz")),
    /t_01\.nii\.gz has 1 channels, expected 2$/,
  ],
  [
    "a file that is not a scan",
    (source) => Deno.writeTextFile(join(source, "imagesTs/t_03.nii.gz"), "Hello"),
    /Cannot read .*t_03\.nii\.gz: file holds 5 bytes/,
  ],
  [
    "a dataset.json of version 2",
    (source) =>
      Deno.writeTextFile(
        join(source, "dataset.json"),
        JSON.stringify({
          channel_names: { "0": "T2", "1": "ADC" },
          labels: { background: 0, a: 1 },
          numTraining: 2,
          file_ending: ".nii.gz",
        }),
      ),
    /dataset\.json is already of version 2$/,
  ],
];

for (const [title, damage, message] of damages) {
  Deno.test(`convertDecathlon() rejects ${title} and leaves no files behind`, () =>
    withOldDataset(tiny, async (source, folders) => {
      await damage(source);
      await assert.rejects(convertDecathlon(source, folders, { workers: 1 }), message);
      assert.deepEqual(await Array.fromAsync(readDirIfThere(folders.raw)), []);
    }));
}

Deno.test("convertDecathlon() rejects a folder that is not named like a task", () =>
  withOldDataset({ ...tiny, source: "Prostate" }, async (source, folders) => {
    await assert.rejects(
      convertDecathlon(source, folders),
      /Cannot convert .*Prostate: expected a folder named like Task04_Hippocampus$/,
    );
  }));

Deno.test("convertDecathlon() stops when its signal is aborted and leaves no files behind", () =>
  withOldDataset(tiny, async (source, folders) => {
    for (const stopAt of [1, 4]) {
      const controller = new AbortController();
      const converted = convertDecathlon(source, folders, {
        workers: 1,
        signal: controller.signal,
        onProgress: (done) => done === stopAt && controller.abort(new Error("Stopped")),
      });
      await assert.rejects(converted, /^Error: Stopped$/);
      assert.deepEqual(await Array.fromAsync(readDirIfThere(folders.raw)), []);
    }
  }));

async function* readDirIfThere(folder: string) {
  try {
    for await (const { name } of Deno.readDir(folder)) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

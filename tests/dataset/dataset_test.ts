import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { foldersIn } from "../../lib/files/folders.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import { countingImage, repeatingLabels } from "../image/sample_images.ts";
import {
  createSample,
  namesIn,
  type SampleFolders,
  snapshot,
  withFolders,
  writeCases,
} from "./sample_folders.ts";

const sample = { id: 4, name: "Sample", channels: ["MRI"] };

Deno.test("Dataset.create() lays files out as nnU-Net does", () =>
  withFolders(async (folders) => {
    const dataset = await createSample(folders);
    const folder = join(folders.root, "nnUNet_raw", "Dataset004_Sample");
    assert.equal(dataset.folder, folder);
    assert.deepEqual([dataset.id, dataset.name], [4, "Sample"]);
    assert.deepEqual(dataset.folders, foldersIn(folders.root));
    assert.deepEqual(namesIn(join(folders.root, "nnUNet_raw")), ["Dataset004_Sample/"]);
    assert.deepEqual(namesIn(folder), ["dataset.json", "imagesTr/", "labelsTr/"]);
    assert.deepEqual(namesIn(join(folder, "imagesTr")), ["a_0000.nii.gz", "b_0000.nii.gz"]);
    assert.deepEqual(namesIn(join(folder, "labelsTr")), ["a.nii.gz", "b.nii.gz"]);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(join(folder, "dataset.json"))), {
      channel_names: { "0": "MRI" },
      labels: { background: 0, label_1: 1, label_2: 2 },
      numTraining: 2,
      file_ending: ".nii.gz",
      name: "Sample",
    });
    assert.deepEqual(dataset.cases[1], {
      name: "b",
      images: [join(folder, "imagesTr", "b_0000.nii.gz")],
      label: join(folder, "labelsTr", "b.nii.gz"),
    });
    assert.deepEqual(dataset.testCases, []);
    assert.equal((await readImage(dataset.cases[1].images)).data[0], 1);
  }));

Deno.test("Dataset.create() does not change the user's folders", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b"]);
    const before = [snapshot(folders.images), snapshot(folders.labels)];
    await Dataset.create({ ...folders, ...sample, test: ["b"] });
    assert.deepEqual([snapshot(folders.images), snapshot(folders.labels)], before);
  }));

Deno.test("Dataset.create() accepts classes in order, with or without the background", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    for (const classes of [["front", "back"], ["background", "front", "back"]]) {
      const { json } = await Dataset.create({ ...folders, ...sample, classes, overwrite: true });
      assert.deepEqual(json.labels, { background: 0, front: 1, back: 2 });
    }
  }));

Deno.test("Dataset.create() renumbers labels with gaps if classes have integers", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"], { values: [0, 1002, 2035, 7] });
    const classes = { right: 2035, ignore: 7, left: 1002 };
    const dataset = await Dataset.create({ ...folders, ...sample, classes });
    assert.deepEqual(dataset.json.labels, { background: 0, left: 1, right: 2, ignore: 3 });
    const { data } = await readSegmentation(dataset.cases[0].label);
    assert.deepEqual(Array.from(data.subarray(0, 4)), [0, 1, 2, 3]);
  }));

Deno.test("Dataset.create() supports regions and an ignore label with gaps in the integers", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"], { values: [0, 1, 2, 4, 9] });
    const { json, cases } = await Dataset.create({
      ...folders,
      ...sample,
      classes: { whole: [1, 2, 4], core: [1, 4], ignore: 9 },
      regionsClassOrder: [2, 1],
    });
    assert.deepEqual(json.labels, { background: 0, whole: [1, 2, 3], core: [1, 3], ignore: 4 });
    assert.deepEqual(json.regionsClassOrder, [2, 1]);
    const { data } = await readSegmentation(cases[0].label);
    assert.deepEqual(Array.from(data.subarray(0, 5)), [0, 1, 2, 3, 4]);
  }));

Deno.test("Dataset.create() rejects labels with gaps and labels without a name", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"], { values: [0, 1, 5] });
    await assert.rejects(
      Dataset.create({ ...folders, ...sample }),
      /found 0, 1, 5, expected 0, 1, 2, … without gaps; pass .* \{ label_1: 1, label_5: 5 \}`$/,
    );
    await assert.rejects(
      Dataset.create({ ...folders, ...sample, classes: ["x", "y"] }),
      /found 0, 1, 5, expected at most 2, the number of classes/,
    );
    await assert.rejects(
      Dataset.create({ ...folders, ...sample, classes: { x: 1 } }),
      /found 5 in the files, expected only the integers of the classes, 1$/,
    );
  }));

Deno.test("Dataset.create() groups channel files in order", () =>
  withFolders(async (folders) => {
    for (const name of ["a", "scan_0001"]) {
      await writeSegmentation(
        join(folders.labels, `${name}.nii`),
        repeatingLabels([1, 2, 2], [0, 1]),
      );
      for (const channel of [0, 1]) {
        const image = countingImage([1, 2, 2], { start: 10 * channel });
        await writeImage(join(folders.images, `${name}_000${channel}.nii`), image);
      }
    }
    const { cases, json } = await Dataset.create({ ...folders, ...sample, channels: ["T1", "T2"] });
    assert.deepEqual(cases.map(({ name }) => name), ["a", "scan_0001"]);
    assert.equal(json.fileEnding, ".nii");
    assert.deepEqual(Array.from((await readImage(cases[1].images)).data), [
      0,
      1,
      2,
      3,
      10,
      11,
      12,
      13,
    ]);
  }));

Deno.test("Dataset.create() splits files with several channels", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"], { shape: [1, 2, 2] });
    await writeImage(join(folders.images, "a.nii.gz"), countingImage([1, 2, 2], { channels: 3 }));
    const { cases } = await Dataset.create({ ...folders, ...sample, channels: ["R", "G", "B"] });
    assert.equal(cases[0].images.length, 3);
    assert.deepEqual(Array.from((await readImage([cases[0].images[2]])).data), [8, 9, 10, 11]);
  }));

Deno.test("Dataset.create() does not mistake four digits of a case's name for a channel", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["scan_0001", "scan_0002"]);
    const { cases } = await Dataset.create({ ...folders, ...sample });
    assert.deepEqual(cases.map(({ name }) => name), ["scan_0001", "scan_0002"]);
  }));

Deno.test("Dataset.create() reserves named cases for testing", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b", "c"]);
    const dataset = await Dataset.create({ ...folders, ...sample, test: ["b"] });
    assert.deepEqual(dataset.cases.map(({ name }) => name), ["a", "c"]);
    assert.deepEqual(dataset.testCases, [
      { name: "b", images: [join(dataset.folder, "imagesTs", "b_0000.nii.gz")] },
    ]);
    assert.equal(dataset.json.numTraining, 2);
    assert.deepEqual(namesIn(join(dataset.folder, "labelsTr")), ["a.nii.gz", "c.nii.gz"]);
    await assert.rejects(
      Dataset.create({ ...folders, ...sample, id: 5, test: ["zebra"] }),
      /case "zebra": found no such case in /,
    );
  }));

Deno.test("Dataset.create() takes test images from a separate folder", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b"]);
    const test = join(folders.images, "..", "test");
    for (const name of ["x", "y_2024"]) {
      await writeImage(join(test, `${name}.nii.gz`), countingImage([1, 2, 2]));
    }
    const { testCases } = await Dataset.create({ ...folders, ...sample, test });
    assert.deepEqual(testCases.map(({ name }) => name), ["x", "y_2024"]);
  }));

Deno.test("Dataset.create() lists all problems and leaves no files behind", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b", "c", "d"]);
    await Deno.writeTextFile(join(folders.images, "a.nii.gz"), "no image");
    const whole = await Deno.readFile(join(folders.labels, "b.nii.gz"));
    await Deno.writeFile(join(folders.labels, "b.nii.gz"), whole.subarray(0, 40));
    await writeSegmentation(join(folders.labels, "c.nii.gz"), repeatingLabels([2, 2, 2], [0, 1]));
    await assert.rejects(Dataset.create({ ...folders, ...sample }), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot use these files for Dataset004_Sample: found 3 problems/,
      );
      assert.match(error.message, /\n- case "a": Cannot read .*a\.nii\.gz: file holds 8 bytes/);
      assert.match(error.message, /\n- case "b": Cannot read .*b\.nii\.gz: its 40 bytes of gzip/);
      assert.match(
        error.message,
        /\n- case "c": .*c\.nii\.gz: shape is 2 × 2 × 2, expected 2 × 3 × 4/,
      );
      return true;
    });
    await assert.rejects(Deno.stat(folders.root), Deno.errors.NotFound);
  }));

Deno.test("Dataset.create() lists images without labels, labels without images and missing channels", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b", "c"]);
    await Deno.remove(join(folders.labels, "a.nii.gz"));
    await Deno.remove(join(folders.images, "b.nii.gz"));
    await Deno.rename(join(folders.images, "c.nii.gz"), join(folders.images, "c_0001.nii.gz"));
    await assert.rejects(
      Dataset.create({ ...folders, ...sample, channels: ["X", "Y"] }),
      (error: Error) => {
        assert.match(error.message, /found 3 problems, expected none\n/);
        assert.match(
          error.message,
          /- case "a": .*a\.nii\.gz: found no label map of this name in .*truth/,
        );
        assert.match(
          error.message,
          /- case "b": .*b\.nii\.gz: found no image of this name in .*input/,
        );
        assert.match(
          error.message,
          /- case "c": found c_0001\.nii\.gz, expected one file, or 2 files/,
        );
        return true;
      },
    );
  }));

Deno.test("Dataset.create() rejects empty and missing folders and mixed endings", () =>
  withFolders(async (folders) => {
    await assert.rejects(
      Dataset.create({ ...folders, ...sample }),
      /- .*input: found no such folder, expected a folder of images\n- .*truth: found no such/,
    );
    for (const folder of [folders.images, folders.labels]) await Deno.mkdir(folder);
    await assert.rejects(
      Dataset.create({ ...folders, ...sample }),
      /- .*input: found no image files, expected at least one\n- .*truth: found no image files/,
    );
    await writeCases(folders, ["a"]);
    await writeCases(folders, ["b"], { ending: ".nii" });
    await assert.rejects(
      Dataset.create({ ...folders, ...sample }),
      /found files ending in \.nii\.gz, \.nii, expected one ending$/,
    );
  }));

Deno.test("Dataset.create() reports the files that it ignores", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    const { images, labels } = folders;
    await Deno.writeTextFile(join(images, "notes.txt"), "");
    await Deno.mkdir(join(labels, "old"));
    const reports: unknown[] = [];
    await Dataset.create({ ...folders, ...sample, onIgnored: (files) => reports.push(files) });
    assert.deepEqual(reports, [[
      { path: join(images, "notes.txt"), reason: "not an image" },
      { path: join(labels, "old"), reason: "a folder without DICOM slices (empty)" },
    ]]);
  }));

Deno.test("Dataset.create() rejects invalid ids, names and channels", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    const create = (change: object) => Dataset.create({ ...folders, ...sample, ...change });
    await assert.rejects(create({ id: 1000 }), /id is 1000, expected an integer from 1 to 999$/);
    await assert.rejects(create({ name: "../up" }), /name is "\.\.\/up", expected letters/);
    await assert.rejects(create({ channels: [] }), /found no channels/);
  }));

Deno.test("Dataset.create() replaces an existing data set only with overwrite", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    const before = snapshot(folders.root);
    await writeCases(folders, ["c"]);
    await assert.rejects(
      Dataset.create({ ...folders, ...sample }),
      /^AlreadyExistsError: Cannot create data set 4 "Sample": found .*Dataset004_Sample, expected an unused id; pass/,
    );
    await assert.rejects(
      Dataset.create({ ...folders, ...sample, name: "Other", overwrite: true }),
      /^AlreadyExistsError: Cannot create data set 4 "Other": found .*Dataset004_Sample, expected an unused id$/,
    );
    assert.deepEqual(snapshot(folders.root), before);
    const { cases } = await Dataset.create({ ...folders, ...sample, overwrite: true });
    assert.equal(cases.length, 3);
    assert.deepEqual(namesIn(join(folder, "..")), ["Dataset004_Sample/"]);
  }));

Deno.test("Dataset.create() reports progress, and keeps the existing data set when stopped", () =>
  withFolders(async (folders) => {
    await createSample(folders);
    const before = snapshot(folders.root);
    await writeCases(folders, ["c"]);
    const create = (stopAt: number) => {
      const controller = new AbortController();
      const steps: string[] = [];
      const created = Dataset.create({
        ...folders,
        ...sample,
        overwrite: true,
        signal: controller.signal,
        onProgress: (done, total) => {
          steps.push(`${done}/${total}`);
          if (done === stopAt) controller.abort(new Error("Stopped"));
        },
      });
      return { created, steps };
    };
    for (const stopAt of [1, 3, 4, 6]) {
      await assert.rejects(create(stopAt).created, /^Error: Stopped$/);
      assert.deepEqual(snapshot(folders.root), before);
    }
    const { created, steps } = create(-1);
    await created;
    assert.deepEqual(steps, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  }));

Deno.test("Dataset.open() opens a created data set by root or by folders", () =>
  withFolders(async (folders) => {
    const created = await createSample(folders);
    assert.deepEqual(await Dataset.open({ root: folders.root, id: 4 }), created);
    assert.deepEqual(await Dataset.open({ folders: foldersIn(folders.root), id: 4 }), created);
  }));

Deno.test("Dataset.open() lists the existing ids", () =>
  withFolders(async (folders) => {
    await assert.rejects(
      Dataset.open({ root: folders.root, id: 7 }),
      /nnUNet_raw does not exist$/,
    );
    await createSample(folders);
    await writeCases(folders, ["z"]);
    await Dataset.create({ ...folders, ...sample, id: 12 });
    await assert.rejects(
      Dataset.open({ root: folders.root, id: 7 }),
      /^MissingDatasetError: Cannot open data set 7: found data sets 4, 12 in .*nnUNet_raw$/,
    );
  }));

Deno.test("Dataset.open() rejects an id that two folders share", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    await Deno.mkdir(join(folder, "..", "Dataset004_Twin"));
    await assert.rejects(
      Dataset.open({ root: folders.root, id: 4 }),
      /found .*Dataset004_Sample, .*Dataset004_Twin, expected one folder with this id$/,
    );
  }));

Deno.test("Dataset.open() uses the cases listed in dataset.json", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    const path = join(folder, "dataset.json");
    const json = JSON.parse(await Deno.readTextFile(path));
    json.dataset = {
      z: { images: ["/elsewhere/z.nii.gz"], label: "labelsTr/b.nii.gz" },
      y: { images: ["imagesTr/a_0000.nii.gz"], label: "labelsTr/a.nii.gz" },
    };
    await Deno.writeTextFile(path, JSON.stringify(json));
    const { cases } = await Dataset.open({ root: folders.root, id: 4 });
    assert.deepEqual(cases.map(({ name }) => name), ["y", "z"]);
    assert.deepEqual(cases[1], {
      name: "z",
      images: ["/elsewhere/z.nii.gz"],
      label: join(folder, "labelsTr", "b.nii.gz"),
    });
    assert.deepEqual(cases[0].images, [join(folder, "imagesTr", "a_0000.nii.gz")]);
  }));

Deno.test("Dataset.open() expands variables in the paths listed in dataset.json", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    const path = join(folder, "dataset.json");
    const json = JSON.parse(await Deno.readTextFile(path));
    json.dataset = { a: { images: ["$SCANS/a.nii.gz"], label: "labelsTr/a.nii.gz" } };
    await Deno.writeTextFile(path, JSON.stringify(json));
    const { cases } = await Dataset.open({
      root: folders.root,
      id: 4,
      variables: (name) => name === "SCANS" ? folders.images : undefined,
    });
    assert.deepEqual(cases[0].images, [join(folders.images, "a.nii.gz")]);
    await assert.rejects(
      Dataset.open({ root: folders.root, id: 4 }),
      /dataset\.a\.images\.0 is "\$SCANS\/a\.nii\.gz", expected SCANS to be set$/,
    );
  }));

/** Creates a data set of five cases, some of which a function changes, and returns the warnings. */
async function warningsOf(
  folders: SampleFolders,
  change: () => Promise<unknown>,
  options: { readonly classes?: readonly string[] } = {},
): Promise<string[]> {
  const warnings: string[] = [];
  await writeCases(folders, ["a", "b", "c", "d", "e"]);
  await change();
  await Dataset.create({
    ...{ ...folders, ...sample, ...options },
    onWarning: (message) => warnings.push(message),
  });
  return warnings;
}

/** Writes a label map of the shape of `writeCases()` with an affine. */
function writeMoved({ labels }: SampleFolders, name: string, affine: readonly number[]) {
  return writeSegmentation(join(labels, `${name}.nii.gz`), {
    geometry: { shape: [2, 3, 4], spacing: [1, 1, 1], affine },
    data: repeatingLabels([2, 3, 4], [0, 1, 2]).data,
  });
}

Deno.test("Dataset.create() warns once of label maps that lie elsewhere, and names the cases", () =>
  withFolders(async (folders) => {
    const moved = [1, 0, 0, 10, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const flipped = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const warnings = await warningsOf(folders, async () => {
      for (const name of ["b", "c", "d"]) await writeMoved(folders, name, moved);
      await writeMoved(folders, "e", flipped);
    });
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(
      warnings[0],
      /^case "b": .*b\.nii\.gz: origin is \(10, 0, 0\), expected \(0, 0, 0\) as b\.nii\.gz has; similar in 2 other cases: c, d$/,
    );
    assert.match(
      warnings[1],
      /^case "e": .*e\.nii\.gz: direction is \(-1, 0, .* as e\.nii\.gz has$/,
    );
  }));

Deno.test("Dataset.create() warns of equal scans, and of labels that are in no file", () =>
  withFolders(async (folders) => {
    const { images } = folders;
    const warnings = await warningsOf(
      folders,
      () => Deno.copyFile(join(images, "a.nii.gz"), join(images, "b.nii.gz")),
      { classes: ["ant", "post", "third"] },
    );
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(
      warnings[0],
      /^case "b": .*: has the same voxels as .*a\.nii\.gz, expected another/,
    );
    assert.equal(warnings[1], "labels 3 are declared but occur in no label map");
  }));

import assert from "node:assert/strict";
import { join } from "@std/path";
import { AlreadyExistsError } from "../../lib/files/already_exists_error.ts";
import { createTask } from "../../lib/dataset/create_task.ts";
import { readDatasetJson } from "../../lib/files/dataset_file.ts";
import { writeImage } from "../../lib/image/image_files.ts";
import { countingImage } from "../image/sample_images.ts";
import { namesIn, snapshot, sourcesOf, withFolders, writeCases } from "./sample_folders.ts";

const brain = {
  id: 500,
  name: "Brain",
  channels: ["MRI"],
  classes: ["non brain", "left", "right"],
  description: "T1 scans",
};

Deno.test("createTask() writes a task of version 1 with its dataset.json", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["b", "a"]);
    const test = join(folders.root, "test");
    await writeImage(join(test, "c_0000.nii.gz"), countingImage([1, 2, 2]));
    const steps: string[] = [];
    const folder = await createTask(folders.root, {
      ...sourcesOf(folders),
      ...brain,
      test,
      onProgress: (...step) => steps.push(step.join("/")),
    });
    assert.equal(folder, join(folders.root, "Task500_Brain"));
    assert.deepEqual(namesIn(folder), ["dataset.json", "imagesTr/", "imagesTs/", "labelsTr/"]);
    assert.deepEqual(namesIn(join(folder, "imagesTr")), ["a_0000.nii.gz", "b_0000.nii.gz"]);
    assert.deepEqual(namesIn(join(folder, "imagesTs")), ["c_0000.nii.gz"]);
    assert.deepEqual(namesIn(join(folder, "labelsTr")), ["a.nii.gz", "b.nii.gz"]);
    assert.deepEqual(steps, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
    const text = await Deno.readTextFile(join(folder, "dataset.json"));
    assert.deepEqual(JSON.parse(text), {
      name: "Brain",
      description: "T1 scans",
      tensorImageSize: "3D",
      reference: "",
      licence: "",
      release: "0.0",
      modality: { "0": "MRI" },
      labels: { "0": "non brain", "1": "left", "2": "right" },
      numTraining: 2,
      numTest: 1,
      training: [
        { image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" },
        { image: "./imagesTr/b.nii.gz", label: "./labelsTr/b.nii.gz" },
      ],
      test: ["./imagesTs/c.nii.gz"],
    });
    const { labels } = await readDatasetJson(join(folder, "dataset.json"));
    assert.deepEqual(labels, { background: 0, left: 1, right: 2 });
  }));

Deno.test("createTask() replaces an existing task only with overwrite", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    const folder = await createTask(folders.root, { ...sourcesOf(folders), ...brain });
    await writeCases(folders, ["b"]);
    const before = snapshot(folders.root);
    await assert.rejects(
      createTask(folders.root, { ...sourcesOf(folders), ...brain }),
      (error: AlreadyExistsError) => {
        assert.ok(error instanceof AlreadyExistsError);
        assert.match(
          error.message,
          /^Cannot create .*Task500_Brain: it exists already; pass `overwrite/,
        );
        assert.equal(error.path, folder);
        return true;
      },
    );
    assert.deepEqual(snapshot(folders.root), before);
    await createTask(folders.root, { ...sourcesOf(folders), ...brain, overwrite: true });
    assert.equal(namesIn(join(folder, "labelsTr")).length, 2);
  }));

Deno.test("createTask() rejects labels without a name, other endings and invalid names", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    const create = (change: object) =>
      createTask(folders.root, { ...sourcesOf(folders), ...brain, ...change });
    await assert.rejects(
      create({ classes: ["non brain", "brain"] }),
      /found the labels 2, expected at most 1, the last of the classes$/,
    );
    await assert.rejects(create({ name: "../x" }), /expected an id from 1 to 999 and a name of/);
    await assert.rejects(create({ id: 0 }), /Cannot create Task000_Brain: expected an id from 1/);
    await Deno.remove(folders.images, { recursive: true });
    await Deno.remove(folders.labels, { recursive: true });
    await writeCases(folders, ["a"], { ending: ".nii" });
    await assert.rejects(create({}), /files end in \.nii, expected \.nii\.gz$/);
    await assert.rejects(Deno.stat(folders.root), Deno.errors.NotFound);
  }));

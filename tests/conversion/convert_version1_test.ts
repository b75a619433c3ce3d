import assert from "node:assert/strict";
import { join } from "@std/path";
import { convertVersion1 } from "../../lib/conversion/convert_version1.ts";
import { createTask } from "../../lib/dataset/create_task.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { foldersIn } from "../../lib/files/folders.ts";
import { snapshot, sourcesOf, withFolders, writeCases } from "../dataset/sample_folders.ts";
import { assertConverted, goldenConversion, withOldDataset } from "./golden_folders.ts";

const old = goldenConversion("version1");

Deno.test("convertVersion1() converts a task as nnU-Net does", () =>
  withOldDataset(old, async (source, folders) => {
    const before = snapshot(source);
    const steps: string[] = [];
    const folder = await convertVersion1(source, old.target, folders, {
      onProgress: (...step) => steps.push(step.join("/")),
    });
    assert.equal(folder, join(folders.raw, old.target));
    await assertConverted(folder, old);
    assert.deepEqual(snapshot(source), before);
    assert.deepEqual(steps, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  }));

Deno.test("convertVersion1() converts a task from createTask()", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b"]);
    const task = await createTask(folders.root, {
      ...sourcesOf(folders),
      id: 500,
      name: "Brain",
      channels: ["MRI"],
      classes: ["non brain", "left", "right"],
    });
    await convertVersion1(task, "Dataset007_Brain", foldersIn(folders.root));
    const { json, cases } = await Dataset.open({ root: folders.root, id: 7 });
    assert.deepEqual(json.labels, { background: 0, left: 1, right: 2 });
    assert.deepEqual(cases.map(({ name }) => name), ["a", "b"]);
  }));

Deno.test("convertVersion1() rejects names in use and invalid names", () =>
  withOldDataset(old, async (source, folders) => {
    await convertVersion1(source, old.target, folders);
    const before = snapshot(folders.raw);
    for (const name of [old.target, "Dataset017_Twin"]) {
      await assert.rejects(
        convertVersion1(source, name, folders),
        /found .*, expected an unused id$/,
      );
    }
    for (const name of ["Task018_Old", "Dataset18_Old", "Dataset018"]) {
      await assert.rejects(
        convertVersion1(source, name, folders),
        /expected a name like Dataset004_Hippocampus$/,
      );
    }
    assert.deepEqual(snapshot(folders.raw), before);
  }));

Deno.test("convertVersion1() recognises a task of the Decathlon", () => {
  const decathlon = goldenConversion("decathlon");
  return withOldDataset(decathlon, async (source, folders) => {
    await assert.rejects(
      convertVersion1(source, "Dataset005_Tiny", folders),
      /alone, expected .*; use `convertDecathlon\(\)`/,
    );
  });
});

Deno.test("convertVersion1() stops when its signal is aborted and leaves no files behind", () =>
  withOldDataset(old, async (source, folders) => {
    const controller = new AbortController();
    const converted = convertVersion1(source, old.target, folders, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("Stopped")),
    });
    await assert.rejects(converted, /^Error: Stopped$/);
    assert.deepEqual(Array.from(Deno.readDirSync(folders.raw)), []);
  }));

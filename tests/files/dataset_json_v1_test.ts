import assert from "node:assert/strict";
import { join } from "@std/path";
import { upgradeDatasetJson } from "../../lib/files/dataset_json_v1.ts";
import { writeDatasetJsonV1 } from "../../lib/files/dataset_file.ts";

const brain = {
  name: "Brain",
  modality: ["MRI"],
  labels: ["Überall", "brain"],
  trainingCases: ["a"],
  testCases: [],
};

Deno.test("writeDatasetJsonV1() writes sorted keys in ASCII, as version 1 did", () =>
  inFolder(async (path) => {
    assert.equal(await writeDatasetJsonV1(path, brain), true);
    assert.equal(
      await Deno.readTextFile(path),
      `{
    "description": "",
    "labels": {
        "0": "\\u00dcberall",
        "1": "brain"
    },
    "licence": "",
    "modality": {
        "0": "MRI"
    },
    "name": "Brain",
    "numTest": 0,
    "numTraining": 1,
    "reference": "",
    "release": "0.0",
    "tensorImageSize": "3D",
    "test": [],
    "training": [
        {
            "image": "./imagesTr/a.nii.gz",
            "label": "./labelsTr/a.nii.gz"
        }
    ]
}`,
    );
  }));

Deno.test("writeDatasetJsonV1() keeps an existing file without overwrite", () =>
  inFolder(async (path) => {
    await Deno.writeTextFile(path, "old");
    assert.equal(await writeDatasetJsonV1(path, brain, { overwrite: false }), false);
    assert.equal(await Deno.readTextFile(path), "old");
    assert.equal(await writeDatasetJsonV1(path, brain), true);
    assert.notEqual(await Deno.readTextFile(path), "old");
  }));

Deno.test("writeDatasetJsonV1() rejects missing channels and labels", () =>
  inFolder(async (path) => {
    const refused = [
      [{ modality: [] }, /found no modality, expected at least one$/],
      [{ labels: ["background"] }, /found 1 labels, expected at least 2$/],
      [{ labels: ["background", "a", "a"] }, /found the label "a" twice, expected unique names$/],
    ] as const;
    for (const [change, message] of refused) {
      await assert.rejects(writeDatasetJsonV1(path, { ...brain, ...change }), message);
    }
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  }));

Deno.test("upgradeDatasetJson() converts the keys of version 1 and keeps the others", () => {
  const old = {
    custom: [1],
    modality: { "0": "CT" },
    labels: { "0": "nothing", "1": "liver" },
    numTest: 0,
    training: [],
    test: [],
  };
  assert.deepEqual(upgradeDatasetJson(old, ["numTest"]), {
    custom: [1],
    labels: { background: 0, liver: 1 },
    file_ending: ".nii.gz",
    channel_names: { "0": "CT" },
  });
});

async function inFolder(run: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "dataset.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import { formatDatasetJson, parseDatasetJson } from "../../lib/files/dataset_json.ts";
import { readDatasetJson, writeDatasetJson } from "../../lib/files/dataset_file.ts";

const prostate = {
  channel_names: { "0": "T2", "1": "ADC" },
  labels: { background: 0, PZ: 1, TZ: 2 },
  numTraining: 32,
  file_ending: ".nii.gz",
};

Deno.test("readDatasetJson() reads a minimal file of version 2", async () => {
  assert.deepEqual(await read(prostate), {
    channelNames: ["T2", "ADC"],
    labels: { background: 0, PZ: 1, TZ: 2 },
    numTraining: 32,
    fileEnding: ".nii.gz",
  });
});

Deno.test("readDatasetJson() reads notes of any kind, labels as text and channels as in file names", async () => {
  const json = await read({
    channel_names: { "0000": "T2", "0001": "ADC" },
    labels: { background: "0", PZ: "1", TZ: "2" },
    file_ending: ".nii.gz",
    name: 7,
    description: { text: "of any kind" },
    reference: ["a", "b"],
    licence: null,
    release: [1, {}],
    tensorImageSize: "4D",
    more: [{}],
  });
  assert.deepEqual(json, {
    channelNames: ["T2", "ADC"],
    labels: { background: 0, PZ: 1, TZ: 2 },
    fileEnding: ".nii.gz",
    name: "7",
    description: '{"text":"of any kind"}',
    reference: "a; b",
    release: "[1,{}]",
  });
});

Deno.test("readDatasetJson() reads version 1: modality, inverted labels, one file ending", async () => {
  const json = await read({
    name: "Hippocampus",
    relase: "1.0 04/05/2018",
    tensorImageSize: "3D",
    modality: { "0": "MRI" },
    labels: { "0": "background", "1": "Anterior", "2": "Posterior" },
    numTraining: 260,
    numTest: 130,
    training: [{ image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" }],
    test: ["./imagesTs/b.nii.gz"],
  });
  assert.deepEqual(json, {
    channelNames: ["MRI"],
    labels: { background: 0, Anterior: 1, Posterior: 2 },
    numTraining: 260,
    fileEnding: ".nii.gz",
    name: "Hippocampus",
    release: "1.0 04/05/2018",
  });
});

Deno.test("readDatasetJson() keeps labels of version 1 with the same name, and names label 0", async () => {
  const { labels } = await read({
    modality: { "0": "MRI" },
    labels: { "0": "non brain", "1": "lobe", "2": "lobe", "3": "stem" },
    numTraining: 1,
  });
  assert.deepEqual(labels, { background: 0, "lobe 1": 1, "lobe 2": 2, stem: 3 });
});

Deno.test("readDatasetJson() reads early files of version 2 with modality", async () => {
  const { channel_names, file_ending: _, ...rest } = prostate;
  const json = await read({
    ...rest,
    modality: channel_names,
    labels: { background: 0, whole: [1, 2], core: 2 },
    regions_class_order: [1, 2],
  });
  assert.deepEqual(json.channelNames, ["T2", "ADC"]);
  assert.deepEqual(json.labels, { background: 0, whole: [1, 2], core: 2 });
  assert.deepEqual(json.regionsClassOrder, [1, 2]);
});

Deno.test("readDatasetJson() accepts descriptive text as Python programs write it", async () => {
  const json = await read({
    ...prostate,
    release: 1.5,
    licence: null,
    reference: ["A", "B"],
    regions_class_order: null,
    overwrite_image_reader_writer: "None",
    converted_by: "someone",
  });
  assert.deepEqual(json, { ...await read(prostate), release: "1.5", reference: "A; B" });
});

Deno.test("writeDatasetJson() writes what readDatasetJson() reads", async () => {
  const full: DatasetJson = {
    channelNames: ["T1", "T2", "FLAIR"],
    labels: { background: 0, whole: [1, 2], core: [2], ignore: 3 },
    regionsClassOrder: [1, 2],
    numTraining: 1,
    fileEnding: ".nii",
    overwriteImageReaderWriter: "NibabelIO",
    cases: { a: { images: ["x/a_0.nii", "x/a_1.nii", "x/a_2.nii"], label: "y/a.nii" } },
    name: "Tumour",
    description: "Überblick",
    reference: "somewhere",
    licence: "CC-BY 4.0",
    release: "1",
  };
  await inFolder(async (path) => {
    await writeDatasetJson(path, full);
    assert.deepEqual(await readDatasetJson(path), full);
    const stored = JSON.parse(await Deno.readTextFile(path));
    assert.deepEqual(stored.channel_names, { "0": "T1", "1": "T2", "2": "FLAIR" });
    assert.deepEqual(stored.regions_class_order, [1, 2]);
    assert.deepEqual(stored.overwrite_image_reader_writer, "NibabelIO");
  });
});

Deno.test("readDatasetJson() converts integers that are texts, as Python's int() does", async () => {
  const json = await read({
    channel_names: { "0001": "T2", "0000": "T1" },
    labels: { background: "0", whole: ["1", " 02 "], core: 2 },
    regions_class_order: ["1", 2],
    numTraining: "6",
    file_ending: ".nii.gz",
  });
  assert.deepEqual(json, {
    channelNames: ["T1", "T2"],
    labels: { background: 0, whole: [1, 2], core: 2 },
    regionsClassOrder: [1, 2],
    numTraining: 6,
    fileEnding: ".nii.gz",
  });
});

Deno.test("readDatasetJson() reads files without numTraining and writes them so", async () => {
  for (const missing of [{}, { numTraining: null }]) {
    const { numTraining: _, ...rest } = prostate;
    const json = await read({ ...rest, ...missing });
    assert.equal(json.numTraining, undefined);
    assert.ok(!("numTraining" in JSON.parse(JSON.stringify(formatDatasetJson(json)))));
  }
});

const refusals: [title: string, content: unknown, message: RegExp][] = [
  [
    "several invalid keys",
    { channel_names: { "0": 3 }, labels: { background: 0 } },
    /channel_names\.0: found number, expected string; file_ending: found nothing, expected string$/,
  ],
  ["a value that is not an object", [], /expected object|channel_names/],
  [
    "labels that skip a number",
    { ...prostate, labels: { background: 0, a: 1, b: 3 } },
    /labels has the integers 0, 1, 3, expected consecutive integers from 0$/,
  ],
  [
    "labels without a background",
    { ...prostate, labels: { a: 1, b: 2 } },
    /labels has the integers 1, 2, expected 0 among them, for the background$/,
  ],
  [
    "an ignore label in the middle",
    { ...prostate, labels: { background: 0, ignore: 1, b: 2 } },
    /labels\.ignore is 1, expected the highest label, 2$/,
  ],
  [
    "a label that is not an integer",
    { ...prostate, labels: { background: 0, a: 1.5 } },
    /labels\.a: expected an integer of at least 0, or a list of such integers$/,
  ],
  [
    "regions without their order",
    { ...prostate, labels: { background: 0, a: [1, 2], b: 2 } },
    /regions_class_order has no entries, expected one for each of 2 regions$/,
  ],
  [
    "channels that skip a number",
    { ...prostate, channel_names: { "0": "CT", "2": "PET" } },
    /channel_names has the keys 0, 2, expected 0, 1, … without gaps$/,
  ],
  [
    "channels of the same number",
    { ...prostate, channel_names: { "0": "CT", "00": "PET" } },
    /channel_names has the keys 0, 00, expected 0, 1, … without gaps$/,
  ],
  ...["1.5", "one", "-1", "", "0x1", "1e3"].map((text): typeof refusals[number] => [
    `the label "${text}"`,
    { ...prostate, labels: { background: 0, a: text } },
    /labels\.a: expected an integer of at least 0, or a list of such integers$/,
  ]),
  ["no channels", { ...prostate, channel_names: {} }, /channel_names has the keys none/],
  [
    "a file ending with a path",
    { ...prostate, file_ending: ".nii/../../x" },
    /file_ending: expected a file ending such as \.nii\.gz$/,
  ],
  ...["../up", "a/b", "", ".hidden", "..", "a\\b", "C:a", "a\nb", "a\x1b[2J"].map((
    name,
  ): typeof refusals[number] => [
    `the case name "${name}"`,
    { ...prostate, dataset: { [name]: { images: ["a_0.nii", "a_1.nii"], label: "a.nii" } } },
    /a case of dataset is ".*", expected a valid file name$/,
  ]),
  [
    "cases without images",
    { ...prostate, dataset: { a: { images: [], label: "" } } },
    /dataset\.a\.images: .*; dataset\.a\.label: /,
  ],
  ["a file ending without a dot", { ...prostate, file_ending: "nii" }, /file_ending: /],
];

for (const [title, content, message] of refusals) {
  Deno.test(`readDatasetJson() rejects ${title}`, async () => {
    await assert.rejects(read(content), (error: Error) => {
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot read .*dataset\.json: /);
      return true;
    });
  });
}

Deno.test("readDatasetJson() names a file that is missing or not JSON", () =>
  inFolder(async (path) => {
    await assert.rejects(readDatasetJson(path), /^Error: Cannot read .*dataset\.json: /);
    await Deno.writeTextFile(path, "{ labels: }");
    await assert.rejects(readDatasetJson(path), /^SyntaxError: Cannot read .*: .*JSON/);
  }));

const valid = [
  prostate,
  {
    channel_names: { "0": "CT" },
    labels: { background: 0, whole: [1, 2], core: 2, ignore: 3 },
    regions_class_order: [1, 2],
    numTraining: 1,
    file_ending: ".nii",
    dataset: { a: { images: ["$DATA/a.nii"], label: "labelsTr/a.nii" } },
    overwrite_image_reader_writer: "NibabelIO",
  },
  {
    modality: { "0": "MRI" },
    labels: { "0": "background", "1": "lobe" },
    numTraining: 1,
    training: [{ image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" }],
    relase: "1.0",
  },
];

/** Generates content with one value replaced or removed, or a key added. */
const spoiltContent = fc.record({
  content: fc.constantFrom(...valid),
  steps: fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
  change: fc.constantFrom("replace", "remove", "add"),
  key: fc.constantFrom("0", "1", "ignore", "background", "a", "__proto__", "constructor"),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(-1, 0.5, 3, 1e9, [0], [[]], "", "..", null),
  ),
}).map(({ content, steps, change, key, value }) => {
  const top = { root: structuredClone(content) as unknown };
  let parent = top as Record<string, unknown>;
  let child = "root";
  for (const step of steps) {
    const inner = parent[child];
    if (typeof inner !== "object" || inner === null) break;
    const keys = Object.keys(inner);
    if (keys.length === 0) break;
    [parent, child] = [inner as Record<string, unknown>, keys[step % keys.length]];
  }
  if (change === "replace") parent[child] = value;
  else if (change === "remove") delete parent[child];
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true });
  return JSON.stringify(top.root) ?? "null";
});

/** Generates text that is truncated or has one character changed. */
const spoiltText = fc.tuple(
  fc.constantFrom(...valid),
  fc.nat(500),
  fc.constantFrom("", '"', "}", "0"),
)
  .map(([content, at, replacement]) => {
    const text = JSON.stringify(content, null, 2);
    const i = at % text.length;
    return replacement === ""
      ? text.slice(0, i)
      : text.slice(0, i) + replacement + text.slice(i + 1);
  });

Deno.test("readDatasetJson() returns valid content or throws a clear error", () =>
  inFolder((path) =>
    fc.assert(
      fc.asyncProperty(fc.oneof(spoiltContent, spoiltText), async (text) => {
        await Deno.writeTextFile(path, text);
        let json: DatasetJson;
        try {
          json = await readDatasetJson(path);
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.match(error.name, /^(SyntaxError|TypeError|RangeError)$/);
          assert.ok(error.message.startsWith(`Cannot read ${path}: `), error.message);
          assert.doesNotMatch(error.message, /undefined|Invalid input|\[object/);
          return;
        }
        assert.deepEqual(parseDatasetJson(formatDatasetJson(json), path), json);
      }),
      { numRuns: 1000, seed: 1 },
    )
  ));

Deno.test("writeDatasetJson() rejects content that could not be read", () =>
  inFolder(async (path) => {
    const json = await read(prostate);
    await assert.rejects(writeDatasetJson(path, { ...json, labels: { a: 1 } }), RangeError);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  }));

async function read(content: unknown): Promise<DatasetJson> {
  let json: DatasetJson | undefined;
  await inFolder(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify(content));
    json = await readDatasetJson(path);
  });
  return json!;
}

async function inFolder(run: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "dataset.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readDatasetJson() refuses regions whose place in the file JavaScript does not keep", async () => {
  // nnU-Net's first head is "whole"; a record would list "12" first.
  const labels = { background: 0, whole: [1, 2], 12: 2 };
  await assert.rejects(read({ ...prostate, labels, regions_class_order: [1, 2] }), {
    name: "RangeError",
    message: /labels has a region named "12", whose place among the regions is lost/,
  });
  const named = { background: 0, whole: [1, 2], "label 12": 2 };
  const json = await read({ ...prostate, labels: named, regions_class_order: [1, 2] });
  assert.deepEqual(Object.keys(json.labels), ["background", "whole", "label 12"]);
  // Without regions, the order is that of the integers.
  assert.equal((await read({ ...prostate, labels: { background: 0, 7: 1 } })).labels["7"], 1);
});

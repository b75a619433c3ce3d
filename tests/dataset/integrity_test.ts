import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Problem } from "../../lib/dataset/check_case.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import {
  IntegrityError,
  requireIntegrity,
  verifyDatasetIntegrity,
} from "../../lib/dataset/integrity.ts";
import type { Geometry } from "../../lib/image/image.ts";
import { readImage, writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { countingImage, plainGeometry, repeatingLabels } from "../image/sample_images.ts";
import golden from "../golden/images.json" with { type: "json" };
import { createSample, type SampleFolders, withFolders, writeCases } from "./sample_folders.ts";

const shape = [2, 3, 4] as const;

Deno.test("verifyDatasetIntegrity() finds no problem in a valid data set", () =>
  withFolders(async (folders) => {
    const dataset = await createSample(folders);
    const steps: number[] = [];
    const report = await verifyDatasetIntegrity(dataset, {
      onProgress: (done) => steps.push(done),
    });
    assert.deepEqual(report, { errors: [], warnings: [] });
    assert.deepEqual(steps, [1, 2]);
    requireIntegrity("data set Sample", report);
  }));

/** Each damages case `a` of a valid data set in one way. */
const damages: [
  title: string,
  damage: (folder: string) => Promise<unknown>,
  problem: Partial<Problem>,
  message: RegExp,
][] = [
  [
    "a missing label",
    (folder) => Deno.remove(label(folder)),
    { severity: "error", case: "a" },
    /^Cannot read .*labelsTr.a\.nii\.gz: .*it does not exist/,
  ],
  [
    "a truncated label map",
    (folder) => truncate(label(folder)),
    { severity: "error", case: "a" },
    /its 30 bytes of gzip are damaged or truncated/,
  ],
  ["a file that is not an image", (folder) => Deno.writeTextFile(image(folder), "Hello"), {
    severity: "error",
    case: "a",
  }, /file holds 5 bytes, expected a NIfTI header of 348$/],
  [
    "an undeclared label",
    (folder) => writeSegmentation(label(folder), repeatingLabels(shape, [0, 1, 7, 9])),
    { severity: "error", case: "a" },
    /^found the labels 7, 9, expected only 0, 1, 2$/,
  ],
  ["a label that is not an integer", (folder) => writeImage(label(folder), imageOf(0.5)), {
    severity: "error",
    case: "a",
  }, /found 0\.5, expected integers from 0 to 65535$/],
  ["NaN in an image", (folder) => writeImage(image(folder), imageOf(NaN)), {
    severity: "error",
    case: "a",
  }, /^24 voxels are NaN or infinite, expected finite numbers$/],
  ["infinity in an image", (folder) => writeImage(image(folder), imageOf(-Infinity)), {
    severity: "error",
    case: "a",
  }, /^24 voxels are NaN or infinite/],
  [
    "a different shape",
    (folder) => writeSegmentation(label(folder), repeatingLabels([2, 3, 3], [0, 1, 2])),
    { severity: "error", case: "a" },
    /^shape is 2 × 3 × 3, expected 2 × 3 × 4 as a_0000\.nii\.gz has$/,
  ],
  ["a different spacing", (folder) => writeLabel(folder, { spacing: [2, 1, 1] }), {
    severity: "error",
    case: "a",
  }, /^spacing is 2 × 1 × 1 mm, expected 1 × 1 × 1 mm as a_0000/],
  [
    "a different origin",
    (folder) => writeLabel(folder, { affine: [1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }),
    { severity: "warning", case: "a" },
    /^origin is \(5, 0, 0\), expected \(0, 0, 0\) as a_0000/,
  ],
  [
    "a slightly different origin",
    (folder) => writeLabel(folder, { affine: [1, 0, 0, 2e-4, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }),
    { severity: "warning", case: "a" },
    /^origin is \(0\.0002, 0, 0\), expected \(0, 0, 0\) as a_0000/,
  ],
  [
    "a different direction",
    (folder) => writeLabel(folder, { affine: [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }),
    { severity: "warning", case: "a" },
    /^direction is \(-1, 0, 0, 0, 1, .*expected \(1, 0, 0, 0, 1/,
  ],
  [
    "a label map with only background",
    (folder) => writeSegmentation(label(folder), repeatingLabels(shape, [0])),
    { severity: "warning", case: "a" },
    /^found nothing but background$/,
  ],
  ["a constant image", (folder) => writeImage(image(folder), imageOf(7)), {
    severity: "warning",
    case: "a",
  }, /^every voxel is 7, expected different values$/],
  [
    "a black-and-white mask",
    (folder) => writeSegmentation(label(folder), repeatingLabels(shape, [0, 255])),
    { severity: "error", case: "a" },
    /^found the labels 255, expected only 0, 1, 2 \(a black-and-white mask; write 1 for 255 in the/,
  ],
  ["a duplicate image", (folder) => Deno.copyFile(image(folder), image(folder, 0, "b")), {
    severity: "warning",
    case: "b",
  }, /^has the same voxels as .*imagesTr.a_0000\.nii\.gz, expected another image$/],
  [
    "an extra channel",
    (folder) => writeImage(image(folder, 1), countingImage(shape, { start: 9 })),
    {
      severity: "error",
      case: "a",
    },
    /^found 2 channels \(a_0000\.nii\.gz, a_0001\.nii\.gz\), expected 1$/,
  ],
  ["a channel with the wrong number", (folder) => Deno.rename(image(folder), image(folder, 3)), {
    severity: "error",
    case: "a",
  }, /^found a_0003\.nii\.gz, expected a_0000\.nii\.gz among them$/],
  ["a label map without an image", (folder) => Deno.copyFile(label(folder), label(folder, "zz")), {
    severity: "warning",
  }, /^label map has no image and is not used$/],
  [
    "an extra case",
    async (folder) => {
      await writeImage(image(folder, 0, "c"), countingImage(shape, { start: 9 }));
      await Deno.copyFile(label(folder), label(folder, "c"));
    },
    { severity: "error" },
    /^found 3 training cases, expected 2 \(numTraining\)$/,
  ],
];

for (const [title, damage, problem, message] of damages) {
  Deno.test(`verifyDatasetIntegrity() reports ${title}`, () =>
    withFolders(async (folders) => {
      const { errors, warnings } = await verifyDamaged(folders, damage);
      const problems = [...errors, ...warnings];
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.match(problems[0].message, message);
      for (const [key, value] of Object.entries(problem)) {
        assert.equal(problems[0][key as keyof Problem], value);
      }
    }));
}

Deno.test("verifyDatasetIntegrity() compares affines as the reader of dataset.json finds them", () =>
  withFolders(async (folders) => {
    const dataset = await createSample(folders);
    // The header's spacing is 1 mm, which ITK takes in place of the affine's.
    await writeLabel(dataset.folder, {
      affine: [3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
    });
    assert.deepEqual((await verifyDatasetIntegrity(dataset)).warnings, []);
    const json = { ...dataset.json, overwriteImageReaderWriter: "NibabelIO" };
    const { folder, cases } = dataset;
    const { warnings } = await verifyDatasetIntegrity({ folder, json, cases });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0].message, /^affine is \(3, 0, 0, 0, 0, 3, .*expected \(1, 0/);
  }));

Deno.test("verifyDatasetIntegrity() warns of images that belong to no case", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    await Deno.copyFile(image(folder), join(folder, "imagesTr", "c.nii.gz"));
    await Deno.writeTextFile(join(folder, "imagesTr", "notes.txt"), "");
    const dataset = await Dataset.open({ root: folders.root, id: 4 });
    const { errors, warnings } = await verifyDatasetIntegrity(dataset);
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings.map(({ file, message }) => [file, message]), [
      [
        join(folder, "imagesTr", "notes.txt"),
        "is not used: not an image",
      ],
      [
        join(folder, "imagesTr", "c.nii.gz"),
        "is not used: has no channel number, expected c_0000.nii.gz",
      ],
    ]);
  }));

Deno.test("verifyDatasetIntegrity() gives correct advice on black-and-white masks", () =>
  withFolders(async (folders) => {
    const { id, name, ...source } = { ...folders, id: 4, name: "Sample", channels: ["MRI"] };
    await writeCases(folders, ["a", "b"], { values: [0, 1] });
    const { folder } = await Dataset.create({ ...source, id, name, classes: { lesion: 1 } });
    for (const one of ["a", "b"]) {
      await writeSegmentation(label(folder, one), repeatingLabels(shape, [0, 255]));
    }
    const { errors } = await verifyDatasetIntegrity(await Dataset.open({ root: folders.root, id }));
    assert.match(errors[0].message, /recreate the data set .* with `classes: \{ NAME: 255 \}`/);

    const anew = await Dataset.create({
      ...source,
      id: 5,
      name,
      images: join(folder, "imagesTr"),
      labels: join(folder, "labelsTr"),
      classes: { lesion: 255 },
    });
    assert.deepEqual(await verifyDatasetIntegrity(anew), { errors: [], warnings: [] });
  }));

Deno.test("verifyDatasetIntegrity() accepts folders of DICOM slices as channels", () =>
  withFolders(async (folders) => {
    const { folder } = await createSample(folders);
    await Deno.remove(image(folder));
    await Deno.remove(image(folder, 0, "b"));
    const series = golden.cases.find(({ name }) => name === "DICOM upright")!;
    for (const [name, directory] of [["a", "a"], ["b", "b_0000"]]) {
      const target = join(folder, "imagesTr", directory);
      await Deno.mkdir(target);
      for (const [i, { file }] of series.files.entries()) {
        await Deno.writeFile(join(target, `${i}.dcm`), Uint8Array.fromBase64(file));
      }
      const { geometry, data } = await readImage([target]);
      const labels = data.map((_, i) => i % 3);
      await writeSegmentation(label(folder, name), { geometry, data: Uint8Array.from(labels) });
    }
    const verify = async () =>
      verifyDatasetIntegrity(await Dataset.open({ root: folders.root, id: 4 }));
    const { errors, warnings } = await verify();
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings.length, 1); // The two are the same scan.

    await Deno.rename(join(folder, "imagesTr", "b_0000"), join(folder, "imagesTr", "b_0002"));
    assert.deepEqual((await verify()).errors, [{
      severity: "error",
      case: "b",
      message: "found b_0002, expected b_0000.nii.gz among them",
    }]);
  }));

Deno.test("verifyDatasetIntegrity() reports an empty folder, and labels that never occur", () =>
  withFolders(async (folders) => {
    const emptied = await verifyDamaged(
      folders,
      (folder) => Deno.remove(join(folder, "imagesTr"), { recursive: true }),
    );
    assert.equal(emptied.errors.length, 1);
    assert.match(emptied.errors[0].message, /^found no training images named CASE_0000\.nii\.gz/);
    assert.equal(emptied.warnings.length, 2);
  }));

Deno.test("verifyDatasetIntegrity() warns of declared labels that never occur", () =>
  withFolders(async (folders) => {
    const { json, ...dataset } = await createSample(folders);
    const labels = { ...json.labels, never: 3 };
    const { warnings } = await verifyDatasetIntegrity({ ...dataset, json: { ...json, labels } });
    assert.deepEqual(warnings, [
      { severity: "warning", message: "labels 3 are declared but occur in no label map" },
    ]);
  }));

Deno.test("verifyDatasetIntegrity() warns of cases whose axes differ from most", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b", "c"]);
    const mirrored = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    for (const path of [join(folders.images, "b.nii.gz"), join(folders.labels, "b.nii.gz")]) {
      const { channels, data } = await readImage([path]);
      const geometry = { ...plainGeometry(shape), affine: mirrored };
      await writeImage(path, { geometry, channels, data });
    }
    const dataset = await Dataset.create({ ...folders, id: 4, name: "Sample", channels: ["MRI"] });
    const { errors, warnings } = await verifyDatasetIntegrity(dataset);
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings, [{
      severity: "warning",
      kind: "axes",
      case: "b",
      file: image(dataset.folder, 0, "b"),
      message: "voxel axes are LAS, expected RAS as in 2 of 3 cases",
    }]);
  }));

Deno.test("verifyDatasetIntegrity() reports problems of test cases as warnings", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a", "b"]);
    const test = join(folders.root, "test");
    await writeImage(join(test, "b.nii.gz"), countingImage(shape, { start: 1 }));
    await writeImage(join(test, "c.nii.gz"), countingImage(shape, { start: 5 }));
    const dataset = await Dataset.create({
      ...folders,
      id: 4,
      name: "Sample",
      channels: ["MRI"],
      test,
    });
    await truncate(join(dataset.folder, "imagesTs", "c_0000.nii.gz"));
    const steps: string[] = [];
    const { errors, warnings } = await verifyDatasetIntegrity(dataset, {
      onProgress: (...step) => steps.push(step.join("/")),
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings.map((warning) => warning.case), ["c", "b", "b"]);
    assert.match(warnings[0].message, /its 30 bytes of gzip are damaged/);
    assert.equal(
      warnings[1].message,
      "found among training and test cases, expected one of them",
    );
    assert.equal(warnings[2].file, join(dataset.folder, "imagesTs", "b_0000.nii.gz"));
    assert.match(warnings[2].message, /^has the same voxels as .*imagesTr.b_0000\.nii\.gz/);
    assert.deepEqual(steps, ["1/4", "2/4", "3/4", "4/4"]);
  }));

Deno.test("verifyDatasetIntegrity() names every listed file that is missing", () =>
  withFolders(async (folders) => {
    const { errors } = await verifyDamaged(folders, async (folder) => {
      const path = join(folder, "dataset.json");
      const json = JSON.parse(await Deno.readTextFile(path));
      json.dataset = {
        a: { images: ["imagesTr/lost.nii.gz"], label: "/lost/a.nii.gz" },
        b: { images: ["imagesTr/b_0000.nii.gz"], label: "labelsTr/b.nii.gz" },
      };
      await Deno.writeTextFile(path, JSON.stringify(json));
    });
    assert.deepEqual(errors.map(({ file }) => file?.replace(/.*Sample/, "")), [
      "/imagesTr/lost.nii.gz",
      "/lost/a.nii.gz",
    ]);
  }));

Deno.test("verifyDatasetIntegrity() stops when its signal is aborted", () =>
  withFolders(async (folders) => {
    const dataset = await createSample(folders);
    const controller = new AbortController();
    const verified = verifyDatasetIntegrity(dataset, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("Stopped")),
    });
    await assert.rejects(verified, /^Error: Stopped$/);
  }));

Deno.test("requireIntegrity() throws one error with one line per problem", () =>
  withFolders(async (folders) => {
    const report = await verifyDamaged(folders, async (folder) => {
      await Deno.remove(label(folder));
      await writeImage(image(folder), imageOf(NaN));
      await writeSegmentation(label(folder, "b"), repeatingLabels(shape, [0, 1, 2, 3]));
    });
    assert.throws(() => requireIntegrity("data set Sample", report), (error: IntegrityError) => {
      assert.ok(error instanceof IntegrityError);
      assert.deepEqual(error.problems, report.errors);
      const lines = error.message.split("\n");
      assert.equal(lines[0], "Cannot use data set Sample: found 3 problems, expected none");
      assert.match(lines[1], /^- case "a": .*a_0000\.nii\.gz: 24 voxels are NaN/);
      assert.match(lines[2], /^- case "a": Cannot read .*a\.nii\.gz/);
      assert.match(
        lines[3],
        /^- case "b": .*b\.nii\.gz: found the labels 3, expected only 0, 1, 2$/,
      );
      return true;
    });
  }));

async function verifyDamaged(folders: SampleFolders, damage: (folder: string) => Promise<unknown>) {
  const { folder } = await createSample(folders);
  await damage(folder);
  return await verifyDatasetIntegrity(await Dataset.open({ root: folders.root, id: 4 }));
}

function image(folder: string, channel = 0, name = "a"): string {
  return join(folder, "imagesTr", `${name}_000${channel}.nii.gz`);
}

function label(folder: string, name = "a"): string {
  return join(folder, "labelsTr", `${name}.nii.gz`);
}

function imageOf(value: number) {
  const image = countingImage(shape);
  return { ...image, data: image.data.map(() => value) };
}

function writeLabel(folder: string, change: Partial<Geometry>) {
  const { data } = repeatingLabels(shape, [0, 1, 2]);
  return writeSegmentation(label(folder), {
    geometry: { ...plainGeometry(shape), ...change },
    data,
  });
}

async function truncate(path: string) {
  await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, 30));
}

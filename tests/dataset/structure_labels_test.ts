/** Data sets of DICOM segmentations and structure sets, and their faults. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { Dataset } from "../../lib/dataset/dataset.ts";
import type { DatasetSource } from "../../lib/dataset/create_dataset.ts";
import { readStructures } from "../../lib/image/dicom/dicom_structures.ts";
import { writeDicomSegmentation } from "../../lib/image/dicom/dicom_seg_file.ts";
import type { IgnoredFile } from "../../lib/image/ignored_file.ts";
import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import golden from "../golden/images.json" with { type: "json" };
import { contoursFile, rectangle } from "../image/dicom/contours_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Three slices of 3 × 4 pixels of 2 × 1.5 mm, at 30, 32.5 and 35 mm. */
const { files: slices } = golden.cases.find(({ name }) => name === "DICOM upright")!;

/** Writes the slices of a case. */
async function writeSlices(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [i, { file }] of slices.entries()) {
    await Deno.writeFile(join(folder, `${i}.dcm`), Uint8Array.fromBase64(file));
  }
  return folder;
}

function create(root: string, more: Partial<DatasetSource> = {}) {
  return Dataset.create({
    ...{ root, id: 1, name: "Organs" },
    images: join(root, "scans"),
    labels: join(root, "scans"),
    channels: ["CT"],
    overwrite: true,
    ...more,
  });
}

const voxels = async (dataset: Dataset) =>
  Array.from((await readSegmentation(dataset.cases[0].label)).data);

Deno.test("create_dataset draws the structures beside a case's slices", () =>
  withTemporaryFolder(async (root) => {
    const scan = await writeSlices(join(root, "scans", "anna"));
    const liver = await rectangle(scan, 0, [1, 0], [2, 1]);
    const tumor = await rectangle(scan, 0, [2, 1], [3, 2]);
    await Deno.writeFile(
      join(scan, "RS"),
      contoursFile({ Liver: [liver], tumor: [tumor], note: [] }),
    );
    const place = join(scan, "RS");
    await assert.rejects(create(root), {
      message: new RegExp(
        `Cannot read ${place}: "Liver" and "tumor" of case anna overlap in 1 voxels, expected ` +
          "one label for each voxel; pass `overlapOrder` with both names",
      ),
    });
    const ignored: IgnoredFile[] = [];
    const drawn = await create(root, {
      overlapOrder: ["liver", "Tumor"],
      onIgnored: (files) => ignored.push(...files),
    });
    assert.deepEqual(ignored, [{ path: place, reason: "note: without closed contours" }]);
    assert.deepEqual(drawn.json.labels, { background: 0, Liver: 1, tumor: 2 });
    const empty = Array(24).fill(0);
    assert.deepEqual(await voxels(drawn), [0, 1, 1, 0, 0, 1, 2, 2, 0, 0, 2, 2, ...empty]);
    const other = await create(root, { overlapOrder: ["tumor", "Liver"] });
    assert.deepEqual(await voxels(other), [0, 1, 1, 0, 0, 1, 1, 2, 0, 0, 2, 2, ...empty]);

    const named = await create(root, { classes: ["tumor"] });
    assert.deepEqual(named.json.labels, { background: 0, tumor: 1 });
    assert.deepEqual(await voxels(named), [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, ...empty]);
    const numbered = await create(root, {
      classes: { tumor: 7, Liver: 3 },
      overlapOrder: ["Liver", "tumor"],
    });
    assert.deepEqual(numbered.json.labels, { background: 0, Liver: 1, tumor: 2 });
    assert.deepEqual(await voxels(numbered), await voxels(drawn));
    await assert.rejects(create(root, { classes: ["spleen"] }), {
      message: "Cannot name labels: found no structure spleen in any file, expected `classes` to " +
        "be among Liver, tumor",
    });
    await assert.rejects(
      create(root, { classes: { all: [1, 2], tumor: 2 }, regionsClassOrder: [1, 2] }),
      /"all" is a region of several integers, expected one for each structure/,
    );
  }));

Deno.test("create_dataset takes its own DICOM segmentations as ground truth", () =>
  withTemporaryFolder(async (root) => {
    const scan = await writeSlices(join(root, "scans", "anna"));
    const { geometry } = await readImage([scan]);
    const data = Uint8Array.from({ length: 36 }, (_, i) => i % 3);
    const segments = ["one", "two"].map((name, i) => ({
      name,
      labels: [i + 1],
      color: [255, 0, 0] as const,
    }));
    const target = { scan, segments, algorithm: "test" };
    await writeDicomSegmentation(join(root, "labels.dcm"), { geometry, data }, target);
    await Deno.mkdir(join(root, "labels"));
    await Deno.rename(join(root, "labels.dcm"), join(root, "labels", "anna.seg.dcm"));
    const labels = join(root, "labels");
    assert.deepEqual(await voxels(await create(root, { labels })), Array.from(data));
    // Segmentations among the slices are no slices.
    await Deno.copyFile(join(labels, "anna.seg.dcm"), join(scan, "SEG"));
    assert.deepEqual(await voxels(await create(root)), Array.from(data));
    await assert.rejects(
      writeDicomSegmentation(join(root, "wrong.dcm"), {
        geometry: { ...geometry, shape: [1, 3, 4] },
        data: data.slice(24),
      }, target),
      /wrong\.dcm: the label map is 1 × 3 × 4 voxels, expected 3 × 3 × 4/,
    );
  }));

Deno.test("create_dataset says which structures do not belong to a scan", () =>
  withTemporaryFolder(async (root) => {
    const scan = await writeSlices(join(root, "scans", "anna"));
    const write = (rois: Parameters<typeof contoursFile>[0]) =>
      Deno.writeFile(join(scan, "RS"), contoursFile(rois));
    await write({ Liver: [await rectangle(scan, 9, [0, 0], [1, 1])] });
    await assert.rejects(create(root), /RS: no contour of "Liver" is in the scan, expected/);
    const level = await rectangle(scan, 1, [0, 0], [1, 1]);
    const warnings: string[] = [];
    await write({ Liver: [level, await rectangle(scan, -4, [0, 0], [1, 1])] });
    await create(root, { onWarning: (message) => warnings.push(message) });
    assert.deepEqual(warnings, [
      `${
        join(scan, "RS")
      }: 1 of 2 contours of "Liver" are outside of the scan's slices and not drawn`,
    ]);
    await write({ Liver: [level.map((value, i) => value + (i % 4))] });
    await assert.rejects(create(root), /contour 1 of "Liver" is not parallel to the scan's slices/);
    await write({ Liver: [level.slice(1)] });
    await assert.rejects(create(root), /a contour has 11 coordinates .* expected three for each/);
    await write({});
    await assert.rejects(create(root), /found no structures with an area in any file/);
    await Deno.copyFile(join(scan, "RS"), join(scan, "RS2"));
    await assert.rejects(create(root), /"anna": found .*RS, .*RS2, expected one label map, segm/);
  }));

Deno.test("an element that is longer than its file is damaged", () =>
  withTemporaryFolder(async (root) => {
    const scan = await writeSlices(join(root, "scans", "anna"));
    const bytes = contoursFile({ Liver: [await rectangle(scan, 1, [0, 0], [2, 1])] });
    // Another transfer syntax, in which the next bytes are a larger length.
    const syntax = new TextDecoder("latin1").decode(bytes).indexOf("1.2.840.10008.1.2.1");
    bytes[syntax + "1.2.840.10008.1.2".length] = 0;
    const path = join(root, "file.dcm");
    await Deno.writeFile(path, bytes);
    await assert.rejects(readStructures(path), {
      message: `Cannot read ${path}: its elements are damaged or truncated ` +
        "(element (0008,0016) sopClass ends behind the file's end), expected intact data",
    });
  }));

Deno.test("damaged structures are drawn, or a clear error", () =>
  withTemporaryFolder(async (root) => {
    const scan = await writeSlices(join(root, "scans", "anna"));
    const { geometry } = await readImage([scan]);
    const data = Uint8Array.from({ length: 36 }, (_, i) => i % 3);
    const path = join(root, "file.dcm");
    const segments = [{ name: "one", labels: [1], color: [255, 0, 0] as const }];
    await writeDicomSegmentation(path, { geometry, data }, { scan, segments, algorithm: "test" });
    const files = [
      await Deno.readFile(path),
      contoursFile({ Liver: [await rectangle(scan, 1, [0, 0], [2, 1])] }),
    ];
    const isClear = (error: unknown) =>
      error instanceof Error && /^Cannot read .*: .*expected/s.test(error.message);
    const read = async (bytes: Uint8Array) => {
      await Deno.writeFile(path, bytes);
      try {
        const structures = await readStructures(path);
        for (const name of structures.names) structures.draw(name, { geometry });
      } catch (error) {
        assert.ok(isClear(error), error as Error);
      }
    };
    for (const whole of files) {
      const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(damage, async (changes) => {
          const bytes = whole.slice();
          for (const [position, value] of changes) bytes[position] = value;
          await read(bytes);
        }),
        { numRuns: 300 },
      );
      for (let length = 0; length < whole.length; length += 61) {
        await read(whole.subarray(0, length));
      }
    }
  }));

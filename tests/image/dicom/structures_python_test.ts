/** Compares DICOM segmentations and structure sets with highdicom and pydicom. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { Dataset } from "../../../lib/dataset/dataset.ts";
import type { IgnoredFile } from "../../../lib/image/ignored_file.ts";
import { readDicomGrid } from "../../../lib/image/dicom/dicom_folder.ts";
import { writeDicomSegmentation } from "../../../lib/image/dicom/dicom_seg_file.ts";
import { readSegmentation } from "../../../lib/image/image_files.ts";
import { runPython } from "../../with_python.ts";
import { testWithPydicom } from "./with_pydicom.ts";

const script = fileURLToPath(new URL("./structures.py", import.meta.url));

testWithPydicom("create_dataset draws segmentations and structure sets", async (folder) => {
  await runPython(script, "write", folder);
  const ignored: IgnoredFile[] = [];
  const warnings: string[] = [];
  const dataset = await Dataset.create({
    root: folder,
    id: 1,
    name: "Organs",
    images: join(folder, "images"),
    labels: join(folder, "labels"),
    channels: ["CT"],
    onIgnored: (files) => ignored.push(...files),
    onWarning: (message) => warnings.push(message),
  });
  assert.deepEqual(dataset.json.labels, { background: 0, Liver: 1, Spleen: 2 });
  assert.equal(dataset.json.fileEnding, ".nii.gz");
  assert.deepEqual(
    ignored.map(({ path, reason }) => [path.split("/").at(-1), reason]),
    ["rt.dcm", "rttilted.dcm", "rtturned.dcm"].map((name) => [
      name,
      "marker: without closed contours",
    ]),
  );
  assert.equal(warnings.length, 3, `${warnings}`);
  assert.match(warnings[0], /rttilted: its slices are tilted by 15\.0°/);
  assert.match(warnings[1], /has the same voxels as .*fractional/);
  assert.match(warnings[2], /rtturned: voxel axes are LSA, expected LPS/);
  for (const { name, label } of dataset.cases) {
    const { data } = await readSegmentation(label);
    assert.deepEqual(
      Array.from(data),
      Array.from(await Deno.readFile(join(folder, `${name}.raw`))),
    );
  }
});

testWithPydicom(
  "highdicom and dciodvfy accept the segmentations that are written",
  async (folder) => {
    await runPython(script, "write", folder);
    const segments = [
      { name: "Liver", labels: [1], color: [230, 159, 0] as const },
      { name: "Größe", labels: [1, 2], color: [86, 180, 233] as const },
      { name: "nothing", labels: [7], color: [0, 158, 115] as const },
    ];
    const cases = ["seg", "turned", "rttilted"];
    for (const name of cases) {
      const scan = join(folder, "images", name);
      const { geometry } = await readDicomGrid(scan);
      const data = await Deno.readFile(join(folder, `${name}.raw`));
      const path = join(folder, `${name}.seg.dcm`);
      await writeDicomSegmentation(path, { geometry, data }, {
        scan,
        segments,
        algorithm: "nnU-Net",
      });
      assert.deepEqual(await faultsOf(path), []);
    }
    const read: readonly {
      readonly segments: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly overlap: string;
    }[] = JSON.parse(
      await runPython(script, "read", ...cases.map((name) => join(folder, `${name}.seg.dcm`))),
    );
    for (const [i, name] of cases.entries()) {
      const data = await Deno.readFile(join(folder, `${name}.raw`));
      const { slices } = await readDicomGrid(join(folder, "images", name));
      assert.equal(read[i].overlap, "YES");
      assert.deepEqual(Object.keys(read[i].segments), segments.map(({ name }) => name));
      for (const { name, labels } of segments) {
        for (const [z, { sopInstance, rows, columns }] of slices.entries()) {
          const plane = data.subarray(z * rows * columns, (z + 1) * rows * columns);
          const expected = Array.from(plane, (label) => labels.includes(label) ? 1 : 0).join("");
          assert.equal(read[i].segments[name][sopInstance], expected, `${name}, slice ${z}`);
        }
      }
    }
  },
);

/** Faults that dciodvfy of dicom3tools finds, if this machine has it. */
async function faultsOf(path: string): Promise<string[]> {
  try {
    const { stderr, stdout } = await new Deno.Command("dciodvfy", { args: [path] }).output();
    return [stdout, stderr].flatMap((bytes) => new TextDecoder().decode(bytes).split("\n"))
      .filter((line) => /^(Error|Warning)/.test(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

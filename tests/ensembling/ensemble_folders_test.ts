import assert from "node:assert/strict";
import { join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import { ensembleFolders } from "../../lib/ensembling/ensemble_folders.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { readNpz } from "../interop/read_npz.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import golden from "../golden/ensemble.json" with { type: "json" };
import { datasetJson, gridOf, writeMember } from "./member_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const floats = (base64: string) => new Float32Array(Uint8Array.fromBase64(base64).buffer);

for (const { name, labels, regionsClassOrder, members, merged, segmentation } of golden.runs) {
  Deno.test(`ensembleFolders() merges probabilities as nnU-Net does: ${name}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const folders = members.map((_, member) => join(folder, `${member}`));
      const [z, y, x] = golden.shape;
      for (const [member, path] of folders.entries()) {
        const values = floats(members[member]);
        const heads = values.length / sizeOf(golden.shape);
        await writeMember(path, "case", values, [heads, z, y, x]);
      }
      const json = datasetJson(labels, regionsClassOrder ?? undefined);
      await Deno.writeTextFile(join(folders[0], "dataset.json"), json);
      const output = join(folder, "out");
      const names = await ensembleFolders({
        members: folders,
        output,
        saveProbabilities: true,
        workers: 1,
      });
      assert.deepEqual(names, ["case"]);
      const { geometry, data } = await readSegmentation(join(output, "case.nii.gz"));
      assert.equal(data.join(""), segmentation);
      assert.deepEqual(geometry, gridOf([z, y, x]));
      assert.deepEqual(
        (await readNpz(join(output, "case.npz"), "probabilities")).data,
        floats(merged),
      );
      assert.deepEqual(await namesIn(output), [
        "case.nii.gz",
        "case.npz",
        "case.pkl",
        "dataset.json",
      ]);
    });
  });
}

Deno.test("ensembleFolders() saves the deciding members' probabilities if the maximum decides", async () => {
  await withTemporaryFolder(async (folder) => {
    const members = [join(folder, "a"), join(folder, "b")];
    await writeMember(members[0], "case", Float32Array.of(0.9, 0.4, 0.1, 0.6), [2, 1, 1, 2]);
    await writeMember(members[1], "case", Float32Array.of(0.2, 0.7, 0.8, 0.3), [2, 1, 1, 2]);
    await Deno.writeTextFile(
      join(members[0], "dataset.json"),
      datasetJson({ background: 0, a: 1 }),
    );
    const output = join(folder, "out");
    await ensembleFolders({
      members,
      output,
      voting: "max",
      saveProbabilities: true,
      workers: 1,
    });
    const { data } = await readNpz(join(output, "case.npz"), "probabilities");
    assert.deepEqual(data, Float32Array.of(0.9, 0.7, 0.1, 0.3));
    assert.deepEqual([...(await readSegmentation(join(output, "case.nii.gz"))).data], [0, 0]);
  });
});

Deno.test("ensembleFolders() writes nothing if members do not match", async () => {
  await withTemporaryFolder(async (folder) => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const output = join(folder, "out");
    await writeMember(a, "x", new Float32Array(4), [2, 1, 1, 2]);
    await writeMember(a, "y", new Float32Array(4), [2, 1, 1, 2]);
    await writeMember(b, "x", new Float32Array(4), [2, 1, 1, 2]);
    await Deno.writeTextFile(join(a, "dataset.json"), datasetJson({ background: 0, a: 1 }));
    const attempt = () => ensembleFolders({ members: [a, b], output, workers: 1 });

    await assert.rejects(attempt(), {
      name: "RangeError",
      message: `Cannot ensemble ${a}, ${b}: y.npz is not in ${b}, expected the same files in ` +
        "all folders",
    });
    await writeMember(b, "y", new Float32Array(6), [3, 1, 1, 2]);
    await assert.rejects(attempt(), {
      name: "RangeError",
      message: `Cannot ensemble case "y": ${join(b, "y.npz")} has 3 classes, expected 2`,
    });
    await writeMember(b, "y", new Float32Array(4), [2, 1, 2, 1]);
    await assert.rejects(attempt(), {
      name: "RangeError",
      message: `Cannot ensemble case "y": ${join(b, "y.npz")} has shape [2,1,2,1], expected ` +
        `[2,1,1,2] as in ${join(a, "y.npz")}`,
    });
    const file = join(a, "dataset.json");
    const unwritable = { members: [a], output: file, workers: 1 };
    await assert.rejects(ensembleFolders(unwritable), (error: FailedCasesError) => {
      assert.ok(error instanceof FailedCasesError);
      assert.match(error.message, /^Cannot ensemble case "x": /);
      assert.equal(error.failures[0].caseName, "x");
      return true;
    });
    await assert.rejects(ensembleFolders({ members: [folder], output }), /found no \.npz files/);
    await assert.rejects(ensembleFolders({ members: [], output }), /found no folders/);
    await assert.rejects(Deno.stat(output), Deno.errors.NotFound);
  });
});

import assert from "node:assert/strict";
import { join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import {
  ensembleFolders,
  type EnsembleFoldersOptions,
} from "../../lib/ensembling/ensemble_folders.ts";
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

Deno.test("ensembleFolders() applies thresholds to merged probabilities, however members vote", async () => {
  await withTemporaryFolder(async (folder) => {
    const members = [join(folder, "a"), join(folder, "b"), join(folder, "c")];
    // Of three voxels, `a` has 0.4, 0.2 and 0.1 on average.
    const ofA = [[0.1, 0.2, 0.1], [0.2, 0.2, 0.1], [0.9, 0.2, 0.1]];
    for (const [index, values] of ofA.entries()) {
      const both = Float32Array.from([...values.map((value) => 1 - value), ...values]);
      await writeMember(members[index], "case", both, [2, 1, 1, 3]);
    }
    const json = datasetJson({ background: 0, a: 1 });
    await Deno.writeTextFile(join(members[0], "dataset.json"), json);
    const output = join(folder, "out");
    const labels = async (options: Partial<EnsembleFoldersOptions>) => {
      await ensembleFolders({ members, output, workers: 1, ...options });
      return (await readSegmentation(join(output, "case.nii.gz"))).data.join("");
    };
    assert.equal(await labels({}), "000");
    assert.equal(await labels({ thresholds: { a: 0.3 } }), "100");
    assert.equal(await labels({ thresholds: { a: 0.17 } }), "110");
    // Two members of three vote for background; their means of `a` are 0.15, 0.2 and 0.1.
    assert.equal(await labels({ voting: "hard" }), "000");
    assert.equal(await labels({ voting: "hard", thresholds: { a: 0.17 } }), "010");
    const saveProbabilities = true;
    assert.equal(
      await labels({ voting: "hard", thresholds: { a: 0.12 }, saveProbabilities }),
      "110",
    );
    const { data } = await readNpz(join(output, "case.npz"), "probabilities");
    assert.deepEqual(data.subarray(3), Float32Array.of((0.1 + 0.2) / 2, 0.2, 0.1));
    // The first member is the surest of voxel 0, with 0.1.
    assert.equal(await labels({ voting: "max" }), "000");
    assert.equal(await labels({ voting: "max", thresholds: { a: 0.15 } }), "010");
    await assert.rejects(labels({ thresholds: { b: 0.5 } }), {
      name: "RangeError",
      message: 'Cannot predict: there is a threshold for "b", expected one for background, a',
    });
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

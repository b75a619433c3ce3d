import assert from "node:assert/strict";
import { join } from "@std/path";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import { evaluateFolder, evaluateFolderInDetail } from "../../lib/evaluation/evaluate_folder.ts";
import { formatSummary } from "../../lib/files/summary_json.ts";
import { type Zyx, zyx } from "../../lib/array/nd_array.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import golden from "../golden/evaluation.json" with { type: "json" };

/** Creates a temporary folder with `reference` and `prediction`. */
async function withFolders(
  run: (folders: { groundTruth: string; predictions: string }) => unknown,
) {
  const folder = await Deno.makeTempDir();
  const folders = {
    groundTruth: join(folder, "reference"),
    predictions: join(folder, "prediction"),
  };
  try {
    for (const path of Object.values(folders)) await Deno.mkdir(path);
    await run(folders);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function write(folder: string, name: string, labels: readonly number[], shape: Zyx) {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return writeSegmentation(join(folder, name), {
    geometry: { shape, spacing: [1, 1, 1], affine },
    data: Uint8Array.from(labels),
  });
}

const options = { labels: [1], fileEnding: ".nii.gz" };

Deno.test("evaluateFolder() scores nnU-Net's golden cases as nnU-Net does", async () => {
  await withFolders(async (folders) => {
    for (const { name, reference, prediction } of golden.cases) {
      await write(folders.groundTruth, `${name}.nii.gz`, reference, zyx(golden.shape));
      await write(
        folders.predictions,
        `${name}.nii.gz`,
        prediction,
        zyx(golden.shape),
      );
    }
    const progress: string[] = [];
    const summary = await evaluateFolder({
      ...folders,
      labels: [1, 2, 3],
      ignoreLabel: 4,
      fileEnding: ".nii.gz",
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    const parent = join(folders.groundTruth, "..") + "/";
    assert.equal(formatSummary(summary).replaceAll(parent, ""), golden.summaries.ignored.text);
    assert.deepEqual(progress, ["1/3", "2/3", "3/3"]);
  });
});

Deno.test("evaluateFolder() names missing predictions, or ignores them if allowed", async () => {
  await withFolders(async (folders) => {
    for (const name of ["a", "b"]) {
      await write(folders.groundTruth, `${name}.nii.gz`, [1], [1, 1, 1]);
    }
    await write(folders.predictions, "a.nii.gz", [1], [1, 1, 1]);
    await assert.rejects(evaluateFolder({ ...folders, ...options }), {
      message: `Cannot evaluate ${folders.predictions}: 1 of 2 predictions are missing, ` +
        "expected b.nii.gz",
    });
    const { cases } = await evaluateFolder({ ...folders, ...options, allowMissing: true });
    assert.equal(cases.length, 1);
  });
});

Deno.test("evaluateFolder() rejects predictions without a reference", async () => {
  await withFolders(async (folders) => {
    await write(folders.predictions, "a.nii.gz", [1], [1, 1, 1]);
    await assert.rejects(
      evaluateFolder({ ...folders, ...options, allowMissing: true }),
      /1 of 1 predictions have no reference, expected a\.nii\.gz in /,
    );
  });
});

Deno.test("evaluateFolder() ignores other files and rejects an empty folder", async () => {
  await withFolders(async (folders) => {
    await Deno.writeTextFile(join(folders.predictions, "summary.json"), "");
    await Deno.writeTextFile(join(folders.predictions, "._a.nii.gz"), "");
    await assert.rejects(
      evaluateFolder({ ...folders, ...options }),
      /found no file that ends with "\.nii\.gz", expected at least one/,
    );
  });
});

Deno.test("evaluateFolder() reports the files that it does not compare", async () => {
  await withFolders(async (folders) => {
    for (const folder of Object.values(folders)) {
      await write(folder, "a.nii.gz", [0, 1], [1, 1, 2]);
    }
    for (const name of ["summary.json", "a.npz", "a.pkl", "b.nii", "._a.nii.gz"]) {
      await Deno.writeTextFile(join(folders.predictions, name), "");
    }
    const reports: unknown[] = [];
    await evaluateFolder({
      ...folders,
      ...options,
      onIgnored: (ignored) => reports.push(ignored),
    });
    assert.deepEqual(reports, [[
      { path: join(folders.predictions, "._a.nii.gz"), reason: "hidden" },
      { path: join(folders.predictions, "b.nii"), reason: "does not end in .nii.gz" },
    ]]);
  });
});

Deno.test("evaluateFolder() names the two files whose shapes differ", async () => {
  await withFolders(async (folders) => {
    await write(folders.groundTruth, "a.nii.gz", [1, 0], [1, 1, 2]);
    await write(folders.predictions, "a.nii.gz", [1, 0], [1, 2, 1]);
    await assert.rejects(evaluateFolder({ ...folders, ...options }), (error: Error) => {
      assert.ok(error instanceof FailedCasesError);
      assert.match(
        error.message,
        /prediction\/a.* with .*reference\/a.*\[1,2,1\], expected \[1,1,2\]/,
      );
      return true;
    });
  });
});

Deno.test("evaluateFolder() names an undeclared label and its file", async () => {
  await withFolders(async (folders) => {
    await write(folders.groundTruth, "a.nii.gz", [1, 0], [1, 1, 2]);
    await write(folders.predictions, "a.nii.gz", [7, 0], [1, 1, 2]);
    await assert.rejects(evaluateFolder({ ...folders, ...options, declaredLabels: [0, 1] }), {
      name: "FailedCasesError",
      message: new RegExp(
        `${
          join(folders.predictions, "a.nii.gz")
        }: it has label 7, expected 0, 1, the labels in dataset.json$`,
      ),
    });
    assert.equal((await evaluateFolder({ ...folders, ...options })).mean[0].dice, 0);
  });
});

Deno.test("evaluateFolderInDetail() returns the same summary and details", async () => {
  await withFolders(async (folders) => {
    for (const [name, labels] of [["a", [1, 0, 2, 0]], ["b", [0, 0, 2, 2]]] as const) {
      await write(folders.groundTruth, `${name}.nii.gz`, labels, [1, 1, 4]);
      await write(folders.predictions, `${name}.nii.gz`, [1, 0, 2, 0], [1, 1, 4]);
    }
    const asked = { ...folders, ...options, labels: [1, 2] };
    const { summary, details } = await evaluateFolderInDetail({ ...asked, tolerance: [0, 2] });
    assert.deepEqual(summary.mean, (await evaluateFolder(asked)).mean);
    assert.deepEqual(details.cases[0].classes.map(({ hausdorff95 }) => hausdorff95), [0, 0]);
    assert.deepEqual(details.cases[1].classes.map(({ surfaceDice }) => surfaceDice), [0, 1]);
    assert.deepEqual(details.confusion, [[3, 1, 0], [0, 1, 0], [1, 0, 2]]);
  });
});

Deno.test("evaluateFolderInDetail() requires one tolerance for all classes or one each", async () => {
  await withFolders(async (folders) => {
    await assert.rejects(evaluateFolderInDetail({ ...folders, ...options, tolerance: [1, 2] }), {
      name: "RangeError",
      message: `Cannot evaluate ${folders.predictions}: tolerance is 1, 2 mm, ` +
        "expected one of at least 0, or 1, one per label or region",
    });
  });
});

Deno.test("evaluateFolder() stops when aborted", async () => {
  await withFolders(async (folders) => {
    await write(folders.groundTruth, "a.nii.gz", [1], [1, 1, 1]);
    await write(folders.predictions, "a.nii.gz", [1], [1, 1, 1]);
    const signal = AbortSignal.abort();
    await assert.rejects(evaluateFolder({ ...folders, ...options, signal }), {
      name: "AbortError",
    });
  });
});

Deno.test("evaluateFolder() warns of grids that differ, once for each kind", async () => {
  await withFolders(async (folders) => {
    const labels = Uint8Array.of(0, 1, 1, 1);
    const affine = (spacing: number, x: number, side = 1) => [
      ...[side * spacing, 0, 0, x, 0, spacing, 0, 0],
      ...[0, 0, spacing, 0, 0, 0, 0, 1],
    ];
    const predictions: Record<string, [spacing: number, affine: number[]]> = {
      a: [1, affine(1, 0)],
      b: [2, affine(2, 0)],
      c: [2, affine(2, 0)],
      d: [1, affine(1, 30)],
      e: [1, affine(1, 0, -1)],
    };
    for (const [name, [spacing, affine]] of Object.entries(predictions)) {
      await write(folders.groundTruth, `${name}.nii.gz`, [...labels], [1, 2, 2]);
      await writeSegmentation(join(folders.predictions, `${name}.nii.gz`), {
        geometry: { shape: [1, 2, 2], spacing: [spacing, spacing, spacing], affine },
        data: labels,
      });
    }
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const { foregroundMean } = await evaluateFolder({ ...folders, ...options, onWarning });
    assert.equal(foregroundMean.dice, 1);
    const nevertheless = "voxels are compared by their indices nevertheless";
    assert.deepEqual(
      warnings.map((text) => text.replaceAll(folders.predictions, "P").replaceAll("\\", "/")),
      [
        'case "b": P/b.nii.gz: spacing is 2 × 2 × 2 mm, expected 1 × 1 × 1 mm as the reference ' +
        `has; similar in 1 other case: c; ${nevertheless}`,
        'case "d": P/d.nii.gz: origin is (30, 0, 0), expected (0, 0, 0) as the reference has; ' +
        nevertheless,
        'case "e": P/e.nii.gz: direction is (-1, 0, 0, 0, 1, 0, 0, 0, 1), expected ' +
        `(1, 0, 0, 0, 1, 0, 0, 0, 1) as the reference has; ${nevertheless}`,
      ],
    );
    warnings.length = 0;
    await evaluateFolderInDetail({ ...folders, ...options, onWarning });
    assert.equal(warnings.length, 3);
  });
});

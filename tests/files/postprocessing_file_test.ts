import assert from "node:assert/strict";
import { join } from "@std/path";
import { readPostprocessing, writePostprocessing } from "../../lib/files/postprocessing_file.ts";
import { GlobalName, writePickle } from "../../lib/interop/pickle_writer.ts";
import { type PythonValue, Tuple } from "../../lib/interop/python_values.ts";
import golden from "../golden/postprocessing.json" with { type: "json" };

async function withFile(
  name: string,
  content: Uint8Array | string,
  run: (path: string) => unknown,
) {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, name);
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    await run(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const pickle = (functions: unknown[], kwargs: PythonValue[]) =>
  writePickle(Tuple.of(functions as PythonValue[], kwargs));
const remove = new GlobalName(
  "nnunetv2.postprocessing.remove_connected_components",
  "remove_all_but_largest_component_from_segmentation",
);

Deno.test("readPostprocessing() reads the same steps from nnU-Net's pickle and JSON", async () => {
  for (const run of golden.runs) {
    await withFile("postprocessing.pkl", Uint8Array.fromBase64(run.pickle), async (fromPickle) => {
      await withFile("postprocessing.json", run.json, async (fromJson) => {
        assert.deepEqual(await readPostprocessing(fromPickle), await readPostprocessing(fromJson));
      });
    });
  }
});

Deno.test("writePostprocessing() writes what readPostprocessing() reads", async () => {
  const steps = [{ keepLargest: [1, 2, 3] }, { keepLargest: 2 }];
  await withFile("postprocessing.pkl", "", async (path) => {
    await writePostprocessing(path, steps);
    assert.deepEqual(await readPostprocessing(path), steps);
  });
});

Deno.test("readPostprocessing() names functions other than nnU-Net's", async () => {
  const evil = pickle([new GlobalName("os", "system")], [{ command: "touch here" }]);
  await withFile("a.pkl", evil, async (path) => {
    await assert.rejects(readPostprocessing(path), {
      name: "TypeError",
      message: `Cannot read postprocessing ${path}: Cannot read pickle: it contains os.system, ` +
        "which is not plain data (not executed)",
    });
  });
});

Deno.test("readPostprocessing() rejects files with other contents", async () => {
  const bad: [string, Uint8Array | string, RegExp][] = [
    ["a.pkl", pickle([remove], []), /found 1 functions, expected one for each of 0 sets/],
    ["b.pkl", pickle([remove], [{ labels_or_regions: -1 }]), /labels_or_regions/],
    ["c.pkl", pickle([remove], [{ labels_or_regions: 1, background_label: 2 }]), /background/],
    [
      "d.pkl",
      pickle(["blur"], [{ labels_or_regions: 1 }]),
      /found the function blur, expected remove_all/,
    ],
    ["e.pkl", writePickle([1, 2]), /found no pair of functions/],
    ["f.json", "{}", /postprocessing_fns/],
    ["g.json", "no", /JSON/],
  ];
  for (const [name, content, message] of bad) {
    await withFile(name, content, (path) => assert.rejects(readPostprocessing(path), message));
  }
  await assert.rejects(
    readPostprocessing("gone.pkl"),
    /Cannot read postprocessing gone\.pkl: it does not exist/,
  );
});

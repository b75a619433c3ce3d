import assert from "node:assert/strict";
import { join } from "@std/path";
import { requireOtherFolder, requireReplaceable } from "../../lib/files/other_output.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("requireOtherFolder() finds an input under another path", async () => {
  await withTemporaryFolder(async (folder) => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await Deno.mkdir(a);
    await Deno.symlink(a, b);
    const options = { action: "merge", what: "label maps" };
    await assert.rejects(requireOtherFolder(b, [a], options), {
      message: `Cannot merge: the results would replace the label maps in ${a}; choose another ` +
        "`output`",
    });
    await requireOtherFolder(folder, [a, b], options);
    await requireOtherFolder(join(folder, "new"), [a, b], options);
  });
});

Deno.test("requireReplaceable() accepts new files and files of the same ending", async () => {
  await withTemporaryFolder(async (folder) => {
    const [model, other] = [join(folder, "model"), join(folder, "Model.ONNX")];
    await requireReplaceable(model, ".onnx", "export");
    for (const path of [model, other]) await Deno.writeTextFile(path, "");
    await requireReplaceable(other, ".onnx", "export");
    await assert.rejects(requireReplaceable(model, ".onnx", "export"), {
      message: `Cannot export: ${model} exists and is not a .onnx file; choose another name`,
    });
  });
});

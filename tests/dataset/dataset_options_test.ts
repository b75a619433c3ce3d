import assert from "node:assert/strict";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { withFolders, writeCases } from "./sample_folders.ts";

const sample = { id: 4, name: "Sample", channels: ["MRI"] };

Deno.test("Dataset.create() says what its options should be", () =>
  withFolders(async (folders) => {
    await writeCases(folders, ["a"]);
    const refused: [object, string][] = [
      [
        { root: undefined },
        "root is missing, expected the path of the folder with nnU-Net's three",
      ],
      [{ id: "4" }, 'id is "4", expected an integer from 1 to 999'],
      [{ name: undefined }, "name is missing, expected a string"],
      [{ images: undefined }, "images is missing, expected the path of a folder"],
      [{ labels: 3 }, "labels is 3, expected the path of a folder"],
      [{ channels: "MRI" }, 'channels is "MRI", expected a list with one name per channel, as ["'],
      [{ channels: [1] }, "channels[0] is 1, expected a string"],
      [{ classes: "shell" }, 'classes is "shell", expected a list of names, as ["tumour"], or an '],
      [{ classes: [1] }, "classes[0] is 1, expected a string"],
      [{ test: 1 }, "test is 1, expected the path of a folder, or a list of cases' names"],
      [{ overwrite: "no" }, 'overwrite is "no", expected true or false'],
    ];
    for (const [options, message] of refused) {
      await assert.rejects(
        Dataset.create({ ...folders, ...sample, ...options }),
        (error: Error) => {
          assert.equal(error.name, "TypeError");
          assert.ok(
            error.message.startsWith(`Cannot create a data set: ${message}`),
            error.message,
          );
          return true;
        },
      );
    }
    await assert.rejects(Deno.stat(folders.root), Deno.errors.NotFound);
  }));

Deno.test("Dataset.open() says what its options should be", async () => {
  const open = (options: unknown) => Dataset.open(options as { root: string; id: number });
  await assert.rejects(open({ root: "nowhere", id: "1" }), {
    name: "TypeError",
    message: 'Cannot open a data set: id is "1", expected an integer',
  });
  await assert.rejects(open({ id: 1 }), {
    name: "TypeError",
    message: /^Cannot open a data set: root is missing, expected the path of the folder with nnU-/,
  });
});

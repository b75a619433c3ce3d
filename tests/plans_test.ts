import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Dataset } from "../lib/dataset/dataset.ts";
import { Plans } from "../lib/plans.ts";
import { makeTinyPlans } from "./tiny_scans.ts";

const { plans, dataset, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

/** Values as JavaScript passes them, without types. */
// deno-lint-ignore no-explicit-any
type Any = any;

Deno.test("Plans.preprocess() says what its arguments should be", async () => {
  const configurations = ["3d_fullres"];
  const opening = Dataset.open({ root, id: 1 });
  const refused: [unknown, unknown, string][] = [
    [
      opening,
      { configurations },
      "dataset is a promise, expected a data set, as `Dataset.open()` returns it; await it",
    ],
    [
      undefined,
      { configurations },
      "dataset is missing, expected a data set, as `Dataset.open()` returns it",
    ],
    [
      dataset,
      { configurations: "3d_fullres" },
      'configurations is "3d_fullres", expected a list, as ["3d_fullres"]',
    ],
    [dataset, {}, 'configurations is missing, expected a list, as ["3d_fullres"]'],
    [
      dataset,
      { configurations, workers: "2" },
      'workers is "2", expected an integer of at least 1',
    ],
  ];
  for (const [given, options, message] of refused) {
    await assert.rejects(plans.preprocess(given as Any, options as Any), {
      name: "TypeError",
      message: `Cannot preprocess: ${message}`,
    });
  }
  await opening;
});

Deno.test("Plans.preprocess() rejects labels that a training cannot use", async () => {
  const labels = { background: 0, shell: 1, ball: 256 };
  const many = new Plans({ ...plans, datasetJson: { ...plans.datasetJson, labels } });
  await assert.rejects(many.preprocess(dataset, { configurations: ["3d_fullres"] }), {
    name: "RangeError",
    message:
      "Cannot preprocess Dataset001_Tiny: dataset.json has label 256, expected labels from 0 to 255",
  });
});

Deno.test("Plans.open() says what its options should be", async () => {
  const refused: [unknown, string][] = [
    [{ root, id: "1" }, 'id is "1", expected an integer'],
    [{ root }, "id is missing, expected an integer"],
    [
      { id: 1 },
      "root is missing, expected the path of the folder with nnU-Net's three folders",
    ],
    [
      { root: pathToFileURL(root), id: 1 },
      "root is a URL, expected the path of the folder with nnU-Net's three folders; pass its path, " +
      "as `fileURLToPath()` of node:url returns it",
    ],
    [
      { folders: root, id: 1 },
      `folders is "${root}", expected an object, such as \`foldersIn(root)\` returns`,
    ],
    [{ folders: { raw: root }, id: 1 }, "folders.preprocessed is missing, expected a string"],
    [{ root, id: 1, plansName: 2 }, "`plansName` is 2, expected a string"],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(Plans.open(options as Any), {
      name: "TypeError",
      message: `Cannot open plans: ${message}`,
    });
  }
});

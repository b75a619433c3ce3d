import assert from "node:assert/strict";
import { explainMissingName, notebookPath } from "../../kernels/missing_name.ts";
import { code, notebookOf, prose } from "./jupyter/sample_notebooks.ts";

const notebook = notebookOf(
  prose("const dataset = is explained here"),
  code(`console.log("plans", dataset);\n// const plans = nothing\nconst other = plans;`),
  code(
    `import { Planner, type Plans as Plan } from "nnunet";\nconst plans = await planner.plan();`,
  ),
  code(`const {\n  image, label: truth, ...rest\n} = await load();\nlet [first, $second] = rest;`),
  code(`async function show(curve) {}\nclass Model {}\nfor (const inner of rest) {}`),
);

const explained = async (evalue: string, ename = "ReferenceError") =>
  (await explainMissingName(
    { ename, evalue, traceback: [`${ename}: ${evalue}`] },
    () => Promise.resolve(notebook),
  )).evalue;

for (
  const [name, line] of [
    ["plans", "const plans = await planner.plan();"],
    ["Planner", `import { Planner, type Plans as Plan } from "nnunet";`],
    ["Plan", `import { Planner, type Plans as Plan } from "nnunet";`],
    ["image", "const {"],
    ["truth", "const {"],
    ["$second", "let [first, $second] = rest;"],
    ["show", "async function show(curve) {}"],
    ["Model", "class Model {}"],
  ]
) {
  Deno.test(`explainMissingName() names the line that defines ${name}`, async () => {
    assert.equal(
      await explained(`${name} is not defined`),
      `${name} is not defined. Run the cell with this line first: ${line}`,
    );
  });
}

Deno.test("explainMissingName() returns other errors unchanged", async () => {
  for (const name of ["curve", "label", "second", "dataset", "lan"]) {
    assert.equal(await explained(`${name} is not defined`), `${name} is not defined`);
  }
  assert.equal(await explained("plans is not defined", "Error"), "plans is not defined");
  const error = { ename: "ReferenceError", evalue: "plans is not defined", traceback: [] };
  assert.equal(await explainMissingName(error, () => Promise.reject(new Error("gone"))), error);
});

Deno.test("notebookPath() is what Jupyter's server says", () => {
  assert.equal(notebookPath({ JPY_SESSION_NAME: "/home/me/a.ipynb" }, "/x"), "/home/me/a.ipynb");
  assert.equal(notebookPath({ JPY_SESSION_NAME: "sub/a.ipynb" }, "/x"), "/x/sub/a.ipynb");
  assert.equal(notebookPath({ JPY_SESSION_NAME: "console" }, "/x"), undefined);
  assert.equal(notebookPath({}, "/x"), undefined);
});

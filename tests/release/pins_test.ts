/** The same versions everywhere: in texts, workflows, containers and notebooks. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { jupyterEnvironment } from "../../kernels/jupyter/server.ts";

const project = join(import.meta.dirname!, "../..");
const read = (path: string) => Deno.readTextFile(join(project, path));

Deno.test("every file that installs Deno installs the same version, the README's", async () => {
  const files = [
    ".ci/run",
    ".devcontainer/install.sh",
    ".github/workflows/release.yml",
    "CONTRIBUTING.md",
    "README.md",
    "notebooks/colab.ipynb",
  ];
  const [, wanted] = /deno@(\d+\.\d+\.\d+)/.exec(await read("README.md"))!;
  for (const file of files) {
    const found = [...(await read(file)).matchAll(/(?:deno@|deno_version=)(\d+\.\d+\.\d+)/g)]
      .map(([, version]) => version);
    assert.deepEqual([...new Set(found)], [wanted], file);
  }
});

Deno.test("Binder gets the Plotly of the project's own JupyterLab", async () => {
  const requirements = (await read(".binder/requirements.txt")).split("\n");
  const plotly = jupyterEnvironment[1].flat().filter((name) => name.startsWith("plotly"));
  assert.deepEqual(requirements.filter((line) => /^\w/.test(line)), plotly);
});

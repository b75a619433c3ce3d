/** Tests the library in the ordinary Deno kernel, in an empty folder. */

import { fileURLToPath } from "node:url";
import { testWithJupyter } from "./jupyter/jupyter_here.ts";
import { checkPlainKernel } from "./plain_kernel.ts";

const project = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

testWithJupyter("an ordinary Deno kernel imports the library by its path in a clone", async () => {
  await checkPlainKernel({
    nnunet: project("mod.ts"),
    notebook: project("lib/notebook/mod.ts"),
  });
});

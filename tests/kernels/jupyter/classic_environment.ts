/** The classic Notebook, which tests look at; `deno task test:classic` installs it. */

import { ensurePythonEnvironment } from "../../../kernels/python_environment.ts";

/** Name and packages of its Python environment, apart from JupyterLab's, which users have. */
export const classicEnvironment = ["nbclassic", [["nbclassic==1.3.3"]]] as const;

/** Returns the path of its `python`; the first call installs it. */
export function ensureClassic(): Promise<string> {
  return ensurePythonEnvironment(...classicEnvironment);
}

if (import.meta.main) console.log(await ensureClassic());

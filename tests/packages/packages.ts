/**
 * Checks, from empty folders, that the library works wherever it is imported from: by the path of a
 * clone, from JSR and from npm, with registries on the loopback address. Prints figures and, at the
 * end, one line.
 *
 * `--parts a,b` selects parts (contents, path, jsr, npm, std-path, bundle), `--check` fails if a part
 * does not work.
 */

import { reasonOf } from "../../lib/options/reason_of.ts";
import { taskOptions } from "../task_options.ts";
import { checkBundle } from "./check_bundle.ts";
import { checkContents } from "./check_contents.ts";
import { checkProject } from "./check_project.ts";
import { checkStandardPath } from "./check_standard_path.ts";
import { sources } from "./sources.ts";

/** A part prints its own figures and throws if something does not work. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  contents: checkContents,
  path: () => checkProject("path", sources.path),
  jsr: () => checkProject("jsr", sources.jsr),
  npm: () => checkProject("npm", sources.npm),
  "std-path": checkStandardPath,
  bundle: checkBundle,
};

const options = taskOptions(import.meta.url, {
  parts: { type: "string", default: Object.keys(parts).join(",") },
  check: { type: "boolean", default: false },
});
const chosen = options.parts.split(",");
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  throw new RangeError(`Unknown parts ${unknown}, expected ${Object.keys(parts).join(", ")}`);
}

const failed: string[] = [];
for (const name of chosen) {
  try {
    await parts[name]();
  } catch (error) {
    failed.push(name);
    console.error(`${name} does not work: ${reasonOf(error)}`);
  }
}
const works = chosen.filter((name) => !failed.includes(name));
console.log(`works: ${works.join(", ") || "none"}; does not work: ${failed.join(", ") || "none"}`);
Deno.exit(options.check && failed.length > 0 ? 1 : 0);

/**
 * Checks the site that `deno task docs` made, as CI does:
 * `deno run -A tests/kernels/jupyter/check_site.ts site`.
 */

import { resolve } from "@std/path";
import { foldersHere } from "../../../kernels/jupyter/run_record.ts";
import { withPage } from "../../browser/browser.ts";
import { assertLinksLead, assertReadable, assertWithout, pagesOf } from "./site_checks.ts";

const folder = resolve(Deno.args[0] ?? "site");
const { project, home, temporary } = foldersHere();
const folders = [project, home, temporary].filter((path) => path !== undefined && path !== "/");
await assertLinksLead(folder);
await assertWithout(folder, folders.map((path) => `${path}/`));
await withPage((page) =>
  assertReadable(page, folder, (name, device) => console.log(`${name}  ${device}`))
);
console.log(`${pagesOf(folder).length} pages of ${folder} lead somewhere, fit and are accessible`);

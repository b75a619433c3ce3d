import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startFolder } from "../../kernels/launch.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("startFolder() returns the project's own folders unchanged", () => {
  assert.equal(startFolder(`${project}notebooks`), `${project}notebooks`);
});

Deno.test("startFolder() maps other folders to paths within the project", () => {
  assert.equal(startFolder("/home/me/my scans"), `${project}.cache/elsewhere/home/me/my scans`);
});

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startFolder } from "../../kernels/launch.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("startFolder() leaves the project's own folders", () => {
  assert.equal(startFolder(`${project}notebooks`), `${project}notebooks`);
});

Deno.test("startFolder() mirrors other folders in the project", () => {
  assert.equal(startFolder("/home/me/my scans"), `${project}.cache/elsewhere/home/me/my scans`);
});

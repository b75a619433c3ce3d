import assert from "node:assert/strict";
import { createProgram } from "../../lib/cli/program.ts";
import { exempt, scenarios } from "./scenarios.ts";

Deno.test("every command has a scenario, or a reason for having none", () => {
  const known = new Set([...scenarios.map(({ command }) => command), ...Object.keys(exempt)]);
  assert.deepEqual(
    createProgram().commands.map((command) => command.name()).sort(),
    [
      ...known,
    ].sort(),
  );
});

Deno.test("scenarios have different names", () => {
  const names = scenarios.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

import assert from "node:assert/strict";
import { headComment, readTaskOptions } from "./task_options.ts";

const options = {
  rounds: { type: "string", default: "5" },
  only: { type: "string" },
  check: { type: "boolean", default: false },
} as const;

Deno.test("readTaskOptions() reads values, with defaults for the others", () => {
  assert.deepEqual(readTaskOptions(["--only", "3d", "--check"], options), {
    help: false,
    values: { rounds: "5", only: "3d", check: true },
  });
});

Deno.test("readTaskOptions() reports --help", () => {
  assert.equal(readTaskOptions(["--help"], options).help, true);
});

Deno.test("readTaskOptions() lists the options after an argument that is none", () => {
  for (const args of [["--round", "3"], ["three"], ["--only"], ["--check=no"]]) {
    assert.throws(() => readTaskOptions(args, options), {
      name: "TypeError",
      message: /\. Options are --rounds, --only, --check; --help describes them$/,
    });
  }
});

Deno.test("readTaskOptions() takes whole numbers where the default is one", () => {
  for (const rounds of ["many", "", "2.5", "1e3"]) {
    assert.throws(() => readTaskOptions(["--rounds", rounds], options), {
      name: "TypeError",
      message: `Invalid --rounds ${rounds}, expected a whole number, such as 5`,
    });
  }
  assert.equal(readTaskOptions(["--rounds", "12"], options).values.rounds, "12");
});

Deno.test("headComment() is the text of the first comment", () => {
  const source = '/**\n * One.\n *\n * - `two`\n */\n\n/** Not this. */\nimport "three";\n';
  assert.equal(headComment(source), "One.\n\n- `two`");
  assert.throws(() => headComment("const one = 1;\n"), /does not begin with a comment/);
});

Deno.test("tasks for developers describe all of their options", () => {
  const root = new URL("..", import.meta.url);
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const missing: string[] = [];
  for (const [name, command] of Object.entries<string>(tasks)) {
    const file = command.match(/tests\/(?:bench|packages|parity|torture)\/\S+\.ts/)?.[0];
    if (!file) continue;
    const source = Deno.readTextFileSync(new URL(file, root));
    const declared = source.match(/taskOptions\(import\.meta\.url, \{(.*?)\n?\}\);/s)?.[1] ?? "";
    const names = [...declared.matchAll(/"?([\w-]+)"?: \{\s*type:/g)].map(([, option]) => option);
    if (names.length === 0) missing.push(`${name}: options`);
    const description = headComment(source);
    const isDescribed = (option: string) => new RegExp(`--${option}\\b`).test(description);
    missing.push(...names.filter((o) => !isDescribed(o)).map((o) => `${name}: --${o}`));
  }
  assert.deepEqual(missing, []);
});

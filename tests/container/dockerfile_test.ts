import assert from "node:assert/strict";
import { join } from "@std/path";
import { instructionsOf, stagesOf } from "./dockerfile.ts";

const project = join(import.meta.dirname!, "../..");

const sample = `# A comment
FROM debian:bookworm-slim AS base
RUN one \\
  && two
ENV A=1

FROM base AS last
COPY --chown=me . /home/me
# RUN three
CMD ["a", "b"]
`;

Deno.test("stagesOf() joins lines, drops comments and keeps the order", () => {
  assert.deepEqual(stagesOf(sample), [
    {
      base: "debian:bookworm-slim",
      name: "base",
      instructions: [{ name: "RUN", text: "one && two" }, { name: "ENV", text: "A=1" }],
    },
    {
      base: "base",
      name: "last",
      instructions: [
        { name: "COPY", text: "--chown=me . /home/me" },
        { name: "CMD", text: '["a", "b"]' },
      ],
    },
  ]);
});

Deno.test("instructionsOf() begins with those of the stage below", () => {
  const { image, instructions } = instructionsOf(stagesOf(sample), "last");
  assert.equal(image, "debian:bookworm-slim");
  assert.deepEqual(instructions.map(({ name }) => name), ["RUN", "ENV", "COPY", "CMD"]);
});

Deno.test("stagesOf() refuses what it does not understand", () => {
  assert.throws(() => stagesOf("FROM a AS b\nADD x y"), { message: /^Cannot read "ADD x y"/ });
  assert.throws(() => stagesOf("RUN a"), { message: /after a FROM$/ });
  assert.throws(() => stagesOf("FROM a"), { message: /expected FROM BASE AS NAME$/ });
});

Deno.test("the Dockerfile is understood, ends as a user, and calls steps that install.sh has", async () => {
  const read = (path: string) => Deno.readTextFile(join(project, path));
  const stages = stagesOf(await read(".devcontainer/Dockerfile"));
  assert.deepEqual(stages.map(({ name }) => name), ["system", "development", "course"]);
  for (const { name } of stages.slice(1)) {
    const users = instructionsOf(stages, name).instructions.filter(({ name }) => name === "USER");
    assert.equal(users.at(-1)?.text, "nnunet", name);
  }
  const script = await read(".devcontainer/install.sh");
  const callers = ["Dockerfile", "devcontainer.json", "../.binder/postBuild"];
  for (const caller of callers) {
    const calls = [
      ...(await read(`.devcontainer/${caller}`)).matchAll(/install\.sh ([\w ${}:+]+)/g),
    ];
    assert.ok(calls.length > 0, caller);
    const steps = calls.flatMap(([, steps]) =>
      steps.replace(/\$\{\w+:\+(\w+)\}/g, "$1").split(" ")
    );
    for (const step of steps.filter(Boolean)) {
      assert.match(script, new RegExp(`^${step}\\(\\) \\{$`, "m"), `${caller}: ${step}`);
    }
  }
});

Deno.test("devcontainer.json uses a stage and a user of the Dockerfile", async () => {
  const text = await Deno.readTextFile(join(project, ".devcontainer/devcontainer.json"));
  const { build, remoteUser, mounts } = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ""));
  const dockerfile = await Deno.readTextFile(join(project, ".devcontainer", build.dockerfile));
  const { instructions } = instructionsOf(stagesOf(dockerfile), build.target);
  assert.ok(instructions.some(({ name, text }) => name === "USER" && text === remoteUser));
  assert.equal(mounts.length, 2);
});

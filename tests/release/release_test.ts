/** A release of a small project, with the real `deno publish` and `npm publish`, both dry. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { checkRepository } from "../../.ci/release/repository.ts";
import { changelog, commitAll, git, runRelease, writeSampleProject } from "./sample_project.ts";

const repository = ["--repository", "someone/their-fork"];

async function inSample(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await writeSampleProject(folder);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("release is dry by default: it makes packages, notes and site, and changes nothing", () =>
  inSample(async (folder) => {
    const output = join(folder, ".cache/release");
    const { code, text } = await runRelease(
      folder,
      ...["minor", "--date", "2026-12-01", "--scope", "theirs", "--output", output, ...repository],
    );
    assert.equal(code, 0, text);
    assert.match(text, /^Release 0\.2\.0 of @theirs\/sample$/m);
    assert.match(text, /^✓ version +0\.1\.0 → 0\.2\.0$/m);
    assert.match(
      text,
      /^✓ changelog +"Unreleased" becomes "0\.2\.0 — 2026-12-01", with 1 change$/m,
    );
    assert.match(text, /^✓ links +to someone\/their-fork in README\.md, notebooks\/colab\.ipynb$/m);
    assert.match(text, /^✓ JSR +deno publish --dry-run passed$/m);
    assert.match(text, /^✓ npm +npm publish --dry-run passed$/m);
    assert.match(text, /^✓ site +1 notebooks$/m);
    assert.match(text, /^✓ tests +passed$/m);
    assert.match(text, /Nothing was changed; with --write this is committed and tagged v0\.2\.0/);

    for (const name of ["jsr/deno.json", "npm/package.json"]) {
      const manifest = JSON.parse(await Deno.readTextFile(join(output, name)));
      assert.deepEqual([manifest.name, manifest.version], ["@theirs/sample", "0.2.0"]);
      if (name.startsWith("npm")) {
        assert.equal(manifest.repository.url, "git+https://github.com/someone/their-fork.git");
      }
    }
    assert.match(
      await Deno.readTextFile(join(output, "npm/README.md")),
      /com\/someone\/their-fork/,
    );
    assert.equal(await Deno.readTextFile(join(output, "notes.md")), "- News.\n");
    assert.ok((await Deno.stat(join(output, "site"))).isDirectory);

    assert.equal(await git(folder, "status", "--porcelain"), "");
    assert.equal(await git(folder, "tag"), "");
    assert.equal(await Deno.readTextFile(join(folder, "CHANGELOG.md")), changelog);

    const again = await runRelease(folder, "minor", "--output", output, ...repository);
    assert.equal(again.code, 1);
    assert.match(again.text, /Cannot write to .*: it has .*, expected an empty folder/);
  }));

Deno.test("release --write commits version, changelog and links, and tags the commit", () =>
  inSample(async (folder) => {
    const args = ["1.0.0", "--date", "2026-12-01", "--skip_tests", "--write", ...repository];
    const { code, text } = await runRelease(folder, ...args);
    assert.equal(code, 0, text);
    assert.match(text, /^– tests +not done: --skip_tests$/m);
    assert.match(text, /To publish it: git push --atomic origin main v1\.0\.0/);

    assert.equal(await git(folder, "status", "--porcelain"), "");
    assert.equal(await git(folder, "log", "-1", "--format=%s"), "Release 1.0.0");
    assert.equal(
      await git(folder, "show", "--format=", "--name-only", "HEAD"),
      "CHANGELOG.md\nREADME.md\ndeno.json\nnotebooks/colab.ipynb",
    );
    assert.equal(await git(folder, "cat-file", "-t", "v1.0.0"), "tag");
    assert.equal(
      await git(folder, "rev-parse", "v1.0.0^{}"),
      await git(folder, "rev-parse", "HEAD"),
    );
    assert.equal(JSON.parse(await Deno.readTextFile(join(folder, "deno.json"))).version, "1.0.0");
    assert.match(
      await Deno.readTextFile(join(folder, "CHANGELOG.md")),
      /^## 1\.0\.0 — 2026-12-01$/m,
    );
    assert.match(await Deno.readTextFile(join(folder, "README.md")), /com\/someone\/their-fork/);
    const formatted = await new Deno.Command(Deno.execPath(), {
      args: ["fmt", "--check", "README.md"],
      cwd: folder,
    }).output();
    assert.ok(formatted.success, "expected the longer links to be formatted");
  }));

Deno.test("release --write changes nothing if a step fails, and reports all that fail", () =>
  inSample(async (folder) => {
    await git(folder, "switch", "--quiet", "--create", "work");
    await Deno.writeTextFile(
      join(folder, "mod.ts"),
      "export const slow = Math.random();\n" +
        "export function untyped() { return [slow].map((one) => ({ one })); }\n",
    );
    const notebook = join(folder, "notebooks/01_one.ipynb");
    await Deno.writeTextFile(notebook, (await Deno.readTextFile(notebook)).replace('"1"', '"2"'));
    await commitAll(folder);
    await Deno.writeTextFile(join(folder, "new.txt"), "");
    const { code, text } = await runRelease(folder, "minor", "--write");
    assert.equal(code, 1, text);
    assert.match(text, /^✗ git +On work, expected main$/m);
    assert.match(text, /^✗ links +README\.md links to OWNER\/nnunet-ts; name yours with --repo/m);
    assert.match(text, /^✗ JSR +deno publish .* exited with 1\n[^]*slow-types?/m);
    assert.match(text, /^✗ site +Changed since they were run: 01_one\.ipynb; run deno task note/m);
    assert.match(text, /^– tests +not done: something above failed$/m);
    assert.match(text, /Nothing was changed: \d of these steps failed/);
    assert.equal(await git(folder, "status", "--porcelain"), "?? new.txt");
  }));

Deno.test("checkRepository() wants main, no changes and a new tag", () =>
  inSample(async (folder) => {
    const check = () => checkRepository(folder, "v0.2.0");
    assert.equal(await check(), "on main, everything is committed");
    await Deno.writeTextFile(join(folder, "new.txt"), "");
    await assert.rejects(check(), { message: "Not committed:\n?? new.txt" });
    await Deno.remove(join(folder, "new.txt"));
    await git(folder, "tag", "v0.2.0");
    await assert.rejects(check(), { message: "The tag v0.2.0 already exists" });
    await git(folder, "switch", "--quiet", "--detach");
    await assert.rejects(check(), { message: "On no branch, expected main" });
  }));

Deno.test("write_packages.ts refuses a tag that is not the version's", () =>
  inSample(async (folder) => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ".ci/release/write_packages.ts", "--scope", "own", "--output", "out"]
        .concat("--tag", "v0.2.0"),
      cwd: folder,
    }).output();
    assert.equal(success, false);
    assert.match(new TextDecoder().decode(stderr), /The tag is v0\.2\.0, expected v0\.1\.0/);
  }));

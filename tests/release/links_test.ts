/** The links that open the project on other machines. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fillLinks, linkingFiles, placeholder } from "../../.ci/release/repository_links.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const project = join(import.meta.dirname!, "../..");

Deno.test("README's links to Binder and Colab open notebooks that exist", async () => {
  const readme = await Deno.readTextFile(join(project, "README.md"));
  const binder = /mybinder\.org\/v2\/gh\/[^/]+\/[^/]+\/HEAD\?urlpath=lab\/tree\/([^)]+)\)/;
  const colab = /colab\.research\.google\.com\/github\/[^/]+\/[^/]+\/blob\/main\/([^)]+)\)/;
  for (const link of [binder, colab]) {
    const [, path] = link.exec(readme) ?? assert.fail(`README has no link like ${link}`);
    assert.ok((await Deno.stat(join(project, path))).isFile);
  }
});

Deno.test("fillLinks() names the repository in every file with links, once", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.mkdir(join(folder, "notebooks"));
    for (const file of linkingFiles) {
      await Deno.writeTextFile(join(folder, file), `a ${placeholder} b ${placeholder}`);
    }
    await assert.rejects(fillLinks(folder, undefined), { message: /name yours with --repository/ });
    await assert.rejects(fillLinks(folder, "https://github.com/a/b"), {
      message: 'The repository is "https://github.com/a/b", expected owner/name',
    });
    assert.deepEqual(await fillLinks(folder, "me/fork"), linkingFiles);
    for (const file of linkingFiles) {
      assert.equal(await Deno.readTextFile(join(folder, file)), "a me/fork b me/fork");
    }
    assert.deepEqual(await fillLinks(folder, undefined), []);
  }));

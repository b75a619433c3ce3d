import assert from "node:assert/strict";
import { join } from "@std/path";
import { downloadModels, type DownloadModelsOptions } from "../../lib/model/download_model.ts";
import { exportModels } from "../../lib/model/export_models.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { serveFiles } from "../file_server.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeUntrainedModel } from "../untrained_model.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const model = await writeUntrainedModel(join(root, "trained"), {
  ...plans,
  configuration: "2d",
});
await exportModels(join(root, "model.zip"), { models: [model] });
const content = await Deno.readFile(join(root, "model.zip"));
const name = model.split("/").slice(-2).join("/");

/** Serves the packed model, and downloads it into a new folder. */
function withServer(
  test: (
    server: ReturnType<typeof serveFiles>,
    download: (options?: DownloadModelsOptions) => Promise<string[]>,
    results: string,
  ) => Promise<void>,
) {
  return withTemporaryFolder(async (folder) => {
    await using server = serveFiles();
    server.files.set("model.zip", { content, tag: '"one"' });
    const results = join(folder, "results");
    await test(
      server,
      (options) => downloadModels(`${server.address}model.zip`, results, options),
      results,
    );
  });
}

Deno.test("downloadModels() installs an archive and leaves nothing else", () =>
  withServer(async ({ ranges }, download, results) => {
    const progress: [number, number | undefined][] = [];
    const models = await download({ onProgress: (...amounts) => progress.push(amounts) });
    assert.deepEqual(models, [join(results, name)]);
    assert.deepEqual(progress[0], [0, content.length]);
    assert.deepEqual(progress.at(-1), [content.length, content.length]);
    assert.deepEqual(ranges, [""]);
    assert.deepEqual(namesIn(results), [`${name.split("/")[0]}/`]);
    assert.deepEqual(
      await Deno.readFile(join(models[0], "plans.json")),
      await Deno.readFile(join(model, "plans.json")),
    );
  }));

Deno.test("downloadModels() continues after an abort, and after broken connections", () =>
  withServer(async ({ files, ranges }, download) => {
    const size = Math.ceil(content.length / 3);
    files.set("model.zip", { content, tag: '"one"', breaksAfter: size });
    const stop = new AbortController();
    await assert.rejects(
      download({
        signal: stop.signal,
        onProgress: (done) => done > 0 && stop.abort(new Error("enough")),
      }),
      /^Error: enough$/,
    );
    const kept: number[] = [];
    await download({ onResume: (bytes) => kept.push(bytes) });
    assert.equal(kept.length, 1);
    assert.ok(kept[0] > 0 && kept[0] <= size, `${kept}`);
    assert.ok(ranges.length >= 3, `${ranges}`);
    assert.ok(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range)), `${ranges}`);
  }));

Deno.test("downloadModels() begins again if the server has another file", () =>
  withServer(async ({ files, address }, download, results) => {
    const other = content.map((byte) => byte ^ 1);
    files.set("model.zip", { content: other, tag: '"old"', breaksAfter: 1000 });
    const stop = new AbortController();
    await assert.rejects(download({
      signal: stop.signal,
      onProgress: (done) => done > 0 && stop.abort(),
    }));
    files.set("model.zip", { content, tag: '"new"' });
    assert.deepEqual(await download(), [join(results, name)]);
    assert.match(address, /^http:/);
  }));

Deno.test("downloadModels() checks the archive, and forgets one that is wrong", () =>
  withServer(async ({ files, ranges }, download, results) => {
    files.set("model.zip", { content: new Uint8Array(500), tag: '"one"' });
    await assert.rejects(download(), /^SyntaxError: Cannot .*model\.zip/);
    assert.deepEqual(namesIn(results), []);
    files.set("model.zip", { content, tag: '"one"' });
    await download();
    assert.deepEqual(ranges, ["", ""]);
  }));

Deno.test("downloadModels() keeps the download if the model exists", () =>
  withServer(async ({ ranges }, download) => {
    await download();
    await assert.rejects(download(), /^AlreadyExistsError: .*pass `overwrite: true`/);
    await download({ overwrite: true });
    assert.deepEqual(ranges, ["", ""]);
  }));

Deno.test("downloadModels() says what a server answers, and which addresses it takes", () =>
  withServer(async ({ files }, download, results) => {
    files.clear();
    await assert.rejects(download(), /model\.zip: the server answered 404 Not Found$/);
    await assert.rejects(
      downloadModels("file:///etc/passwd", results),
      /^TypeError: Cannot download file:.*expected an address http:\/\/ or https:\/\/$/,
    );
  }));

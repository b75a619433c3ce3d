import assert from "node:assert/strict";
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { exportModels } from "../../lib/model/export_models.ts";
import { serveFiles } from "../file_server.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { runMain } from "./run_main.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const model = await writeUntrainedModel(join(root, "trained"), { ...plans, configuration: "2d" });
await exportModels(join(root, "model.zip"), { models: [model] });

Deno.test("download_pretrained_model_by_url installs a model", async () => {
  await using server = serveFiles();
  server.files.set("model.zip", {
    content: await Deno.readFile(join(root, "model.zip")),
    tag: '"one"',
  });
  const place = ["--root", join(root, "installed")];
  const { code, out, err } = await runMain(
    ...["nnUNetv2_download_pretrained_model_by_url", `${server.address}model.zip`, ...place],
  );
  assert.equal(code, 0, err);
  assert.match(out, /Installed .*nnUNetTrainer__nnUNetPlans__2d\nThe licence of the data/);
  const again = await runMain(
    ...["download_pretrained_model_by_url", `${server.address}model.zip`, ...place],
  );
  assert.match(again.err, /exists; add --overwrite to replace it$/);
});

Deno.test("download_pretrained_model_by_url says what to type where the network is denied", async () => {
  const [, flags] = config.tasks.nnunet.match(/ deno run (.*) lib\/cli\/main\.ts$/)!;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/model.zip`;
  listener.close();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--quiet", ...flags.split(" "), "lib/cli/main.ts"],
      ...["download_pretrained_model_by_url", url, "--root", join(root, "denied")],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  assert.equal(code, 1, text);
  assert.ok(
    text.startsWith(`Cannot download ${url}: this program may not use the network; only this `),
    text,
  );
  // What it says to type gets as far as the network, where nothing listens.
  const [command, ...args] = /so type: (.*)$/.exec(text)![1].split(" ");
  assert.equal(command, "deno");
  const allowed = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const answer = new TextDecoder().decode(allowed.stderr).trim();
  assert.equal(allowed.code, 1, answer);
  assert.doesNotMatch(answer, /may not use the network/);
  assert.match(answer, /^Cannot download .*model\.zip: /);
});

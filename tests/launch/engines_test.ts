/** Looks at what launches write for each scheduler, and runs a template's commands. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { manifestOf } from "../../lib/launch/kubernetes.ts";
import type { LaunchRecord } from "../../lib/launch/launch_record.ts";
import { readRecord } from "../../lib/launch/launch_record.ts";
import { Launcher } from "../../lib/launch/launcher.ts";
import type { LauncherChoices } from "../../lib/launch/launch_options.ts";
import { parseTemplate } from "../../lib/launch/template_engine.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { runPython, testWithPython } from "../with_python.ts";
import { standIn } from "./stand_in.ts";
import { until } from "./slurm_cluster.ts";

const pbs = `#PBS -l select=1:ncpus={cpus}:mem={memory}b:ngpus={gpus}
#PBS -l walltime={time}
#nnunet submit qsub {dependency} -v JOB_COMPLETION_INDEX={place} {script}
#nnunet dependency -W depend=afterok:{ids}
#nnunet state qstat {id}
#nnunet cancel qdel {id}
#nnunet again qrerun "$PBS_JOBID"
`;

/** Returns the files of a launch, with the names of folders that differ between machines replaced. */
async function filesOf(options: Partial<LauncherChoices>): Promise<Record<string, string>> {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "nnUNet_raw", "Dataset004_Hippocampus"), { recursive: true });
  await Deno.mkdir(join(root, "scans to do"));
  await Deno.writeTextFile(join(root, "pbs.txt"), pbs);
  await Deno.writeTextFile(join(root, "setup.sh"), "module load cuda\n");
  const launcher = new Launcher({
    root,
    id: 4,
    cpus: 8,
    trainArguments: ["--epochs", "100"],
    predict: { input: join(root, "scans to do"), output: join(root, "labels") },
    ...options,
    ...options.setup && { setup: join(root, "setup.sh") },
    ...options.template && { template: join(root, "pbs.txt") },
    ...options.container && { container: { ...options.container, mount: root } },
  });
  const files = await launcher.files();
  const { program } = await recordOf(launcher);
  await Deno.remove(root, { recursive: true });
  const start = program.map((word) => word).join(" ");
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      text.replaceAll(start, "deno run main.ts").replaceAll(root, "/shared")
        .replace(/comment=nnunet-[0-9a-f]+-/g, "comment=nnunet-HASH-"),
    ]),
  );
}

async function recordOf(launcher: Launcher): Promise<LaunchRecord> {
  const { folder } = await launcher.write();
  return (await readRecord(folder))!;
}

const onEachEngine: readonly (readonly [string, Partial<LauncherChoices>])[] = [
  ["slurm", {
    engine: "slurm",
    engineArguments: ["-p", "gpu", "-A", "lab one"],
    maxParallel: 3,
    setup: "yes",
  }],
  ["kubernetes", {
    engine: "kubernetes",
    container: { image: "nnunet", claim: "data", mount: "" },
  }],
  ["template", { engine: "template", template: "yes" }],
  ["local", { engine: "local" }],
];

for (const [name, options] of onEachEngine) {
  Deno.test(`the files of a launch on ${name}`, async (t) => {
    const files = await filesOf(options);
    // The functions that all have in common are not repeated.
    const { "job.sh": _, ...own } = files;
    await t.assertSnapshot(
      Object.entries(own).map(([path, text]) => [`== ${path}`, ...text.split("\n")]),
    );
  });

  Deno.test(`the scripts of a launch on ${name} are valid`, async () => {
    const folder = await Deno.makeTempDir();
    for (const [path, text] of Object.entries(await filesOf(options))) {
      if (!path.endsWith(".sh")) continue;
      const file = join(folder, path);
      await Deno.writeTextFile(file, text);
      const { success, stderr } = await new Deno.Command("bash", { args: ["-n", file] }).output();
      assert.ok(success, `${path}: ${new TextDecoder().decode(stderr)}`);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a folder that a machine does not see is named by the job", async () => {
  const files = await filesOf({ engine: "slurm" });
  const { code, stderr } = await withTemporaryFolder(async (folder) => {
    const path = join(folder, "train_2d.sh");
    await Deno.writeTextFile(path, files["train_2d.sh"].replaceAll("/shared", "/elsewhere"));
    return await new Deno.Command("bash", { args: [path] }).output();
  });
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /does not see \/elsewhere\/.*; launch with --out DIR, a folder that all machines share/,
  );
});

testWithPython("manifests follow Kubernetes' schema", async (folder) => {
  const files = await filesOf(onEachEngine[1][1]);
  const manifests = Object.entries(files).filter(([path]) => path.endsWith(".json"));
  assert.ok(manifests.length > 5);
  for (const [path, text] of manifests) {
    const file = join(folder, "manifest.json");
    await Deno.writeTextFile(file, text);
    const program = "import json, sys, kubernetes_validate as k\n" +
      "k.validate(json.load(open(sys.argv[1])), '1.33', strict=True); print('valid')";
    assert.equal(await runPython("-c", program, file), "valid", path);
  }
});

Deno.test("manifests have what the schema does not ask for", async () => {
  const { record } = await standIn({
    engine: "kubernetes",
    container: { image: "nnunet", claim: "data", mount: "/" },
    maxParallel: 2,
  });
  const names = new Set<string>();
  for (const stage of record.stages) {
    // deno-lint-ignore no-explicit-any
    const { metadata, spec } = manifestOf(stage, record) as any;
    names.add(metadata.name);
    assert.match(metadata.name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    assert.equal(spec.completions, stage.jobs.length);
    assert.ok(spec.parallelism <= 2);
    const pod = spec.template.spec;
    // Kubernetes refuses a Job with another policy, and a failure policy without this one.
    assert.equal(pod.restartPolicy, "Never");
    const [container] = pod.containers;
    for (const { onExitCodes } of spec.podFailurePolicy.rules) {
      if (onExitCodes) assert.equal(onExitCodes.containerName, container.name);
    }
    assert.deepEqual(
      container.volumeMounts.map(({ name }: { name: string }) => name),
      pod.volumes.map(({ name }: { name: string }) => name),
    );
    assert.equal("nvidia.com/gpu" in container.resources.limits, stage.computes);
    assert.deepEqual(container.resources.limits, container.resources.requests);
  }
  assert.equal(names.size, record.stages.length);
});

Deno.test("a container's command runs, waits for what it needs, and fails with it", async () => {
  const { record, runs, root } = await standIn({
    engine: "kubernetes",
    container: { image: "nnunet", claim: "data", mount: "/" },
    configurations: ["2d"],
    folds: [0, 1],
  });
  const pod = async (name: string, index = 0) => {
    const stage = record.stages.find((each) => each.name === name)!;
    // deno-lint-ignore no-explicit-any
    const { spec } = manifestOf(stage, record) as any;
    const [{ command: [program, ...args], env }] = spec.template.spec.containers;
    const variables = Object.fromEntries(
      env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    // The image has the command; here it is the stand-in.
    const text = await Deno.readTextFile(args[0]);
    await Deno.writeTextFile(
      args[0],
      text.replace("nnunet=(nnunet)", `nnunet=(bash ${root}/world/nnunet.sh ${root}/world)`),
    );
    return (await new Deno.Command(program, {
      args,
      env: { ...variables, JOB_COMPLETION_INDEX: `${index}` },
    }).output()).code;
  };
  assert.equal(await pod("train_2d", 1), 75);
  assert.equal(await pod("prepare"), 0);
  // A pod that is made again finds the job done.
  assert.equal(await pod("prepare"), 0);
  assert.equal(await pod("train_2d", 1), 0);
  assert.equal(await pod("best"), 75);
  await Deno.writeTextFile(join(root, "world", "plan", "train_2d_0"), "fail\n");
  assert.equal(await pod("train_2d", 0), 1);
  assert.equal(await pod("best"), 1);
  assert.deepEqual((await runs()).filter((line) => line.startsWith("end")), [
    "end plan_and_preprocess 0",
    "end train_2d_1 0",
    "end train_2d_0 1",
  ]);
});

Deno.test("folders outside the volume of Kubernetes are refused before anything is written", async () => {
  const container = { image: "nnunet", claim: "data", mount: "/volume" };
  await withTemporaryFolder(async (root) => {
    await Deno.mkdir(join(root, "nnUNet_raw", "Dataset001_Tiny"), { recursive: true });
    const options = { root, id: 1, engine: "kubernetes" } as const;
    const launch = (mount: string) =>
      new Launcher({ ...options, container: { ...container, mount } }).write();
    await assert.rejects(launch("/volume"), /is not in \/volume, where pods see the shared volume/);
    await assert.rejects(launch("volume"), /mounted at "volume", expected an absolute path/);
    assert.deepEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["nnUNet_raw"]);
    const { folder } = await launch(root);
    // Another machine's record may name another volume.
    const path = join(folder, "launch.json");
    const record = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...record, container }));
    await assert.rejects(
      new Launcher({ root, id: 1 }).retry(),
      /is not in \/volume, where pods see the shared volume/,
    );
  });
});

Deno.test("a template's commands are checked before anything is written", async () => {
  await withTemporaryFolder(async (root) => {
    await Deno.mkdir(join(root, "nnUNet_raw", "Dataset001_Tiny"), { recursive: true });
    const template = join(root, "pbs.txt");
    await Deno.writeTextFile(template, pbs.replace("qdel {id}", "qdel {job}"));
    await assert.rejects(
      new Launcher({ root, id: 1, engine: "template", template }).write(),
      /found \{job\}, expected one of \{id\}/,
    );
    await Deno.writeTextFile(template, pbs.replace("{dependency}", "-x {dependency}"));
    await new Launcher({ root, id: 1, engine: "template", template }).write();
  });
});

Deno.test("parseTemplate() says what is wrong with a template", () => {
  assert.equal(parseTemplate(pbs).again, 'qrerun "$PBS_JOBID"');
  assert.throws(
    () => parseTemplate(pbs.replace(/#nnunet state.*\n/, "")),
    /no line "#nnunet state …"/,
  );
  assert.throws(
    () => parseTemplate(`${pbs}#nnunet array 5\n`),
    /found "#nnunet array", expected one of/,
  );
  assert.throws(() => parseTemplate(`${pbs}module load x\n`), /found the line "module load x"/);
});

/** A scheduler of three shell scripts: jobs start in the background when what they need has ended. */
const scheduler = {
  qsub:
    `needs=; while [ $# -gt 1 ]; do case $1 in -W) needs=\${2#depend=afterok:}; shift 2 ;; -v) export "$2"; shift 2 ;; esac; done
id=$(ls "$QUEUE" | wc -l); touch "$QUEUE/$id"
(for need in \${needs//:/ }; do until [ -s "$QUEUE/$need" ]; do sleep 0.05; done; [ "$(cat "$QUEUE/$need")" = 0 ] || { echo 1 >"$QUEUE/$id"; exit; }; done
 bash "$1"; echo $? >"$QUEUE/$id") >/dev/null 2>&1 </dev/null &
echo "$id"`,
  qstat: `[ -e "$QUEUE/$1" ] && [ ! -s "$QUEUE/$1" ]`,
  qdel: `echo 1 >"$QUEUE/$1"`,
};

Deno.test("a template's scheduler runs jobs after those that they need", async () => {
  const tools = await Deno.makeTempDir();
  const queue = join(tools, "queue");
  await Deno.mkdir(queue);
  for (const [name, text] of Object.entries(scheduler)) {
    await Deno.writeTextFile(join(tools, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }
  const template = join(tools, "pbs.txt");
  await Deno.writeTextFile(template, pbs);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${tools}:${path}`);
  Deno.env.set("QUEUE", queue);
  try {
    const world = await standIn({
      engine: "template",
      template,
      configurations: ["2d"],
      folds: [0, 1, 2],
    });
    assert.equal((await world.launcher.retry()).submitted.length, 5);
    await until(
      "all jobs",
      async () => (await world.launcher.status()).every(({ phase }) => phase === "done"),
    );
    const begun = (await world.runs()).filter((line) => line.startsWith("begin"));
    assert.equal(begun[0], "begin plan_and_preprocess");
    assert.equal(begun.at(-1), "begin find_best_configuration");
    assert.match(await world.launcher.cancel(), /^No job waits or runs$/);
  } finally {
    Deno.env.set("PATH", path);
  }
});

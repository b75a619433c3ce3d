/** Launches whose commands are a script of milliseconds, to try schedulers with. */

import { join } from "@std/path";
import { engines } from "../../lib/launch/engines.ts";
import { writeLaunchFolder } from "../../lib/launch/launch_folder.ts";
import { type LaunchRecord, readRecord } from "../../lib/launch/launch_record.ts";
import { Launcher } from "../../lib/launch/launcher.ts";
import type { LauncherChoices } from "../../lib/launch/launch_options.ts";

/**
 * The script. It notes in `runs` that it begins and ends, and whether another one of the same job
 * runs; a file `plan/JOB` says for each attempt what it does: `fail`, or `wait` until it is asked to
 * end, which it does with the exit code of a stop, after it has saved something unless it is `idle`.
 */
const script = `#!/bin/bash
world=$1; shift
case $1 in train) key=train_$3_$4 ;; *) key=$1 ;; esac
mkdir "$world/running/$key" 2>/dev/null || echo "$key runs twice" >>"$world/runs"
echo "begin $key" >>"$world/runs"
end() {
  echo "end $key $1" >>"$world/runs"
  rmdir "$world/running/$key"
  exit $1
}
attempt=$(grep -c "^begin $key$" "$world/runs")
does=$(sed -n "\${attempt}p" "$world/plan/$key" 2>/dev/null)
asked=
trap 'asked=1' TERM
case $does in
  fail) end 1 ;;
  wait | idle)
    echo waiting >"$world/waiting.$key"
    while [ -z "$asked" ]; do sleep 0.02; done
    [ "$does" = idle ] || touch "$(cat "$world/saves/$key")/checkpoint_latest.pth"
    end 75
    ;;
  *) end 0 ;;
esac
`;

/** A launch of a data set whose commands are the stand-in. */
export interface StandIn {
  /** Folder of everything. */
  readonly root: string;
  readonly launcher: Launcher;
  readonly record: LaunchRecord;
  /** Says what each attempt of a job does. */
  plan(job: string, ...attempts: ("fail" | "wait" | "idle" | "end")[]): Promise<void>;
  /** Lines of what ran: `begin train_2d_0`, `end train_2d_0 0`, `train_2d_0 runs twice`. */
  runs(): Promise<string[]>;
  /** Waits until a job waits to be asked to end. */
  waits(job: string): Promise<void>;
  /** Forgets which jobs run, after all of them were killed. */
  forgetRunning(): Promise<void>;
}

/** Makes a launch with scripts that run the stand-in; nothing is submitted. */
export async function standIn(
  options: Partial<LauncherChoices> = {},
  seconds?: { readonly seconds: number; readonly graceSeconds: number },
): Promise<StandIn> {
  const root = await Deno.makeTempDir();
  const world = join(root, "world");
  for (const name of ["running", "plan", "saves"]) {
    await Deno.mkdir(join(world, name), { recursive: true });
  }
  await Deno.writeTextFile(join(world, "runs"), "");
  await Deno.writeTextFile(join(world, "nnunet.sh"), script);
  const dataset = "Dataset001_Tiny";
  await Deno.mkdir(join(root, "nnUNet_raw", dataset), { recursive: true });
  const launcher = new Launcher({ root, id: 1, ...options });
  const { folder } = await launcher.write();
  const written = (await readRecord(folder))!;
  const record: LaunchRecord = {
    ...written,
    program: ["bash", join(world, "nnunet.sh"), world],
    resources: { ...written.resources, ...seconds },
  };
  // The stand-in plans nothing.
  const configurations = ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres"];
  await Deno.mkdir(join(root, "nnUNet_preprocessed", dataset), { recursive: true });
  await Deno.writeTextFile(
    record.plansFile,
    JSON.stringify(
      { configurations: Object.fromEntries(configurations.map((name) => [name, {}])) },
      undefined,
      4,
    ),
  );
  await writeLaunchFolder(record, engines[record.engine], undefined);
  for (const { name, args, saves, training } of record.stages.flatMap(({ jobs }) => jobs)) {
    await Deno.mkdir(saves.folder, { recursive: true });
    await Deno.writeTextFile(join(world, "saves", training ? name : args[0]), saves.folder);
  }
  const runs = async () =>
    (await Deno.readTextFile(join(world, "runs"))).split("\n").filter((line) => line !== "");
  return {
    root,
    launcher,
    record,
    runs,
    async plan(job, ...attempts) {
      await Deno.writeTextFile(join(world, "plan", job), `${attempts.join("\n")}\n`);
    },
    async forgetRunning() {
      await Deno.remove(join(world, "running"), { recursive: true });
      await Deno.mkdir(join(world, "running"));
    },
    async waits(job) {
      const path = join(world, `waiting.${job}`);
      while (!await Deno.stat(path).catch(() => undefined)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await Deno.remove(path);
    },
  };
}

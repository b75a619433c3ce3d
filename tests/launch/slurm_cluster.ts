/**
 * A Slurm cluster of two nodes on this machine, in seconds. It needs root, and Debian's packages
 * slurmctld, slurmd, slurm-client and munge.
 */

import { join } from "@std/path";

/** What a cluster consists of. */
export type Service = "controller" | "n1" | "n2";

/** A running cluster. */
export interface SlurmCluster extends AsyncDisposable {
  /** Folder of its configuration, state and logs. */
  readonly folder: string;
  /** Starts one of its services. */
  start(service: Service): Promise<void>;
  /** Ends the controller, which saves its state. */
  endController(): Promise<void>;
  /** Ends a node's service and all jobs on it at once, as if its machine were lost. */
  loseNode(node: "n1" | "n2", pattern: string): Promise<void>;
}

/** Why there can be no cluster here; undefined if there can. */
export function whyNoSlurm(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "needs root";
  const missing = ["slurmctld", "slurmd", "munged", "sbatch"].filter((name) =>
    !(Deno.env.get("PATH") ?? "").split(":").concat("/usr/sbin").some((folder) => {
      try {
        return Deno.statSync(join(folder, name)).isFile;
      } catch {
        return false;
      }
    })
  );
  return missing.length > 0 ? `found no ${missing.join(", ")}; install Slurm` : undefined;
}

/** Starts a cluster, and points Slurm's commands to it. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = await Deno.makeTempDir({ prefix: "slurm" });
  await Deno.chmod(folder, 0o755);
  for (const name of ["state", "log", "spool.n1", "spool.n2"]) await Deno.mkdir(join(folder, name));
  const key = crypto.getRandomValues(new Uint8Array(1024));
  await Deno.writeFile(join(folder, "munge.key"), key, { mode: 0o400 });
  const ports = freePorts(3);
  await Deno.writeTextFile(join(folder, "slurm.conf"), configuration(folder, ports));
  await Deno.writeTextFile(join(folder, "gres.conf"), `Name=gpu File=${folder}/gpu[0-1]\n`);
  await Deno.writeTextFile(
    join(folder, "cgroup.conf"),
    "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n",
  );
  // Slurm hands out character devices as GPUs.
  for (const gpu of [0, 1]) await run("mknod", join(folder, `gpu${gpu}`), "c", "1", "3");
  Deno.env.set("SLURM_CONF", join(folder, "slurm.conf"));
  await run(
    "munged",
    ...["--force", `--key-file=${folder}/munge.key`, `--socket=${folder}/munge.socket`],
    ...[`--pid-file=${folder}/munge.pid`, `--log-file=${folder}/log/munge.log`],
    `--seed-file=${folder}/munge.seed`,
  );
  const pidFile = (service: string) =>
    join(folder, service === "controller" ? "slurmctld.pid" : `slurmd.${service}.pid`);
  const cluster: SlurmCluster = {
    folder,
    async start(service) {
      if (service === "controller") await run("slurmctld");
      else await run("slurmd", "-N", service);
    },
    async endController() {
      const path = pidFile("controller");
      Deno.kill(Number(await Deno.readTextFile(path)), "SIGTERM");
      await until("the controller to end", () => !exists(path));
    },
    async loseNode(node, pattern) {
      Deno.kill(Number(await Deno.readTextFile(pidFile(node))), "SIGKILL");
      // Nothing else runs on the other node.
      await new Deno.Command("pkill", { args: ["-KILL", "slurmstepd"] }).output();
      await new Deno.Command("pkill", { args: ["-KILL", "-f", pattern] }).output();
    },
    async [Symbol.asyncDispose]() {
      await runAny("scancel", "--user=root");
      await until("jobs to end", async () => await runAny("squeue", "--noheader") === "", 20);
      for (const name of ["slurmd.n1.pid", "slurmd.n2.pid", "slurmctld.pid", "munge.pid"]) {
        try {
          Deno.kill(Number(await Deno.readTextFile(join(folder, name))), "SIGTERM");
        } catch {
          // It has ended.
        }
      }
    },
  };
  for (const service of ["controller", "n1", "n2"] as const) await cluster.start(service);
  await until(
    "nodes",
    async () =>
      (await runAny("sinfo", "--noheader", "-N", "-t", "idle", "-o", "%N")).split("\n").length ===
        2,
  );
  return cluster;
}

/** Waits until something is so. */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  seconds = 120,
): Promise<void> {
  const begin = performance.now();
  while (!await isSo()) {
    if (performance.now() - begin > 1000 * seconds) {
      throw new Error(`Waited ${seconds} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  listeners.forEach((listener) => listener.close());
  return ports;
}

function configuration(folder: string, [controller, ...nodes]: readonly number[]): string {
  const host = Deno.hostname().split(".")[0];
  const megabytes = Math.floor(Deno.systemMemoryInfo().total / 2 ** 20 * 0.9);
  // The tree of a job's processes is followed by cgroups where they are mounted.
  const tracking = exists("/sys/fs/cgroup/freezer") ? "cgroup" : "pgid";
  const cpus = Math.max(2, navigator.hardwareConcurrency);
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=${controller}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool.%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.%n.log
ProctrackType=proctrack/${tracking}
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0,batch_sched_delay=0,requeue_delay=1,bf_resolution=1
KillWait=5
MinJobAge=3600
SlurmdTimeout=5
SlurmctldTimeout=30
MessageTimeout=10
ReturnToService=2
JobRequeue=1
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=n1 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${
    nodes[0]
  } CPUs=${cpus} RealMemory=${megabytes} Gres=gpu:2
NodeName=n2 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${
    nodes[1]
  } CPUs=${cpus} RealMemory=${megabytes} Gres=gpu:2
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

async function runAny(program: string, ...args: string[]): Promise<string> {
  return await run(program, ...args).catch(() => "");
}

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { containerMemory } from "../../lib/platform/container_memory.ts";
import { systemMemory } from "../../lib/platform/system_memory.ts";

/** Writes files below a folder and runs a test with it. */
async function withTree(files: Readonly<Record<string, string>>, run: (root: string) => void) {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), content + "\n");
    }
    run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const MB = 1e6;
const NONE = "9223372036854771712";
const mounted2 = (group = "/", folder = "/sys/fs/cgroup") =>
  `25 30 0:23 / /proc rw - proc proc rw\n31 23 0:28 ${group} ${folder} rw,nosuid - cgroup2 cgroup rw`;
const mounted1 = (group = "/") =>
  `34 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n` +
  `35 31 0:32 ${group} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`;

const cases: Readonly<
  Record<string, readonly [Record<string, string>, ReturnType<typeof containerMemory>]>
> = {
  "version 2 in a namespace of its own": [{
    "proc/self/cgroup": "0::/",
    "proc/self/mountinfo": mounted2(),
    "sys/fs/cgroup/memory.max": `${500 * MB}`,
    "sys/fs/cgroup/memory.high": "max",
    "sys/fs/cgroup/memory.current": `${200 * MB}`,
    "sys/fs/cgroup/memory.stat": `anon 1\ninactive_file ${40 * MB}\nactive_file ${10 * MB}`,
  }, { limitBytes: 500 * MB, freeBytes: 350 * MB }],
  "version 2, the limit of a group far above": [{
    "proc/self/cgroup": "0::/kubepods/pod7/main",
    "proc/self/mountinfo": mounted2(),
    "sys/fs/cgroup/kubepods/memory.max": `${800 * MB}`,
    "sys/fs/cgroup/kubepods/memory.current": `${700 * MB}`,
    "sys/fs/cgroup/kubepods/pod7/memory.max": "max",
    "sys/fs/cgroup/kubepods/pod7/main/memory.max": `${600 * MB}`,
    "sys/fs/cgroup/kubepods/pod7/main/memory.current": `${100 * MB}`,
  }, { limitBytes: 600 * MB, freeBytes: 100 * MB }],
  "version 2, slowed down before its limit": [{
    "proc/self/cgroup": "0::/job",
    "proc/self/mountinfo": mounted2(),
    "sys/fs/cgroup/job/memory.max": `${900 * MB}`,
    "sys/fs/cgroup/job/memory.high": `${300 * MB}`,
    "sys/fs/cgroup/job/memory.current": "0",
  }, { limitBytes: 300 * MB, freeBytes: 300 * MB }],
  "version 2 without a limit": [{
    "proc/self/cgroup": "0::/user.slice",
    "proc/self/mountinfo": mounted2(),
    "sys/fs/cgroup/user.slice/memory.max": "max",
  }, undefined],
  "version 1": [{
    "proc/self/cgroup": "5:cpu:/\n4:memory:/jobs/7\n0::/",
    "proc/self/mountinfo": mounted1(),
    "sys/fs/cgroup/memory/memory.limit_in_bytes": NONE,
    "sys/fs/cgroup/memory/jobs/memory.limit_in_bytes": `${400 * MB}`,
    "sys/fs/cgroup/memory/jobs/memory.usage_in_bytes": `${390 * MB}`,
    "sys/fs/cgroup/memory/jobs/memory.stat": `cache 1\ntotal_inactive_file ${90 * MB}`,
    "sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes": NONE,
    "sys/fs/cgroup/memory/jobs/7/memory.usage_in_bytes": `${50 * MB}`,
  }, { limitBytes: 400 * MB, freeBytes: 100 * MB }],
  "version 1 in a container that sees only its own group": [{
    "proc/self/cgroup": "3:cpuset,memory:/docker/abc",
    "proc/self/mountinfo": mounted1("/docker/abc"),
    "sys/fs/cgroup/memory/memory.limit_in_bytes": `${256 * MB}`,
    "sys/fs/cgroup/memory/memory.usage_in_bytes": `${56 * MB}`,
  }, { limitBytes: 256 * MB, freeBytes: 200 * MB }],
  "version 1, limited by a group that is not visible": [{
    "proc/self/cgroup": "4:memory:/docker/abc",
    "proc/self/mountinfo": mounted1("/docker/abc"),
    "sys/fs/cgroup/memory/memory.limit_in_bytes": NONE,
    "sys/fs/cgroup/memory/memory.usage_in_bytes": `${5 * MB}`,
    "sys/fs/cgroup/memory/memory.stat": `hierarchical_memory_limit ${100 * MB}`,
  }, { limitBytes: 100 * MB, freeBytes: 95 * MB }],
  "both versions at once": [{
    "proc/self/cgroup": "4:memory:/a\n0::/b",
    "proc/self/mountinfo": `${mounted1()}\n${mounted2("/", "/sys/fs/cgroup/unified")}`,
    "sys/fs/cgroup/memory/a/memory.limit_in_bytes": `${70 * MB}`,
    "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "0",
    "sys/fs/cgroup/unified/b/memory.max": `${80 * MB}`,
    "sys/fs/cgroup/unified/b/memory.current": `${50 * MB}`,
  }, { limitBytes: 70 * MB, freeBytes: 30 * MB }],
  "a group outside the part that is mounted": [{
    "proc/self/cgroup": "0::/../other",
    "proc/self/mountinfo": mounted2(),
    "sys/fs/cgroup/memory.max": `${90 * MB}`,
    "sys/fs/cgroup/memory.current": `${100 * MB}`,
  }, { limitBytes: 90 * MB, freeBytes: 0 }],
  "a mount whose path has a space, and no statistics": [{
    "proc/self/cgroup": "0::/",
    "proc/self/mountinfo": mounted2("/", "/my\\040groups"),
    "my groups/memory.max": `${90 * MB}`,
  }, { limitBytes: 90 * MB, freeBytes: 90 * MB }],
  "no list of mounts": [{
    "proc/self/cgroup": "0::/x",
    "sys/fs/cgroup/x/memory.max": `${90 * MB}`,
    "sys/fs/cgroup/x/memory.current": "0",
  }, { limitBytes: 90 * MB, freeBytes: 90 * MB }],
  "another system": [{}, undefined],
};

for (const [name, [files, expected]] of Object.entries(cases)) {
  Deno.test(`containerMemory(): ${name}`, () =>
    withTree(files, (root) => assert.deepEqual(containerMemory(root), expected)));
}

Deno.test("systemMemory() is that of the container if that is less", () =>
  withTree(cases["version 2 in a namespace of its own"][0], (root) => {
    assert.deepEqual(systemMemory(root), { memoryBytes: 500 * MB, freeMemoryBytes: 350 * MB });
  }));

Deno.test("systemMemory() is that of the machine if the container may use more", () =>
  withTree({
    "proc/self/cgroup": "0::/",
    "sys/fs/cgroup/memory.max": `${2 ** 59}`,
    "sys/fs/cgroup/memory.current": "0",
  }, (root) => {
    assert.equal(systemMemory(root).memoryBytes, Deno.systemMemoryInfo().total);
  }));

/**
 * Reads the memory limit of the container or the job that this process runs in. Linux limits the
 * memory of control groups, which form a tree: every group above the process's own counts.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */

import process from "node:process";
import { join, relative } from "./paths.ts";

/** The memory that a container may use. */
export interface ContainerMemory {
  readonly limitBytes: number;
  /** What is left of the limit, if the cache of files is given back. */
  readonly freeBytes: number;
}

/** Limits from here on stand for none; version 1 has 2⁶³ rounded to pages. */
const NO_LIMIT = 2 ** 60;

/** Names of a group's files by version, and of the parts of `memory.stat` that are cache. */
const versions = {
  1: {
    limits: ["memory.limit_in_bytes"],
    usage: "memory.usage_in_bytes",
    cache: ["total_inactive_file", "total_active_file"],
  },
  2: {
    // Above "high", processes are slowed down until they hardly move.
    limits: ["memory.max", "memory.high"],
    usage: "memory.current",
    cache: ["inactive_file", "active_file"],
  },
} as const;

type Version = keyof typeof versions;

/** Where a tree of groups is mounted, and which of its groups is at the mount's root. */
interface Mount {
  readonly version: Version;
  readonly folder: string;
  readonly group: string;
}

/**
 * Returns the tightest limit on this process; undefined if there is none, or another system than
 * Linux.
 *
 * @param root Folder that holds `proc` and `sys`.
 */
export function containerMemory(root = "/"): ContainerMemory | undefined {
  const groups = read(join(root, "proc/self/cgroup"));
  if (groups === undefined) return root === "/" ? limitOfOwnGroup() : undefined;
  const limits = mountsIn(root).flatMap((mount) => {
    const group = groupOf(groups, mount.version);
    return group === undefined ? [] : limitsAlong(mount, group);
  });
  if (limits.length === 0) return undefined;
  return {
    limitBytes: Math.min(...limits.map(({ limitBytes }) => limitBytes)),
    freeBytes: Math.max(0, Math.min(...limits.map(({ freeBytes }) => freeBytes))),
  };
}

/** Reads the path of the process's group from lines such as `4:memory:/jobs/7` or `0::/jobs/7`. */
function groupOf(lines: string, version: Version): string | undefined {
  for (const line of lines.split("\n")) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    const found = version === 2 ? id === "0" : controllers?.split(",").includes("memory");
    if (found) return path;
  }
}

/**
 * Finds the trees that limit memory. A line of `mountinfo` has a number, the parent's and the
 * device's, the mount's root and folder, options, `-`, the kind of file system, its source and its
 * options.
 */
function mountsIn(root: string): Mount[] {
  const mounts = (read(join(root, "proc/self/mountinfo")) ?? "").split("\n").flatMap((line) => {
    const [place, kind] = line.split(" - ");
    if (kind === undefined) return [];
    const [, , , group, folder] = place.split(" ").map(unescape);
    const [type, , options = ""] = kind.split(" ");
    const version = type === "cgroup2"
      ? 2
      : type === "cgroup" && options.split(",").includes("memory")
      ? 1
      : undefined;
    return version === undefined ? [] : [{ version, folder: join(root, folder), group } as const];
  });
  if (mounts.length > 0) return mounts;
  return [
    { version: 2, folder: join(root, "sys/fs/cgroup"), group: "/" },
    { version: 1, folder: join(root, "sys/fs/cgroup/memory"), group: "/" },
  ];
}

/** Restores characters that `mountinfo` writes as octal numbers, such as `\040` for a space. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

/** Returns the limits of a group and of all those above it that are visible here. */
function limitsAlong({ version, folder, group: top }: Mount, group: string): ContainerMemory[] {
  const below = relative(top, group);
  // A container may see only its own group, mounted as if it were the whole tree.
  const names = below.startsWith("..") ? [] : below.split("/").filter((name) => name !== "");
  return Array.from(
    { length: names.length + 1 },
    (_, depth) => limitOf(version, join(folder, ...names.slice(0, depth))),
  ).flatMap((limit) => limit ?? []);
}

function limitOf(version: Version, group: string): ContainerMemory | undefined {
  const { limits, usage, cache } = versions[version];
  const numberIn = (name: string) => Number(read(join(group, name)) ?? NaN); // "max" is none, too.
  const stat = Object.fromEntries(
    (read(join(group, "memory.stat")) ?? "").split("\n").map((line) => {
      const [name, value] = line.split(" ");
      return [name, Number(value)];
    }),
  );
  const found = [...limits.map(numberIn), version === 1 ? stat.hierarchical_memory_limit : NaN];
  const limitBytes = Math.min(...found.filter((bytes) => bytes < NO_LIMIT));
  if (limitBytes === Infinity) return undefined;
  const cached = cache.reduce((sum, name) => sum + (stat[name] || 0), 0);
  const used = Math.max(0, (numberIn(usage) || 0) - cached);
  return { limitBytes, freeBytes: limitBytes - used };
}

/** What Deno reads itself, where it may not read `/proc` for this code. */
function limitOfOwnGroup(): ContainerMemory | undefined {
  try {
    const limitBytes = process.constrainedMemory();
    if (!(limitBytes > 0 && limitBytes < NO_LIMIT)) return undefined;
    return { limitBytes, freeBytes: Math.max(0, limitBytes - process.memoryUsage.rss()) };
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return undefined;
  }
}

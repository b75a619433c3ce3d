/**
 * Takes a lock in a process of its own, for tests: prints `held`, or the error's name, and after a
 * stale lock `took over`. It holds the lock until its standard input ends.
 *
 * Arguments: the lock's path and, for a shared lock, its key.
 */

import { acquireLock } from "../../lib/platform/file_lock.ts";
import { acquireSharedLock } from "../../lib/platform/shared_lock.ts";

const [path, key] = Deno.args;
const onTakeover = () => console.log("took over");
try {
  const options = { action: "test", onTakeover };
  await using _lock = key === undefined
    ? await acquireLock(path, options)
    : await acquireSharedLock(path, { ...options, key });
  console.log("held");
  for await (const _ of Deno.stdin.readable);
} catch (error) {
  console.log((error as Error).name);
}

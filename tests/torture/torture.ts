/**
 * Ends commands at every moment and feeds them damaged files, for as long as it is told to; prints
 * what it tried and each fault with a command that repeats it. The exit code is 1 if there are
 * faults.
 *
 * ```sh
 * deno task torture --seconds 60 --seed 1
 * deno task torture --minutes 60
 * ```
 *
 * Ctrl-C or SIGTERM ends it early, with the figures so far.
 *
 * `--seconds N` or `--minutes N` sets for how long it runs (by default one minute), and `--seed N`
 * what it tries. `--part endings` or `damages` selects a part, and `--only NAME` a scenario or an
 * input. These repeat single trials and are printed with faults: `--kill N`, `--stop N` and
 * `--full N` end a command (by a kill, by a signal, or with a full disk) at its Nth change of a file,
 * `--kill-after N` kills it after N milliseconds, and `--input N` is the number of a damaged file.
 */

import { taskOptions } from "../task_options.ts";
import { torture } from "./lanes.ts";

/** Seeds of single trials are made of it and have to be exact. */
const MAX_SEED = 80_000;

const values = taskOptions(import.meta.url, {
  seconds: { type: "string" },
  minutes: { type: "string" },
  seed: { type: "string", default: "1" },
  part: { type: "string" },
  only: { type: "string" },
  kill: { type: "string" },
  stop: { type: "string" },
  full: { type: "string" },
  "kill-after": { type: "string" },
  input: { type: "string" },
});
const number = (text: string | undefined) => text === undefined ? undefined : Number(text);
const seconds = number(values.seconds) ?? 60 * (number(values.minutes) ?? 1);
const seed = Number(values.seed);
if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
  console.error(`Invalid --seed ${values.seed}, expected an integer from 0 to ${MAX_SEED}`);
  Deno.exit(2);
}
const how = (["kill", "stop", "full"] as const).find((how) => values[how] !== undefined);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => stop.abort());
}
const report = await torture({
  signal: stop.signal,
  seed,
  seconds,
  part: values.part,
  only: values.only,
  ending: how
    ? { how, at: Number(values[how]) }
    : values["kill-after"]
    ? { how: "kill", afterMs: Number(values["kill-after"]) }
    : undefined,
  input: number(values.input),
  print: console.log,
});
console.log(report.summary());
Deno.exit(report.faults.length > 0 ? 1 : stop.signal.aborted ? 75 : 0);

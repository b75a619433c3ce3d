/** Keeps a process that runs commands, watches its memory and time, and starts another if needed. */

import { fileURLToPath } from "node:url";
import { whenHanging } from "./hang_limit.ts";
import { ANSWER, type HostAnswer, type HostRequest, linesOf } from "./input_host.ts";

const host = fileURLToPath(new URL("./input_host.ts", import.meta.url));

/** Commands after which a new process is started. */
const LONGEST_LIFE = 200;
/** Seconds after which a command counts as hanging. */
const LONGEST_SECONDS = 120;

/** How a command ended, and what it needed. */
export interface Measured extends HostAnswer {
  /** Set if the process ended or was killed. */
  readonly died?: string;
  readonly processorSeconds: number;
  /** Largest memory of the process while it ran. */
  readonly peakBytes: number;
}

/** A process for commands, one at a time. */
export class InputProcess {
  #process: Deno.ChildProcess | undefined;
  #lines: AsyncGenerator<string> | undefined;
  #errors = "";
  #runs = 0;

  /** Runs a command. */
  async run(request: HostRequest): Promise<Measured> {
    if (this.#runs++ % LONGEST_LIFE === 0) await this.end();
    this.#start();
    const process = this.#process!;
    const before = processorSeconds(process.pid);
    resetPeak(process.pid);
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    writer.releaseLock();
    let hangs = false;
    const stopWatching = whenHanging(LONGEST_SECONDS, () => {
      hangs = true;
      kill(process);
    });
    let noise = "";
    try {
      for (;;) {
        const { value, done } = await this.#lines!.next();
        if (done) {
          const { code, signal } = await process.status;
          this.#process = undefined;
          const died = hangs
            ? `it took more than ${LONGEST_SECONDS} s`
            : `its process ended with code ${code}, ${signal ?? "no signal"}`;
          return {
            code,
            text: noise + this.#errors,
            died,
            processorSeconds: 0,
            peakBytes: 0,
          };
        }
        if (!value.startsWith(ANSWER)) {
          noise += `${value}\n`;
          continue;
        }
        const { code, text } = JSON.parse(value.slice(ANSWER.length)) as HostAnswer;
        const answer = {
          code,
          text: text + noise + this.#errors,
          processorSeconds: processorSeconds(process.pid) - before,
          peakBytes: peakBytes(process.pid),
        };
        this.#errors = "";
        return answer;
      }
    } finally {
      stopWatching();
    }
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const process = this.#process;
    if (!process) return;
    this.#process = undefined;
    kill(process);
    await process.status;
  }

  #start() {
    if (this.#process) return;
    this.#errors = "";
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", host],
      env: {
        nnUNet_raw: "",
        nnUNet_preprocessed: "",
        nnUNet_results: "",
        INIT_CWD: "",
        NO_COLOR: "1",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
    (async (stream) => {
      for await (const line of linesOf(stream)) this.#errors += `${line}\n`;
    })(this.#process.stderr);
  }
}

function kill(process: Deno.ChildProcess) {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Processor time of a process, all threads together; 0 where the system does not tell. */
function processorSeconds(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

function peakBytes(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))!;
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

function resetPeak(pid: number) {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Only Linux has it.
  }
}

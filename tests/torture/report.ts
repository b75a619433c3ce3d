/** Collects what was tried and found, and prints it. */

import type { Ending } from "./run_nnunet.ts";

/** A fault, and the command that shows it again. */
export interface Fault {
  /** The command or file format that it was found in. */
  readonly where: string;
  readonly what: string;
  /** What the command was doing. */
  readonly when?: string;
  /** Arguments of `deno task torture`. */
  readonly repeat: string;
}

/** Counts of one command or one format. */
interface Count {
  tried: number;
  refused: number;
  accepted: number;
}

/** Counts trials, and prints each kind of fault when it is first found. */
export class Report {
  readonly faults: Fault[] = [];
  readonly #endings = new Map<string, Map<string, number>>();
  readonly #inputs = new Map<string, Count>();
  readonly #kinds = new Map<string, number>();
  readonly #start = performance.now();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Counts a command that was ended early. */
  ended(command: string, ending: Ending) {
    const counts = this.#endings.get(command) ?? new Map<string, number>();
    this.#endings.set(command, counts);
    const how = "afterMs" in ending ? "random kills" : pluralOf[ending.how];
    counts.set(how, (counts.get(how) ?? 0) + 1);
  }

  /** Counts a mutated input. */
  read(format: string, accepted: boolean) {
    const count = this.#inputs.get(format) ?? { tried: 0, refused: 0, accepted: 0 };
    this.#inputs.set(format, count);
    count.tried++;
    count[accepted ? "accepted" : "refused"]++;
  }

  /** Adds faults; those that differ from earlier ones in numbers only are counted, not printed. */
  add(faults: readonly Fault[]) {
    for (const fault of faults) {
      this.faults.push(fault);
      const kind = kindOf(fault);
      const count = (this.#kinds.get(kind) ?? 0) + 1;
      this.#kinds.set(kind, count);
      if (count > 1) continue;
      const { where, what, when, repeat } = fault;
      this.#print(
        `FAULT ${where}: ${what}${when ? ` (${when})` : ""}\n  deno task torture ${repeat}`,
      );
    }
  }

  /** Returns tables of what was tried, and the number of faults. */
  summary(): string {
    const lines = ["", "Ended early, by command:"];
    const total = new Map<string, number>();
    for (const [command, counts] of [...this.#endings].sort()) {
      lines.push(`  ${command.padEnd(34)} ${listCounts(counts)}`);
      for (const [how, count] of counts) total.set(how, (total.get(how) ?? 0) + count);
    }
    lines.push(`  ${"all".padEnd(34)} ${listCounts(total)}`);
    lines.push("Mutated inputs, by format:");
    const all: Count = { tried: 0, refused: 0, accepted: 0 };
    for (const [format, count] of [...this.#inputs].sort()) {
      lines.push(inputLine(format, count));
      for (const key of ["tried", "refused", "accepted"] as const) all[key] += count[key];
    }
    lines.push(inputLine("all", all));
    if (this.#kinds.size > 0) lines.push("Faults:");
    for (const [kind, count] of this.#kinds) {
      lines.push(`  ${count} × ${kind.replaceAll("\n", " ")}`);
    }
    const seconds = Math.round((performance.now() - this.#start) / 1000);
    lines.push(`${this.faults.length} faults in ${seconds} s`);
    return lines.join("\n");
  }
}

/** What faults of one kind have in common: all but numbers and temporary names. */
const kindOf = ({ where, what }: Fault) =>
  `${where}: ${what}`.replaceAll(/\.[\w.-]+\.[0-9a-f]{6,}\b|[0-9a-f]{8,}|\d+/g, "#").slice(0, 250);

const pluralOf = { kill: "kills", stop: "stops", full: "full disks" } as const;

function listCounts(counts: ReadonlyMap<string, number>): string {
  return ["kills", "random kills", "stops", "full disks"]
    .map((how) => `${String(counts.get(how) ?? 0).padStart(5)} ${how}`).join("  ");
}

function inputLine(format: string, { tried, refused, accepted }: Count): string {
  return `  ${format.padEnd(34)} ${String(tried).padStart(6)} tried  ` +
    `${String(refused).padStart(6)} refused  ${String(accepted).padStart(6)} accepted`;
}

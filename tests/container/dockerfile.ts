/** Reads Dockerfiles, as far as this project's uses their language. */

/** One instruction. */
export interface Instruction {
  /** Such as `RUN`. */
  readonly name: string;
  /** What follows, on one line. */
  readonly text: string;
}

/** A stage: what follows a `FROM`. */
export interface Stage {
  /** What it starts from: an image or an earlier stage. */
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The instructions that {@link stagesOf} accepts. */
const known = ["ARG", "CMD", "COPY", "ENV", "EXPOSE", "RUN", "USER", "WORKDIR"];

/**
 * Reads a Dockerfile.
 *
 * @throws {SyntaxError} If it has an instruction that is not understood here.
 */
export function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile.split("\n").filter((line) => !/^\s*(#|$)/.test(line)).join("\n")
    .replaceAll(/\s*\\\n\s*/g, " ").split("\n");
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, text] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      const from = /^(\S+) AS (\S+)$/.exec(text);
      if (!from) throw new SyntaxError(`Cannot read FROM ${text}: expected FROM BASE AS NAME`);
      stages.push({ base: from[1], name: from[2], instructions: [] });
      continue;
    }
    if (!known.includes(name) || stages.length === 0) {
      throw new SyntaxError(`Cannot read "${line}": expected ${known.join(", ")} after a FROM`);
    }
    stages.at(-1)!.instructions.push({ name, text });
  }
  return stages;
}

/** Returns the instructions of a stage after those of the stages that it builds on. */
export function instructionsOf(
  stages: readonly Stage[],
  name: string,
): { readonly image: string; readonly instructions: readonly Instruction[] } {
  const stage = stages.find((stage) => stage.name === name);
  if (!stage) return { image: name, instructions: [] };
  const { image, instructions } = instructionsOf(stages, stage.base);
  return { image, instructions: [...instructions, ...stage.instructions] };
}

/** A bare Debian in a folder: what a container starts from, without Docker. Needs root and Linux. */

import { dirname, join } from "@std/path";
import { type Instruction, instructionsOf, stagesOf } from "./dockerfile.ts";

/** How programs in the root are run. */
interface Place {
  readonly user: string;
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Variables with which this machine's programs reach their registries; those in the root need them,
 * too. A container on an ordinary machine has none.
 */
const registryVariables =
  /^(pip|npm_config|uv)_(?!find_links|cert|constraint)|^(https?|no)_proxy$|^pip_index_url$/i;

/** Where the root has this machine's certificates. */
const certificates = "/usr/local/share/machine-certificates.crt";

/** A folder with a Debian system. */
export class CleanRoot {
  readonly #folder: string;
  #place: Place;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#place = { user: "root", folder: "/", variables: machineVariables() };
  }

  /**
   * Installs Debian without anything beyond what it needs to start.
   *
   * @param folder Where to; it must not exist.
   * @param suite Such as `bookworm`.
   */
  static async make(folder: string, suite: string): Promise<CleanRoot> {
    const sources = await packageSources();
    await run("debootstrap", ["--variant=minbase", suite, folder, ...sources.slice(0, 1)]);
    const root = new CleanRoot(folder);
    // Names and certificates as this machine has them; Docker passes names on, too.
    await Deno.copyFile("/etc/resolv.conf", join(folder, "etc/resolv.conf"));
    const own = Deno.env.get("SSL_CERT_FILE") ?? "/etc/ssl/certs/ca-certificates.crt";
    await Deno.copyFile(own, join(folder, certificates)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    return root;
  }

  /**
   * Does what a Dockerfile says, up to a stage.
   *
   * @param dockerfile Its text.
   * @param context Folder that `COPY` copies from.
   * @param args Values of `ARG`s, instead of those that the Dockerfile gives.
   */
  static async build(
    folder: string,
    dockerfile: string,
    { stage, context, args = {} }: {
      readonly stage: string;
      readonly context: string;
      readonly args?: Readonly<Record<string, string>>;
    },
  ): Promise<CleanRoot> {
    const { image, instructions } = instructionsOf(stagesOf(dockerfile), stage);
    const suite = /^debian:([a-z]+)-slim$/.exec(image)?.[1];
    if (!suite) throw new Error(`Cannot build on ${image}, expected debian:SUITE-slim`);
    const root = await CleanRoot.make(folder, suite);
    for (const instruction of instructions) {
      console.log(`${instruction.name} ${instruction.text}`);
      await root.#do(instruction, context, args);
    }
    return root;
  }

  /** Runs a shell command in the root, as its user and in its folder. @throws If it fails. */
  async run(command: string): Promise<void> {
    const { user, folder, variables } = this.#place;
    const { uid, gid, home } = await this.#account(user);
    // Mounts and processes in namespaces of their own end with the command.
    const script = 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && ' +
      'root=$1 && owner=$2 && shift 2 && exec chroot --userspec="$owner" "$root" "$@"';
    const program = 'cd "$1" && eval "$2"';
    await run("unshare", [
      ...["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"],
      ...["sh", "-c", script, "sh", this.#folder],
      ...[`${uid}:${gid}`, "/usr/bin/env", "-i", ...asAssignments({ HOME: home, ...variables })],
      ...["/bin/sh", "-e", "-c", program, "sh", folder, command],
    ]);
  }

  /** Copies a folder's files into the root. @param owner A user of the root. */
  async copy(from: string, to: string, owner: string): Promise<void> {
    const target = join(this.#folder, to);
    await Deno.mkdir(to.endsWith("/") ? target : dirname(target), { recursive: true });
    await run("cp", ["-a", "--no-preserve=ownership", from, target]);
    await run("chroot", [this.#folder, "chown", "-R", owner, to]);
  }

  /** Sets the user, the folder or variables of later commands. */
  use(place: Partial<Place>): void {
    const variables = { ...this.#place.variables, ...place.variables };
    this.#place = { ...this.#place, ...place, variables };
  }

  async #do(
    { name, text }: Instruction,
    context: string,
    args: Readonly<Record<string, string>>,
  ): Promise<void> {
    const expanded = text.replaceAll(
      /\$\{?(\w+)\}?/g,
      (whole, variable) => this.#place.variables[variable] ?? whole,
    );
    switch (name) {
      case "RUN":
        return await this.run(text);
      case "USER":
        return this.use({ user: text });
      case "WORKDIR":
        return this.use({ folder: text });
      case "ARG":
      case "ENV": {
        const [variable, ...value] = expanded.split("=");
        const given = name === "ARG" ? args[variable] : undefined;
        return this.use({ variables: { [variable]: given ?? value.join("=") } });
      }
      case "COPY": {
        const [, owner = "root", from, to] = /^(?:--chown=(\S+) )?(\S+) (\S+)$/.exec(text)!;
        return await this.copy(join(context, from), to, owner);
      }
    }
  }

  async #account(name: string): Promise<{ uid: string; gid: string; home: string }> {
    const users = await Deno.readTextFile(join(this.#folder, "etc/passwd"));
    const found = users.split("\n").map((line) => line.split(":")).find(([user]) => user === name);
    if (!found) throw new Error(`The root has no user ${name}`);
    return { uid: found[2], gid: found[3], home: found[5] };
  }
}

function machineVariables(): Record<string, string> {
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => registryVariables.test(name));
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    DEBIAN_FRONTEND: "noninteractive",
    ...Object.fromEntries(own),
    ...Object.fromEntries(
      ["SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"].map((name) => [name, certificates]),
    ),
  };
}

function asAssignments(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}

/** The addresses that this machine gets Debian's packages from. */
async function packageSources(): Promise<string[]> {
  const { stdout } = await new Deno.Command("apt-get", {
    args: ["indextargets", "--format", "$(REPO_URI)"],
  }).output();
  return [...new Set(new TextDecoder().decode(stdout).trim().split("\n"))].filter(Boolean);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  let status: Deno.CommandStatus;
  try {
    const process = new Deno.Command(command, { args: [...args], stdin: "null" }).spawn();
    status = await process.status;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`${command} is not installed`);
    throw error;
  }
  if (!status.success) throw new Error(`${command} exited with ${status.code}, expected 0`);
}

/**
 * Tries what the Dockerfile, the development container and Binder do, without Docker: it follows
 * their steps in a bare Debian, as a user without rights, and then uses what they installed.
 *
 * Run `deno task container` as root on Linux, with debootstrap. It takes minutes and 2 GB on disk.
 * What it cannot try: Docker's and Binder's own programs, conda's Python on Binder, and GPUs.
 */

import { join, resolve } from "@std/path";
import { Command, Option } from "commander";
import { CleanRoot } from "./clean_root.ts";

const project = resolve(import.meta.dirname!, "../..");
const kinds = ["course", "development", "binder"] as const;
type Kind = typeof kinds[number];

/** Writes the committed and changed files of the project into a folder, as a clone would have them. */
async function writeSources(folder: string): Promise<void> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: project,
  }).output();
  for (const path of new TextDecoder().decode(stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.copyFile(join(project, path), join(folder, path));
  }
}

/** Removes from a context what `.dockerignore` names, one pattern a line. */
async function applyIgnored(folder: string): Promise<void> {
  const text = await Deno.readTextFile(join(folder, ".devcontainer/Dockerfile.dockerignore"));
  const patterns = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const kept = patterns.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const pattern of patterns.filter((line) => !line.startsWith("!"))) {
    const names = pattern === ".*"
      ? (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
        .filter((name) => name.startsWith(".") && !kept.includes(name))
      : [pattern];
    for (const name of names) {
      await Deno.remove(join(folder, name), { recursive: true }).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }
}

type Maker = (context: string, root: string, cuda: boolean) => Promise<CleanRoot>;

const makers: Readonly<Record<Kind, Maker>> = {
  async course(context, folder, cuda) {
    await applyIgnored(context);
    const dockerfile = await Deno.readTextFile(join(project, ".devcontainer/Dockerfile"));
    const args: Record<string, string> = cuda ? { CUDA: "1" } : {};
    return await CleanRoot.build(folder, dockerfile, { stage: "course", context, args });
  },

  /** What VS Code does: mounts the sources, and runs the command of devcontainer.json as the user. */
  async development(context, folder) {
    const dockerfile = await Deno.readTextFile(join(context, ".devcontainer/Dockerfile"));
    const settings = await Deno.readTextFile(join(context, ".devcontainer/devcontainer.json"));
    const { build, onCreateCommand, remoteUser } = JSON.parse(
      settings.replaceAll(/^\s*\/\/.*$/gm, ""),
    );
    const root = await CleanRoot.build(folder, dockerfile, { stage: build.target, context });
    await root.copy(`${context}/.`, "/workspaces/nnunet-ts/", remoteUser);
    root.use({ user: remoteUser, folder: "/workspaces/nnunet-ts" });
    // Docker makes the mounted folders, which belong to root.
    await root.run("sudo mkdir node_modules .venv");
    await root.run(onCreateCommand);
    return root;
  },

  /** What repo2docker does: a Python with JupyterLab, the requirements, the sources, postBuild. */
  async binder(context, folder) {
    const root = await CleanRoot.make(folder, "bookworm");
    await root.run(
      "apt-get update -qq && apt-get install -y -qq --no-install-recommends " +
        "ca-certificates python3 python3-venv > /dev/null && useradd --create-home jovyan",
    );
    await root.copy(`${context}/.`, "/home/jovyan/", "jovyan");
    await root.run("python3 -m venv /srv/notebook && chown -R jovyan /srv/notebook");
    const path = "/home/jovyan/.local/bin:/srv/notebook/bin:/usr/local/bin:/usr/bin:/bin";
    root.use({ user: "jovyan", folder: "/home/jovyan", variables: { PATH: path } });
    await root.run("pip install --quiet --no-cache-dir jupyterlab -r .binder/requirements.txt");
    await root.run("./.binder/postBuild");
    return root;
  },
};

async function tryOne(kind: Kind, cuda: boolean): Promise<void> {
  const temporary = await Deno.makeTempDir({ prefix: "container-" });
  const begin = performance.now();
  try {
    const [context, folder] = [join(temporary, "context"), join(temporary, "root")];
    await writeSources(context);
    const root = await makers[kind](context, folder, cuda);
    const seconds = Math.round((performance.now() - begin) / 1000);
    await root.run("du -shx / 2>/dev/null || true");
    await root.run('test "$(id -u)" != 0 && .devcontainer/check.sh');
    console.log(`${kind} works; installed in ${seconds} s\n`);
  } finally {
    await new Deno.Command("rm", { args: ["-rf", "--one-file-system", temporary] }).output();
  }
}

const program = new Command("container")
  .description("Try the container, the development container and Binder in a bare Debian.")
  .addOption(new Option("--only <kind>", "one of them").choices(kinds))
  .option("--cuda", "build the container with the libraries for NVIDIA GPUs, 2 GB more", false)
  .action(async ({ only, cuda }: { only?: Kind; cuda: boolean }) => {
    for (const kind of only === undefined ? kinds : [only]) await tryOne(kind, cuda);
    console.log("All containers work");
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

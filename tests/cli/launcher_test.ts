import assert from "node:assert/strict";
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { permissions, startArguments } from "../../lib/launch/start_arguments.ts";
import { launcherName, launcherOrigin, launcherText } from "../../lib/cli/launcher.ts";
import { originOf } from "../../lib/launch/origin.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const { name, version } = config;

/** A program in place of Deno: prints its variables and arguments, one a line. */
const printer = `#!/bin/sh
printf '%s\\n' "$0" "$GLIBC_TUNABLES" "$NNUNET_COMMAND" "$@"
`;

/** Runs a launcher in a shell. @returns Its exit code and the lines that it prints. */
async function runLauncher(
  text: string,
  folder: string,
  args: readonly string[],
  env: Record<string, string>,
) {
  const path = join(folder, "nnunet");
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    clearEnv: true,
    env,
  }).output();
  const lines = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd().split("\n");
  return { code, out: lines(stdout), err: lines(stderr) };
}

/** Defines a test that runs shell scripts. */
function testInShell(name: string, fn: (folder: string) => Promise<void>): void {
  const ignore = Deno.build.os === "windows";
  const skipped = ignore ? " (skipped: Windows has no shell)" : "";
  Deno.test({ name: name + skipped, ignore, fn: () => withTemporaryFolder(fn) });
}

testInShell("a launcher passes arguments on, whatever letters paths have", async (folder) => {
  const odd = join(folder, "it's $HOME (new)");
  await Deno.mkdir(odd);
  const deno = join(odd, "deno");
  await Deno.writeTextFile(deno, printer, { mode: 0o755 });
  const text = launcherText({ deno, args: ["run", `${odd}/main.ts`], origin: odd }, "linux");
  const { out } = await runLauncher(text, folder, ["train", "a b", "$HOME", ""], {});
  assert.deepEqual(out, [
    deno,
    "glibc.malloc.hugetlb=1",
    "nnunet",
    "run",
    `${odd}/main.ts`,
    "train",
    "a b",
    "$HOME",
  ]);
  assert.equal(launcherOrigin(text), odd);
});

testInShell("a launcher keeps GLIBC_TUNABLES, and sets it only on Linux", async (folder) => {
  const deno = join(folder, "deno");
  await Deno.writeTextFile(deno, printer, { mode: 0o755 });
  const launch = { deno, args: [], origin: "x" };
  const tunables = { GLIBC_TUNABLES: "glibc.rtld.nns=8" };
  const onLinux = launcherText(launch, "linux");
  assert.equal((await runLauncher(onLinux, folder, [], tunables)).out[1], "glibc.rtld.nns=8");
  assert.equal((await runLauncher(launcherText(launch, "darwin"), folder, [], {})).out[1], "");
});

testInShell("a launcher falls back to the deno on the PATH", async (folder) => {
  const text = launcherText({ deno: join(folder, "gone"), args: ["run"], origin: "x" }, "linux");
  const missing = await runLauncher(text, folder, [], { PATH: "/nowhere" });
  assert.equal(missing.code, 127);
  assert.match(missing.err.join(), /^nnunet: Deno is not on the PATH; install it as https/);

  const deno = join(folder, "bin", "deno");
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeTextFile(deno, printer, { mode: 0o755 });
  const { code, out } = await runLauncher(text, folder, [], { PATH: `${folder}/bin` });
  assert.equal(code, 0);
  assert.equal(out[0], deno);
});

Deno.test("a launcher for Windows quotes paths for its command processor", () => {
  const text = launcherText({
    deno: "C:\\Program Files\\deno\\deno.exe",
    args: ["run", "--config", "D:\\100 % (new)\\deno.json", "D:\\100 % (new)\\lib\\cli\\main.ts"],
    origin: "D:\\100 % (new)",
    home: "C:\\Users\\me",
  }, "windows");
  assert.deepEqual(text.split("\r\n"), [
    "@echo off",
    "rem Starts nnunet of D:\\100 % (new)",
    "setlocal",
    'set "deno=C:\\Program Files\\deno\\deno.exe"',
    'if not exist "%deno%" set "deno=deno"',
    "set NNUNET_COMMAND=nnunet",
    '"%deno%" run --config "D:\\100 %% (new)\\deno.json" "D:\\100 %% (new)\\lib\\cli\\main.ts" %*',
    "",
  ]);
  assert.equal(launcherName("windows"), "nnunet.cmd");
  assert.equal(launcherOrigin(text), "D:\\100 % (new)");
});

Deno.test("a launcher for Windows reads letters beyond ASCII", () => {
  const home = "C:\\Users\\Jürgen";
  const launch = { deno: `${home}\\.deno\\bin\\deno.exe`, args: [`${home}\\x.ts`], origin: "x" };
  const withHome = launcherText({ ...launch, home }, "windows");
  assert.match(withHome, /^set "deno=%USERPROFILE%\\\.deno\\bin\\deno\.exe"\r$/m);
  assert.match(withHome, /^"%deno%" "%USERPROFILE%\\x\.ts" %\*\r$/m);
  assert.doesNotMatch(withHome, /chcp|ü/);
  assert.match(launcherText(launch, "windows"), /^@echo off\r\nchcp 65001 >nul\r\n/);
});

Deno.test("launchers have the permissions of the task", () => {
  const [, flags] = config.tasks.nnunet.match(/ deno run (.*) lib\/cli\/main\.ts$/)!;
  assert.deepEqual(permissions, flags.split(" "));
});

Deno.test("launcherOrigin() does not recognise other programs", () => {
  assert.equal(launcherOrigin("#!/bin/sh\nexec python3 -m nnunet\n"), undefined);
});

for (
  const [address, origin, program] of [
    [
      "file:///home/me/my%20clone/lib/launch/origin.ts",
      { kind: "clone", folder: "/home/me/my clone/" },
      ["--config", "/home/me/my clone/deno.json", "/home/me/my clone/lib/cli/main.ts"],
    ],
    [
      `file:///cache/npm/registry.npmjs.org/${name}/${version}/lib/launch/origin.js`,
      { kind: "package", name: `npm:${name}`, version },
      ["--no-config", `npm:${name}@${version}/cli`],
    ],
    [
      `https://jsr.io/${name}/${version}/lib/launch/origin.ts`,
      { kind: "package", name: `jsr:${name}`, version },
      ["--no-config", `jsr:${name}@${version}/cli`],
    ],
    [
      "https://example.org/nnunet/v1/lib/launch/origin.ts",
      { kind: "address", address: "https://example.org/nnunet/v1/" },
      ["--no-config", "https://example.org/nnunet/v1/lib/cli/main.ts"],
    ],
  ] as const
) {
  Deno.test({
    name: `a program loaded from ${address} is started from there`,
    ignore: Deno.build.os === "windows" && address.startsWith("file:///home/"), // Has no drive.
    fn: () => {
      const found = originOf(address);
      assert.deepEqual(found, origin);
      assert.deepEqual(startArguments(found), ["run", ...permissions, ...program]);
    },
  });
}

import assert from "node:assert/strict";
import { join } from "@std/path";
import { defaultFolder, isOnPath, pathCommand } from "../../lib/cli/launcher_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const HOME = "/home/me";
const ofDeno = "/home/me/.deno/bin";
const ofUser = "/home/me/.local/bin";

Deno.test("defaultFolder() prefers Deno's folder, then the user's, if it is on the PATH", () => {
  const chosen = (PATH: string, more = {}) => defaultFolder({ HOME, PATH, ...more }, "linux");
  assert.equal(chosen(`/usr/bin:${ofUser}:${ofDeno}`), ofDeno);
  assert.equal(chosen(`/usr/bin:${ofUser}/`), ofUser);
  assert.equal(chosen("/usr/bin"), ofDeno);
  assert.equal(chosen(ofUser, { DENO_INSTALL_ROOT: "/opt/deno" }), "/opt/deno/bin");
  assert.throws(
    () => defaultFolder({}, "linux"),
    /^Error: Cannot find the home folder; pass --dir/,
  );
});

Deno.test("isOnPath() compares whole folders, as the system separates them", () => {
  assert.ok(isOnPath(ofDeno, { PATH: `/usr/bin:${ofDeno}/` }, "linux"));
  assert.ok(!isOnPath("/home/me/.deno", { PATH: ofDeno }, "linux"));
  assert.ok(isOnPath("/b", { Path: "/a;/b" }, "windows"));
  assert.ok(!isOnPath("/b", {}, "windows"));
});

Deno.test("pathCommand() is in the language of the user's shell", () => {
  const command = (SHELL: string, os: "linux" | "darwin") => pathCommand(ofDeno, { SHELL }, os);
  const line = `echo 'export PATH="/home/me/.deno/bin:$PATH"' >> `;
  assert.equal(command("/bin/bash", "linux"), `${line}~/.bashrc`);
  assert.equal(command("/bin/bash", "darwin"), `${line}~/.bash_profile`);
  assert.equal(command("/bin/zsh", "darwin"), `${line}~/.zshrc`);
  assert.equal(command("/bin/dash", "linux"), `${line}~/.profile`);
  assert.equal(command("/usr/bin/fish", "linux"), `fish_add_path "/home/me/.deno/bin"`);
  assert.equal(
    pathCommand("C:\\it's", {}, "windows"),
    `[Environment]::SetEnvironmentVariable("Path", 'C:\\it''s;' + ` +
      `[Environment]::GetEnvironmentVariable("Path", "User"), "User")`,
  );
});

Deno.test({
  name: "pathCommand() puts folders with odd letters on the PATH",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTemporaryFolder(async (home) => {
      const folder = join(home, 'it\'s $5 `or` "so" \\');
      const command = pathCommand(folder, { SHELL: "/bin/sh" }, "linux");
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `${command}; . ~/.profile; printf %s "$PATH"`],
        env: { HOME: home, PATH: "/usr/bin:/bin" },
      }).output();
      assert.equal(new TextDecoder().decode(stdout), `${folder}:/usr/bin:/bin`);
    }),
});

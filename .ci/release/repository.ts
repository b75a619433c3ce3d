/** Whether a repository is in the state that a release starts from. */

import { runCommand } from "./run_command.ts";

/**
 * Checks that a release can be committed and tagged.
 *
 * @param folder Of the repository.
 * @param tag That the release makes.
 * @returns What was found, in words.
 * @throws {Error} If another branch than `main` is checked out, something is not committed, or the tag
 * exists.
 */
export async function checkRepository(folder: string, tag: string): Promise<string> {
  const git = (...args: string[]) => runCommand("git", args, { cwd: folder });
  const branch = await git("branch", "--show-current");
  if (branch !== "main") throw new Error(`On ${branch || "no branch"}, expected main`);
  const changed = await git("status", "--porcelain");
  if (changed !== "") throw new Error(`Not committed:\n${changed}`);
  if (await git("tag", "--list", tag) !== "") throw new Error(`The tag ${tag} already exists`);
  return "on main, everything is committed";
}

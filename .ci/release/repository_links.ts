/**
 * Links that name the repository, such as Binder's and Colab's. Only who publishes the project knows
 * where, so the sources name a placeholder, which a release replaces.
 */

import { join } from "@std/path";

/** What stands for the repository in {@link linkingFiles}. */
export const placeholder = "OWNER/nnunet-ts";

/** Files with such links, relative to the project. */
export const linkingFiles = ["README.md", "notebooks/colab.ipynb"];

/**
 * Replaces the placeholder.
 *
 * @param project The project's folder.
 * @param repository `owner/name` on GitHub, or undefined to require that nothing is to be replaced.
 * @returns The files that changed.
 * @throws {Error} If a file has the placeholder and there is no repository, or it is not a valid one.
 */
export async function fillLinks(
  project: string,
  repository: string | undefined,
): Promise<string[]> {
  if (repository !== undefined && !/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(repository)) {
    throw new Error(`The repository is "${repository}", expected owner/name`);
  }
  const changed: string[] = [];
  for (const file of linkingFiles) {
    const path = join(project, file);
    const text = await Deno.readTextFile(path);
    if (!text.includes(placeholder)) continue;
    if (repository === undefined) {
      throw new Error(`${file} links to ${placeholder}; name yours with --repository owner/name`);
    }
    await Deno.writeTextFile(path, text.replaceAll(placeholder, repository));
    changed.push(file);
  }
  return changed;
}

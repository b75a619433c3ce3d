/** Environment variables for kernels. */

import { largePages } from "../lib/launch/large_pages.ts";

const kept = [
  "nnUNet_raw",
  "nnUNet_preprocessed",
  "nnUNet_results",
  "LD_LIBRARY_PATH",
  largePages.name,
];

/** Where CUDA's installer puts its libraries on Linux. */
const cudaLibraries = "/usr/local/cuda/lib64";

/**
 * The variables that a kernel needs: nnU-Net's folders and the path of CUDA's libraries as they are
 * set now, since a kernel started by a browser or an editor does not have the shell's variables; the
 * setting for large pages; and those that the user passes.
 *
 * @param environment The current variables.
 * @param given `NAME=VALUE` each; they override the current ones.
 * @throws {SyntaxError} If one has no name or no `=`.
 */
export function kernelVariables(
  environment: Readonly<Record<string, string>>,
  given: readonly string[],
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of kept) if (environment[name]) variables[name] = environment[name];
  if (!variables.LD_LIBRARY_PATH && isFolder(cudaLibraries)) {
    variables.LD_LIBRARY_PATH = cudaLibraries;
  }
  variables[largePages.name] ??= largePages.value;
  for (const text of given) {
    const equals = text.indexOf("=");
    if (equals < 1) throw new SyntaxError(`Cannot use --env ${text}: expected NAME=VALUE`);
    variables[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return variables;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

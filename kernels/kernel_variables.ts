/** Environment variables that a kernel is given. */

const kept = [
  "nnUNet_raw",
  "nnUNet_preprocessed",
  "nnUNet_results",
  "LD_LIBRARY_PATH",
  "GLIBC_TUNABLES",
];

/**
 * On Linux, large arrays in pages of 2 MB in place of 4 kB, as NumPy has them of itself: scans are
 * read a quarter faster, and steps of small networks up to a tenth. The C library reads it once, when
 * a process starts, so no code of ours can set it.
 */
const hugePages = "glibc.malloc.hugetlb=1";

/** Where CUDA's installer puts its libraries on Linux. */
const cudaLibraries = "/usr/local/cuda/lib64";

/**
 * nnU-Net's folders and the place of CUDA's libraries as they are now, since a kernel that a browser
 * or an editor starts knows nothing of the shell's variables; how memory is taken; and those given.
 *
 * @param environment The present variables.
 * @param given As `NAME=VALUE`; they come before the present ones.
 * @throws {SyntaxError} If one of them has no name or no `=`.
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
  variables.GLIBC_TUNABLES ??= hugePages;
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

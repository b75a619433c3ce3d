/**
 * Writes the package for npm: the sources of the package for JSR compiled to JavaScript, with types.
 *
 * It is for Deno (`npm:`) and for bundlers. Deno gives its interface to npm packages, too, so nothing
 * has to stand in for it.
 */

import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { type PackageOptions, packedFiles, projectFolder } from "./jsr_package.ts";

/** The compiler. Version 7 is native and compiles everything in two seconds. */
const compiler = "npm:typescript@7.0.2/tsc";

/** What packages the sources import, by name. */
const versions = new Map(
  Object.values(config.imports).filter((target) => target.startsWith("npm:")).map((target) => {
    const [, name, version] = /^npm:(.+)@(.+)$/.exec(target)!;
    return [name, version] as const;
  }),
);

/** Writes the package into a folder, from which `npm publish` sends it. */
export async function npmPackage({ scope, version, folder }: PackageOptions): Promise<void> {
  const name = `@${scope}/nnunet`;
  const sources = await Deno.makeTempDir();
  try {
    for (const path of await packedFiles()) {
      if (path === "deno.json") continue;
      const isSource = path.endsWith(".ts");
      const to = join(isSource ? sources : folder, path);
      await Deno.mkdir(dirname(to), { recursive: true });
      if (isSource) await Deno.writeTextFile(to, forNpm(await read(path), name));
      else if (path.endsWith(".js")) {
        await Deno.writeTextFile(`${to}.text.js`, await asModule(path));
      } else await Deno.copyFile(join(projectFolder, path), to);
    }
    await compile(sources, folder);
  } finally {
    await Deno.remove(sources, { recursive: true });
  }
  const entries = Object.entries(config.exports).map(([entry, path]) => [entry, {
    types: path.replace(/\.ts$/, ".d.ts"),
    default: path.replace(/\.ts$/, ".js"),
  }]);
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify(
      {
        name,
        version,
        description: "nnU-Net, the self-configuring method for segmenting medical images, for Deno",
        license: config.license,
        type: "module",
        // The library runs modules of its own in separate processes.
        exports: { ...Object.fromEntries(entries), "./internal/*": "./lib/*" },
        sideEffects: true,
        engines: { deno: ">=2.9" },
        dependencies: Object.fromEntries(versions),
      },
      null,
      2,
    ) + "\n",
  );
}

const read = (path: string) => Deno.readTextFile(join(projectFolder, path));

/** A script of pages as a module that exports its text: bundlers differ in how they import texts. */
async function asModule(path: string): Promise<string> {
  return `export default ${JSON.stringify(await read(path))};\n`;
}

/** Rewrites what a source imports, and the addresses of workers, for JavaScript in an npm package. */
function forNpm(source: string, name: string): string {
  return source
    .replace('"../../deno.json"', '"../../package.json"') // Both have name and version.
    .replace(/"(\.{1,2}\/[^"\s]+\.js)" with \{ type: "text" \}/g, '"$1.text.js"')
    .replace(/(\bfrom\s+|\bimport\s*\(\s*|^import )"([^"]+)"/gm, (whole, before, specifier) => {
      const target = forPackage(specifier, name);
      return target === specifier ? whole : `${before}"${target}"`;
    })
    .replace(
      /\b(workerAddress|resolve|URL)(\(\s*)"(\.[^"]+)\.ts"/g,
      (_, call, space, path) => `${call}${space}"${path}.js"`,
    );
}

function forPackage(specifier: string, name: string): string {
  const imports: Readonly<Record<string, string>> = config.imports;
  const mapped = imports[specifier] ?? specifier;
  if (/^nnunet(\/|$)/.test(specifier)) return name + specifier.slice("nnunet".length);
  return mapped.replace(/^npm:((?:@[^/]+\/)?[^@/]+)@[^/]+/, "$1");
}

/** Compiles without checking types, which `deno check` does. */
async function compile(sources: string, folder: string): Promise<void> {
  const options = {
    target: "esnext",
    module: "nodenext",
    lib: ["esnext", "dom", "dom.iterable"],
    declaration: true,
    noCheck: true,
    skipLibCheck: true,
    rewriteRelativeImportExtensions: true,
    rootDir: ".",
    outDir: folder,
    types: [],
  };
  await Deno.writeTextFile(
    join(sources, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["**/*.ts"] }),
  );
  await Deno.writeTextFile(join(sources, "package.json"), JSON.stringify({ type: "module" }));
  // Types of packages are part of the declarations.
  await Deno.symlink(join(projectFolder, "node_modules"), join(sources, "node_modules"));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-config", compiler, "-p", join(sources, "tsconfig.json")],
    stdin: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`Cannot compile the package: ${new TextDecoder().decode(stdout)}`);
  }
  await nameDeclarations(folder);
}

/** Has declarations import each other by the names of what they declare, as the compiler does not. */
async function nameDeclarations(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await nameDeclarations(path);
    else if (name.endsWith(".d.ts")) {
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace(/"(\.{1,2}\/[^"\s]+)\.ts"/g, '"$1.js"'));
    }
  }
}

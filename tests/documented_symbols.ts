/** Reads what `deno doc` says about an entry's exports. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** A tag of a docstring, such as `@param`. */
export interface Tag {
  /** The tag's kind: `param`, `return`, `throws`, `example`, …. */
  readonly kind: string;
  /** For `param`, the parameter's name. */
  readonly name?: string;
}

/** A function, a constructor or a method. */
export interface Callable {
  /** The name; a method's is preceded by that of its class. */
  readonly name: string;
  /** The parameters' names; undefined for a pattern. */
  readonly parameters: readonly (string | undefined)[];
  /** Whether it returns a value or a promise of one. */
  readonly returns: boolean;
  /** The tags of its docstring. */
  readonly tags: readonly Tag[];
}

/** A declaration of an exported name. */
export interface DocumentedSymbol {
  /** The exported name. */
  readonly name: string;
  /** The declaration's kind: `function`, `class`, `interface`, …. */
  readonly kind: string;
  /** The tags of its docstring. */
  readonly tags: readonly Tag[];
  /** The function itself, or a class's constructor and methods. */
  readonly callables: readonly Callable[];
}

/** A parameter in `deno doc --json`. */
interface JsonParameter {
  readonly kind: string;
  readonly name?: string;
  readonly left?: JsonParameter;
  readonly arg?: JsonParameter;
}

/** A type in `deno doc --json`. */
interface JsonType {
  readonly repr?: string;
  readonly value?: { readonly typeParams?: readonly JsonType[] };
}

/** A function, without its docstring, in `deno doc --json`. */
interface JsonFunction {
  readonly params: readonly JsonParameter[];
  readonly returnType?: JsonType;
}

/** Anything with a docstring in `deno doc --json`. */
interface JsonDocumented {
  readonly jsDoc?: { readonly tags?: readonly Tag[] };
}

/** A method in `deno doc --json`. */
interface JsonMethod extends JsonDocumented {
  readonly name: string;
  readonly kind: string;
  readonly accessibility?: string;
  readonly functionDef: JsonFunction;
}

/** A class's members in `deno doc --json`. */
interface JsonClass {
  readonly constructors:
    readonly (JsonDocumented & JsonFunction & Pick<JsonMethod, "accessibility">)[];
  readonly methods?: readonly JsonMethod[];
}

/** An exported declaration in `deno doc --json`. */
interface JsonDeclaration extends JsonDocumented {
  readonly kind: string;
  readonly def: JsonFunction | JsonClass;
}

/** The part of `deno doc --json` that is read here. */
interface JsonModules {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly JsonDeclaration[];
      }[];
    }>
  >;
}

/**
 * Returns the declarations that an entry exports, with their docstrings' tags.
 *
 * @param entry Path of the entry, relative to the repository.
 * @returns All declarations, in alphabetical order of their names.
 */
export async function documentedSymbols(entry: string): Promise<DocumentedSymbol[]> {
  const root = new URL("../", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", entry],
    cwd: fileURLToPath(root),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { nodes }: JsonModules = JSON.parse(new TextDecoder().decode(stdout));
  return nodes[new URL(entry, root).href].symbols.flatMap(({ name, declarations }) =>
    declarations.map((declaration) => ({
      name,
      kind: declaration.kind,
      tags: tagsOf(declaration),
      callables: callablesOf(name, declaration),
    }))
  ).sort((a, b) => a.name < b.name ? -1 : 1);
}

function callablesOf(name: string, declaration: JsonDeclaration): Callable[] {
  const { kind, def } = declaration;
  if (kind === "function") return [callableOf(name, declaration, def as JsonFunction)];
  if (kind !== "class") return [];
  const { constructors = [], methods = [] } = def as JsonClass;
  const isPublic = (member: Pick<JsonMethod, "accessibility">) =>
    (member.accessibility ?? "public") === "public";
  return [
    ...constructors.filter(isPublic).map((one) => callableOf(`new ${name}`, one, one)),
    ...methods.filter((one) => isPublic(one) && one.kind === "method")
      .map((one) => callableOf(`${name}.${one.name}`, one, one.functionDef)),
  ];
}

function callableOf(
  name: string,
  documented: JsonDocumented,
  { params, returnType }: JsonFunction,
): Callable {
  return {
    name,
    parameters: params.map(parameterName),
    returns: returnType !== undefined && !isVoid(returnType),
    tags: tagsOf(documented),
  };
}

function tagsOf({ jsDoc }: JsonDocumented): readonly Tag[] {
  return jsDoc?.tags ?? [];
}

function parameterName({ name, left, arg }: JsonParameter): string | undefined {
  const inner = left ?? arg;
  return inner ? parameterName(inner) : name;
}

function isVoid({ repr, value }: JsonType): boolean {
  return repr === "void" || (repr === "Promise" && isVoid(value!.typeParams![0]));
}

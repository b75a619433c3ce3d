/** Turns a code cell for Deno's kernel into one for JupyterLite's JavaScript kernel. */

import { type AnyNode, type Identifier, type ImportDeclaration, parse, type Pattern } from "acorn";
import { stripTypeScriptTypes } from "node:module";

/** What a cell imports, declares and uses. */
export interface CellNames {
  readonly imports: readonly {
    readonly module: string;
    readonly names: readonly string[];
  }[];
  /** Names that later cells can use, those of imports included. */
  readonly declared: ReadonlySet<string>;
  /** Names that are neither declared in the cell nor properties. */
  readonly used: ReadonlySet<string>;
}

/** A cell in JavaScript. */
export interface JavaScriptCell extends CellNames {
  readonly code: string;
}

/**
 * Strips types, and turns imports into calls of `importModule()`, which the notebook's first cell
 * defines. The kernel awaits at the top level itself.
 *
 * @throws {SyntaxError} If the cell is not TypeScript whose types can be stripped.
 */
export function javascriptCell(typescript: string): JavaScriptCell {
  const stripped = withoutTypes(typescript);
  const program = parse(stripped, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
  });
  const imports = program.body.filter((node) => node.type === "ImportDeclaration");
  const last = program.body.at(-1);
  const showsValue = last?.type === "ExpressionStatement" && stripped[last.end - 1] === ";";
  // This kernel shows the value of a last expression only if no semicolon follows it.
  let code = showsValue ? stripped.slice(0, last.end - 1) + stripped.slice(last.end) : stripped;
  for (const node of imports.toReversed()) {
    code = code.slice(0, node.start) + importCall(node) + code.slice(node.end);
  }
  const declared = new Set<string>();
  for (const node of program.body) {
    if (node.type === "VariableDeclaration") {
      for (const { id } of node.declarations) collectPattern(id, declared);
    } else if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      declared.add(node.id.name);
    } else if (node.type === "ImportDeclaration") {
      for (const { local } of node.specifiers) declared.add(local.name);
    }
  }
  const [inside, used] = [new Set<string>(), new Set<string>()];
  collectNames(program, inside, used);
  return {
    code,
    imports: imports.map(({ source, specifiers }) => ({
      module: `${source.value}`,
      names: specifiers.flatMap((specifier) =>
        specifier.type === "ImportSpecifier" ? [(specifier.imported as Identifier).name] : []
      ),
    })),
    declared,
    used: used.difference(inside).difference(declared),
  };
}

/** `import { a as b } from "m"` becomes `const { a: b } = await importModule("m")`. */
function importCall({ source, specifiers }: ImportDeclaration): string {
  const call = `await importModule(${JSON.stringify(source.value)});`;
  const whole = specifiers.find(({ type }) => type === "ImportNamespaceSpecifier");
  if (whole) return `const ${whole.local.name} = ${call}`;
  if (specifiers.length === 0) return call;
  const names = specifiers.map((specifier) => {
    const { name } = specifier.local;
    const imported = specifier.type === "ImportSpecifier"
      ? (specifier.imported as Identifier).name
      : "default";
    return imported === name ? name : `${imported}: ${name}`;
  });
  const line = `const { ${names.join(", ")} } = ${call}`;
  return line.length <= 100 ? line : `const {\n  ${names.join(",\n  ")},\n} = ${call}`;
}

/** Removes types, for which stripping leaves as many blanks. */
function withoutTypes(typescript: string): string {
  const blanked = stripTypeScriptTypes(typescript);
  if (blanked.length !== typescript.length) return blanked;
  let code = "";
  let isType = false;
  for (let i = 0; i < blanked.length; i++) {
    // A blank belongs to a type if what is before and what is after it does.
    const next = i + typescript.slice(i).search(/\S|$/);
    if (blanked[i] !== typescript[i]) isType = true;
    else if (!isType || blanked[next] === typescript[next]) {
      isType = false;
      code += blanked[i];
    }
  }
  return code;
}

/** Adds the names that a pattern declares. */
function collectPattern(pattern: Pattern, names: Set<string>): void {
  switch (pattern.type) {
    case "Identifier":
      names.add(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        collectPattern(property.type === "Property" ? property.value : property.argument, names);
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element) collectPattern(element, names);
      break;
    case "AssignmentPattern":
      collectPattern(pattern.left, names);
      break;
    case "RestElement":
      collectPattern(pattern.argument, names);
  }
}

/**
 * Adds the names that are declared anywhere below a node, and those that are read or written. A name
 * that a function declares for itself counts as declared everywhere in the cell.
 */
function collectNames(node: AnyNode, declared: Set<string>, used: Set<string>): void {
  if (node.type === "Identifier") used.add(node.name);
  if (node.type === "ImportDeclaration") return;
  if (node.type === "VariableDeclarator") collectPattern(node.id, declared);
  if (
    node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression" ||
    node.type === "FunctionDeclaration"
  ) {
    for (const parameter of node.params) collectPattern(parameter, declared);
    if (node.type !== "ArrowFunctionExpression" && node.id) declared.add(node.id.name);
  }
  if (node.type === "CatchClause" && node.param) collectPattern(node.param, declared);
  for (const [key, value] of Object.entries(node)) {
    const isName = (key === "property" || key === "key") &&
      !(node as { readonly computed?: boolean }).computed &&
      !(node as { readonly shorthand?: boolean }).shorthand;
    if (isName) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") collectNames(child, declared, used);
    }
  }
}

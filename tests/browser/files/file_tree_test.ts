import assert from "node:assert/strict";
import { FileTree } from "../../../lib/browser/files/file_tree.ts";

/** A tree with a folder for each name, and a file in it that tells which it is. */
function treeOf(...names: readonly string[]): FileTree {
  const tree = new FileTree();
  for (const name of names) {
    tree.createFolder(`/${name}`, false);
    tree.write(`/${name}/name`, new Blob([name]), "create");
  }
  return tree;
}

const namesIn = (tree: FileTree) => tree.list("/").map(({ name }) => name).toSorted();

Deno.test("FileTree.replaceFolder() removes the old folder", async () => {
  const tree = treeOf("new", "data");
  tree.replaceFolder("/new", "/data");
  assert.deepEqual(namesIn(tree), ["data"]);
  assert.equal(await tree.read("/data/name").text(), "new");
});

Deno.test("FileTree.replaceFolder() keeps the old folder, if there is one, as it is told to", async () => {
  const tree = treeOf("new", "data");
  tree.replaceFolder("/new", "/data", "/kept");
  assert.deepEqual(namesIn(tree), ["data", "kept"]);
  assert.equal(await tree.read("/data/name").text(), "new");
  assert.equal(await tree.read("/kept/name").text(), "data");

  const alone = treeOf("new");
  alone.replaceFolder("/new", "/data", "/kept");
  assert.deepEqual(namesIn(alone), ["data"]);
});

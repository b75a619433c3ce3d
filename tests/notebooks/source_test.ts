import assert from "node:assert/strict";
import { join } from "@std/path";
import { openScans } from "../../notebooks/source.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const source = { name: "Liver", channels: ["CT"], classes: ["liver"] };

Deno.test("openScans() returns absolute folders, with ~ as the user's home", () =>
  withTemporaryFolder(async (home) => {
    await Deno.mkdir(join(home, "liver", "input"), { recursive: true });
    await Deno.mkdir(join(home, "truth"));
    const usual = Deno.env.get("HOME");
    Deno.env.set("HOME", home);
    try {
      const { images, labels, ...rest } = await openScans({
        ...source,
        images: "~/liver/input",
        labels: join(home, "liver", "..", "truth"),
      });
      assert.equal(images, join(home, "liver", "input"));
      assert.equal(labels, join(home, "truth"));
      assert.deepEqual(rest, source);
    } finally {
      if (usual === undefined) Deno.env.delete("HOME");
      else Deno.env.set("HOME", usual);
    }
  }));

Deno.test("openScans() names all missing folders in one error, and the file to correct", () =>
  withTemporaryFolder(async (folder) => {
    const [images, labels] = [join(folder, "input"), join(folder, "truth")];
    await assert.rejects(openScans({ ...source, images, labels }), ({ message }: Error) => {
      assert.equal(
        message,
        `Cannot open the scans of "Liver": did not find the scans' folder ${images} and the label ` +
          `maps' folder ${labels}. Correct the paths in notebooks/my_scans.ts, save it, and run this ` +
          "cell again",
      );
      return true;
    });
    await Deno.mkdir(images);
    await Deno.writeTextFile(labels, "a file");
    await assert.rejects(
      openScans({ ...source, images, labels }),
      /did not find the label maps' folder/,
    );
  }));

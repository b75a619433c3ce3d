/** The script of the live course's page. */

import {
  button,
  element,
  pageDocument,
  type PageElement,
} from "../../../../lib/browser/model_page/page_element.ts";
import { loadingBar } from "./loading_bar.ts";
import { problemOf, whyNotHere } from "./problem.ts";

/** The parts of the window that are used. */
const page = globalThis as unknown as Parameters<typeof whyNotHere>[0] & {
  readonly location: { readonly hash: string; reload(): void };
};

/** Shows the course. @throws {Error} If this browser cannot run it; the message says why. */
async function start({ parts, bytes }: PageElement["dataset"]): Promise<void> {
  const problem = whyNotHere(page);
  if (problem !== undefined) throw new Error(problem);
  const loading = loadingBar(Number(bytes));
  state.append(loading.element);
  // The library's modules need WebAssembly as soon as they are loaded.
  const { showCourse } = await import("./show_course.ts");
  await showCourse(parts!, loading.show);
}

/** Goes to the section in the page's address, which moved as those before it were filled. */
function goToSection(): void {
  if (!/^#[\w-]+$/.test(page.location.hash)) return;
  for (const section of pageDocument.body.querySelectorAll(page.location.hash)) {
    section.scrollIntoView({ block: "start" });
  }
}

const [state] = pageDocument.body.querySelectorAll("#live") as Iterable<PageElement>;
start(state.dataset).then(() => {
  state.remove();
  goToSection();
}, (error) => {
  state.replaceChildren(
    element("p", { class: "problem", role: "alert" }, problemOf(error)),
    button("Try again", () => page.location.reload()),
  );
});

/** Lists the cases with their states. */

import type { CaseQueue, QueuedCase } from "./case_queue.ts";
import { button, element, type PageElement } from "./page_element.ts";
import { describeState } from "./state_words.ts";

/** The list of cases; one of them is chosen. */
export class CaseList {
  readonly element: PageElement = element("ul", {
    class: "cases",
    "aria-labelledby": "cases-title",
  });
  readonly #queue: CaseQueue;
  readonly #choose: (one: QueuedCase) => void;
  readonly #rows = new Map<QueuedCase, Row>();

  /** @param choose Called when the reader chooses a case. */
  constructor(queue: CaseQueue, choose: (one: QueuedCase) => void) {
    this.#queue = queue;
    this.#choose = choose;
  }

  /** Shows the cases as they are. Rows stay, so that the focus does. */
  update(chosen: QueuedCase | undefined): void {
    const { cases } = this.#queue;
    for (const [one, { item }] of this.#rows) {
      if (cases.includes(one)) continue;
      item.remove();
      this.#rows.delete(one);
    }
    for (const one of cases) {
      let row = this.#rows.get(one);
      if (!row) {
        row = this.#rowOf(one);
        this.#rows.set(one, row);
        this.element.append(row.item);
      }
      row.state.textContent = describeState(one.state);
      row.item.dataset.state = one.state.kind;
      if (one === chosen) row.opener.setAttribute("aria-current", "true");
      else row.opener.removeAttribute("aria-current");
    }
  }

  #rowOf(one: QueuedCase): Row {
    const state = element("span", { class: "state" });
    const opener = button("", () => this.#choose(one), { class: "case" });
    opener.append(element("span", { class: "name" }, one.name), state);
    const remover = button("×", () => this.#queue.remove(one), {
      class: "remove",
      "aria-label": `Remove ${one.name}`,
    });
    return { item: element("li", {}, opener, remover), opener, state };
  }
}

interface Row {
  readonly item: PageElement;
  readonly opener: PageElement;
  readonly state: PageElement;
}

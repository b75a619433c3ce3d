/** Searches all sections of the site: `/` begins, arrows choose, Enter opens, Escape ends. */

(() => {
  const MAX_RESULTS = 12;
  /** Characters of text shown around the first word found. */
  const SNIPPET = 140;

  const folder = new URL(".", document.currentScript.src);
  const box = document.querySelector(".search");
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  const status = box.querySelector("[role=status]");
  box.hidden = false;

  let engine;
  /** Loads the texts at first use, as scripts, since pages opened without a server load no data. */
  function engineOf() {
    const load = (name) =>
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(name, folder);
        script.onload = resolve;
        script.onerror = () => reject(new Error(`Cannot load ${script.src}`));
        document.head.append(script);
      });
    engine ??= (async () => {
      await Promise.all([load("minisearch.js"), load("search_texts.js")]);
      const search = new MiniSearch({
        fields: ["heading", "page", "text"],
        storeFields: ["heading", "page", "text", "address"],
        searchOptions: {
          boost: { heading: 4, page: 2 },
          prefix: true,
          fuzzy: (word) => word.length > 4 ? 0.2 : false,
          combineWith: "AND",
          // These mention everything, but explain little.
          boostDocument: (_id, _word, { address }) =>
            /^(changelog|contributing)\.html/.test(address) ? 0.2 : 1,
        },
      });
      search.addAll(globalThis.nnunetTexts);
      return search;
    })();
    return engine;
  }

  let chosen = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(index) {
    const all = options();
    chosen = all.length === 0 ? -1 : (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", `${i === chosen}`));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
    input.removeAttribute("aria-activedescendant");
  }

  /** A word as a pattern; `RegExp.escape` is younger than some browsers. */
  const escaped = (word) => word.replaceAll(/[^\p{L}\p{N}]/gu, "\\$&");

  /** Text around the first word found, with all such words marked. */
  function snippet(text, words) {
    const pattern = new RegExp(`(${words.map(escaped).join("|")})`, "gi");
    const first = Math.max(0, text.search(pattern) - 40);
    const begin = first === 0 ? 0 : text.indexOf(" ", first) + 1;
    const part = text.slice(begin, begin + SNIPPET);
    const line = document.createElement("span");
    line.className = "snippet";
    if (begin > 0) line.append("… ");
    part.split(pattern).forEach((piece, i) => {
      if (i % 2 === 0) line.append(piece);
      else line.append(Object.assign(document.createElement("mark"), { textContent: piece }));
    });
    if (begin + SNIPPET < text.length) line.append(" …");
    return line;
  }

  async function update() {
    const query = input.value.trim();
    if (query === "") {
      close();
      status.textContent = "";
      return;
    }
    const search = await engineOf();
    if (input.value.trim() !== query) return; // The next letter is there already.
    const found = search.search(query).slice(0, MAX_RESULTS);
    list.replaceChildren(...found.map(({ heading, page, text, address, terms }, i) => {
      const option = document.createElement("li");
      option.id = `result-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = address;
      const title = document.createElement("strong");
      title.textContent = heading || page;
      const place = document.createElement("span");
      place.className = "place";
      place.textContent = heading && heading !== page ? page : "";
      option.append(title, place, snippet(text, terms));
      return option;
    }));
    if (found.length === 0) {
      const none = document.createElement("li");
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.textContent = `Nothing found for “${query}”`;
      list.append(none);
    }
    status.textContent = found.length === 0 ? "Nothing found" : `${found.length} results`;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(0);
  }

  const open = (option) => {
    if (option?.dataset.address) location.href = option.dataset.address;
    close();
  };

  input.addEventListener("focus", () => {
    engineOf();
    if (input.value.trim()) update();
  });
  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps) {
      event.preventDefault();
      choose(chosen + steps);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(options()[chosen]);
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // Keeps the focus.
  list.addEventListener("click", (event) => open(event.target.closest("[role=option]")));
  input.addEventListener("blur", close);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath()[0].closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
  });
})();

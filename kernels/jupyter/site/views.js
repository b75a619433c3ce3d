/**
 * Loads the heavy parts of a page when they come into view; `views.ts` took them out of it.
 *
 * It stands before the page's content, whose scripts call it.
 */

(() => {
  /** How far below or above the window a part begins to load. */
  const MARGIN = "600px 0px";

  const folder = new URL(".", document.currentScript.src);
  const loading = new Map();
  const values = new Map();
  const shared = new Map();
  const seen = new WeakMap();

  /** Loads a script. */
  function load(name) {
    if (!loading.has(name)) {
      const loaded = Promise.withResolvers();
      const script = document.createElement("script");
      script.src = new URL(name, folder);
      script.onload = loaded.resolve;
      script.onerror = () => loaded.reject(new Error(`Cannot load ${script.src}`));
      document.head.append(script);
      loading.set(name, loaded.promise);
    }
    return loading.get(name);
  }

  async function valueOf(key) {
    await load(`${key}.js`);
    return values.get(key);
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      seen.get(target).resolve();
    }
  }, { rootMargin: MARGIN });

  /** Returns a promise that is resolved when an element comes into view. */
  function whenSeen(element) {
    if (!seen.has(element)) {
      seen.set(element, Promise.withResolvers());
      observer.observe(element);
    }
    return seen.get(element).promise;
  }

  function sharedOf(key) {
    if (!shared.has(key)) shared.set(key, Promise.withResolvers());
    return shared.get(key);
  }

  /** The element that the script being run draws into stands before the script. */
  const host = () => document.currentScript.previousElementSibling;

  /** Shows the still picture of a viewer over its empty planes until it has painted them. */
  function coverWithStill(host) {
    const still = host.querySelector("img")?.cloneNode();
    const painted = () => host.shadowRoot.querySelector("canvas[data-painted]");
    if (!still || !host.shadowRoot?.querySelector("canvas") || painted()) return;
    const cover = document.createElement("div");
    cover.className = "cover";
    cover.append(still);
    host.style.position = "relative";
    host.shadowRoot.append(cover);
    cover.style.cssText = "position:absolute;inset:0;overflow:hidden;border-radius:8px;" +
      "background:#0d1117";
    still.style.cssText = "width:100%;height:100%;object-fit:contain";
    new MutationObserver((_, observer) => {
      if (!painted()) return;
      observer.disconnect();
      cover.remove();
    }).observe(host.shadowRoot, { subtree: true, attributeFilter: ["data-painted"] });
  }

  globalThis.nnunetViews = {
    /** Called by the scripts that are loaded. */
    define: (key, value) => values.set(key, value),

    /** Returns a promise of one of a file's texts, for the script being run. */
    async text(key, index) {
      const element = host();
      element.dataset.live = "waiting";
      if (index === 0) queueMicrotask(() => coverWithStill(element));
      await whenSeen(element);
      const text = (await valueOf(key))[index];
      element.dataset.live = "loaded";
      return text;
    },

    /** Returns a promise of what several elements share. */
    shared: (key) => sharedOf(key).promise,

    /** Loads what elements share when the element of the script being run comes into view. */
    async need(key) {
      await whenSeen(host());
      sharedOf(key).resolve(await valueOf(key));
    },
  };

  async function drawChart(element) {
    await whenSeen(element);
    const [{ data, layout, frames, config }] = await Promise.all([
      valueOf(element.dataset.chart),
      load("plotly.js"),
    ]);
    await Plotly.newPlot(element.querySelector(".drawn"), {
      data,
      layout,
      frames,
      config: { displaylogo: false, responsive: true, ...config },
    });
    element.querySelector(".still").remove();
    element.dataset.live = "loaded";
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart]").forEach(drawChart);
  });
})();

/** Opens the heavy parts of a page when they come into view; `views.ts` took them out of it. */

(() => {
  /** How far below or above the window a view begins to load. */
  const MARGIN = "600px 0px";

  const folder = new URL(".", document.currentScript.src);
  const loading = new Map();
  const views = new Map();

  // Pages opened without a server may load scripts, but nothing else. So all data are scripts.
  globalThis.nnunetViews = { define: (key, view) => views.set(key, view) };

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

  async function open(element) {
    const { view: key } = element.dataset;
    await load(`${key}.js`);
    const { needs, figure, scripts = [] } = views.get(key);
    for (const name of needs) await load(name);
    if (figure) await draw(element, figure);
    for (const { type, text } of scripts) {
      const script = document.createElement("script");
      script.type = type;
      script.textContent = text;
      element.append(script);
    }
    element.dataset.opened = "true";
  }

  const charts = [];

  /** The text colour of a page's theme. */
  const inkOf = (element) => getComputedStyle(element).color;

  async function draw(element, { data, layout, frames, config }) {
    const drawn = element.querySelector(".drawn");
    await Plotly.newPlot(drawn, {
      data,
      layout: { ...layout, font: { ...layout?.font, color: inkOf(element) } },
      frames,
      config: { displaylogo: false, responsive: true, ...config },
    });
    element.querySelector(".still").remove();
    charts.push(drawn);
  }

  // Charts follow the theme.
  const recolour = () => {
    for (const drawn of charts) Plotly.relayout(drawn, { "font.color": inkOf(drawn) });
  };
  document.addEventListener("nnunet-theme", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      open(target);
    }
  }, { rootMargin: MARGIN });
  for (const element of document.querySelectorAll("[data-view]")) observer.observe(element);
})();

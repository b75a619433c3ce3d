/** The button for the theme, the list of pages, and keys for what scrolls. */

(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;

  const button = document.querySelector(".theme");
  const mark = () => button.setAttribute("aria-pressed", `${isDark()}`);
  button.hidden = false;
  mark();
  system.addEventListener("change", mark);
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    mark();
    try {
      localStorage.setItem("nnunet-theme", theme);
    } catch {
      // Browsers may refuse storage; the choice holds for this page.
    }
  });

  const pages = document.querySelector(".pages");
  const current = pages?.querySelector("[aria-current]");
  if (current) pages.scrollTop = current.offsetTop - 80;

  // The heading that the reader has reached.
  const entries = [...document.querySelectorAll(".contents a")].flatMap((link) => {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return heading ? [{ link, heading }] : [];
  });
  let scheduled = false;
  const follow = () => {
    scheduled = false;
    const reached = entries.findLast(({ heading }) => heading.getBoundingClientRect().top < 120);
    for (const { link } of entries) {
      if (link === reached?.link) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(follow);
  }, { passive: true });
  follow();

  // What is wider than the page is scrolled with the keyboard, too.
  const scrollers = document.querySelectorAll(".listing, .output, .table");
  const reach = () => {
    for (const element of scrollers) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  addEventListener("load", reach);
  reach();
})();

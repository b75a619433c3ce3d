/** Applies the theme that the reader chose, before the page is painted. */

try {
  const theme = localStorage.getItem("nnunet-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Browsers may refuse storage; the system's theme applies.
}

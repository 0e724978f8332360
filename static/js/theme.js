import { keep } from "./store.js";

/** The light and dark switch: a choice that equals the system's is not kept, so that the page follows it again. */

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const systemTheme = () => (system.matches ? "dark" : "light");
const shown = () => root.dataset.theme ?? systemTheme();

function announce() {
  const button = document.querySelector("[data-theme-toggle]");
  button?.setAttribute("aria-pressed", String(shown() === "dark"));
  document.dispatchEvent(new Event("themechange"));
}

document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
  const next = shown() === "dark" ? "light" : "dark";
  if (next === systemTheme()) {
    delete root.dataset.theme;
    keep("theme", null);
  } else {
    root.dataset.theme = next;
    keep("theme", next);
  }
  announce();
});
system.addEventListener("change", announce);
announce();

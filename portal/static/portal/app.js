// Conveniences only: every page does its work without this file. No inline script, no eval: runs under script-src 'self'.
const root = document.documentElement;

const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

function labelThemeButton(button) {
  const text = isDark() ? button.dataset.toLight : button.dataset.toDark;
  button.setAttribute("aria-label", text);
  button.title = text;
}

// The choice is a cookie, so that the server renders the right theme and no page flashes.
function toggleTheme(button) {
  root.dataset.theme = isDark() ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  labelThemeButton(button);
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  labelThemeButton(button);
  button.addEventListener("click", () => toggleTheme(button));
}

const writesText = (element) => element?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !writesText(document.activeElement)) {
    event.preventDefault();
    document.querySelector("#q")?.focus();
  }
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// On a phone the tabs of a page scroll sideways: the one that is open must be in sight. Only the strip moves, not the page.
for (const current of document.querySelectorAll(".tabs.pages [aria-current]")) {
  const strip = current.parentElement;
  strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

// A destructive act asks once more; the wording comes from the button (data-confirm), in the person's language.
document.addEventListener(
  "submit",
  (event) => {
    const question = event.submitter?.dataset.confirm ?? event.target.dataset?.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.copied);
  document.querySelector("#announce").textContent = button.dataset.copied;
  setTimeout(() => button.setAttribute("aria-label", before), 2000);
});
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;

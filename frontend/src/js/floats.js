// Dialogs, drawers and menus, on the browser's own elements.
const opener = new WeakMap();

/** Open a dialog and give the focus back to where it was when it closes. */
export function show(dialog) {
  if (!dialog || dialog.open) return;
  opener.set(dialog, document.activeElement);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  if (button) {
    const dialog = document.getElementById(button.dataset.opens);
    if (dialog) {
      event.preventDefault();
      button.closest("details.menu")?.removeAttribute("open");
      show(dialog);
    }
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open && event.detail) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

document.addEventListener("close", (event) => opener.get(event.target)?.focus?.(), true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu-item")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

// A dialog that came with a swap opens by itself.
document.addEventListener("htmx:load", (event) => {
  const dialog = event.target.matches?.("dialog[data-open]") ? event.target : event.target.querySelector?.("dialog[data-open]");
  if (dialog) show(dialog);
});

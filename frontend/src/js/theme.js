// Theme without a reload; the form still works without script (the server keeps the choice in a cookie and draws the page with it).
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-theme-form]");
  const choice = event.submitter?.value;
  if (!form || !choice) return;
  event.preventDefault();
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("form[data-theme-form] button")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
  const body = new FormData(form);
  body.set("theme", choice);
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  document.dispatchEvent(new CustomEvent("kefu:theme"));
});

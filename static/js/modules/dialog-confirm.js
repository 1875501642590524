// <details class="confirm"> opens its panel as a native dialog: focus goes in, Escape and "Keep as it is" close it.

export function mount(details) {
  const summary = details.querySelector("summary");
  const panel = details.querySelector(".confirm-panel");
  const dialog = document.createElement("dialog");
  const title = panel.querySelector(".confirm-title");
  if (title?.id) dialog.setAttribute("aria-labelledby", title.id);
  const isFaulty = panel.querySelector(".has-error, .error-summary") !== null;

  const keep = document.createElement("button");
  keep.type = "button";
  keep.className = "btn";
  keep.textContent = "Keep as it is";
  keep.addEventListener("click", () => dialog.close());
  keep.autofocus = panel.querySelector("input:not([type=hidden]), select, textarea") === null; // the harmless choice has the focus
  panel.querySelector("form > .cluster:last-child")?.append(keep);

  details.after(dialog);
  dialog.append(panel);
  details.open = false;
  summary.setAttribute("aria-haspopup", "dialog");
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => summary.focus());
  if (isFaulty) dialog.showModal();
}

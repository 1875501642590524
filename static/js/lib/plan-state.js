// How a place stands, on its drawing and in its list entry: one class, and the word that a screen reader hears.
// The words come with the page: `data-state-words` of whatever holds plan and list.

const STATES = ["free", "held", "taken", "mine"];

export function stateOf(element) {
  return STATES.find((state) => element.classList.contains(`is-${state}`)) ?? "free";
}

export function wordsAround(element) {
  return JSON.parse(element.closest("[data-state-words]").dataset.stateWords);
}

// Repaint a place on the plan. Its aria-label ends with the state; nothing else of it changes.
export function paintPlace(element, state) {
  const before = stateOf(element);
  if (before === state) return;
  const words = wordsAround(element);
  element.classList.replace(`is-${before}`, `is-${state}`);
  const label = (element.getAttribute("aria-label") ?? "").split(", ").slice(0, -1);
  const text = [...label, words[state].toLowerCase()].join(", ");
  element.setAttribute("aria-label", text);
  const title = element.querySelector("title");
  if (title) title.textContent = text;
}

// A list entry that is not free any more (or is free again) cannot be ticked (or can).
export function paintEntry(entry, state) {
  const box = entry.querySelector("input[type=checkbox]");
  const before = stateOf(entry);
  if (!box || before === state) return;
  entry.classList.replace(`is-${before}`, `is-${state}`);
  box.disabled = state !== "free";
  if (box.disabled) box.checked = false;
  let chip = entry.querySelector(".state");
  if (state === "free") return chip?.remove();
  chip ??= entry.querySelector("label").appendChild(document.createElement("span"));
  chip.className = `state is-${state}`;
  chip.textContent = wordsAround(entry)[state];
}

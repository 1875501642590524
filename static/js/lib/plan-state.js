// How a place stands, on its drawing and in its list entry: one class, and the word that a screen reader hears.

export const WORDS = { free: "free", held: "on hold", taken: "taken", mine: "yours" };
const CHIPS = { free: "Free", held: "On hold", taken: "Taken", mine: "Yours" };

export function stateOf(element) {
  return Object.keys(WORDS).find((state) => element.classList.contains(`is-${state}`)) ?? "free";
}

// Repaint a place on the plan. Its aria-label ends with the state; nothing else of it changes.
export function paintPlace(element, state) {
  const before = stateOf(element);
  if (before === state) return;
  element.classList.replace(`is-${before}`, `is-${state}`);
  const label = element.getAttribute("aria-label") ?? "";
  const words = label.replace(new RegExp(`, ${WORDS[before]}$`), `, ${WORDS[state]}`);
  element.setAttribute("aria-label", words);
  const title = element.querySelector("title");
  if (title) title.textContent = words;
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
  chip.textContent = CHIPS[state];
}

// How a place stands, on its drawing and in its list entry: one class, and the word that a screen reader hears.
// Words and letters come with the page: `data-state-words` and `data-state-letters` of whatever holds plan and list.

const STATES = ["free", "held", "taken", "mine"];

export function stateOf(element) {
  return STATES.find((state) => element.classList.contains(`is-${state}`)) ?? "free";
}

// Where a place is drawn, in plan units: its middle, and half of its height.
export function spotOf(element) {
  const [w, h] = ["width", "height"].map((name) => Number(element.querySelector("rect").getAttribute(name)));
  const { e, f } = element.transform.baseVal.getItem(0).matrix;
  return { x: e + w / 2, y: f + h / 2, half: h / 2, depth: Math.min(w, h) };
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
  element.querySelector("title")?.remove(); // written anew when a mouse comes
  paintLetter(element, state);
}

// The letter after a table's number says how it stands where colors and patterns do not.
function paintLetter(element, state) {
  const number = element.querySelector("text");
  const letter = JSON.parse(element.closest("[data-state-letters]").dataset.stateLetters)[state] ?? "";
  let mark = number.querySelector("tspan");
  if (!letter) return mark?.remove();
  if (!mark) {
    mark = document.createElementNS(number.namespaceURI, "tspan");
    mark.setAttribute("class", "place-letter");
    mark.setAttribute("dx", "0.25em");
    number.append(mark);
  }
  mark.textContent = letter;
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

// A number input gets a minus and a plus button. Its own keys and the form work as before.
import { stepped, toCount } from "../lib/steps.js";

const MARKS = { "-1": "M5 12h14", 1: "M5 12h14M12 5v14" };

function makeButton(change, word) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", word);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: 20, height: 20, fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-linecap": "round", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", MARKS[change]);
  svg.append(path);
  button.append(svg);
  return button;
}

export function mount(element) {
  const input = element.querySelector("input");
  const min = toCount(input.min, 0);
  const max = toCount(input.max, Number.MAX_SAFE_INTEGER);
  const what = input.getAttribute("aria-label") ?? "";
  const less = makeButton(-1, `One less: ${what}`);
  const more = makeButton(1, `One more: ${what}`);

  function refresh() {
    const value = toCount(input.value, min);
    less.disabled = input.disabled || value <= min;
    more.disabled = input.disabled || value >= max;
  }
  function move(change) {
    input.value = stepped(toCount(input.value, min), change, min, max);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    refresh();
  }
  less.addEventListener("click", () => move(-1));
  more.addEventListener("click", () => move(1));
  input.addEventListener("input", refresh);
  element.prepend(less);
  element.append(more);
  element.classList.add("is-ready");
  refresh();
}

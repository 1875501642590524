// One tab stop for a whole plan: arrows go to the nearest table in that direction, Home and End to the ends of its row,
// Enter and Space choose it. Taken tables can be visited too, so nobody wonders where they are.
import { nextPlace, rowEnd } from "../lib/plan-places.js";
import { spotOf } from "../lib/plan-state.js";

export function mount(frame) {
  const places = [...frame.querySelectorAll(".place")].map((element) => ({ key: element.dataset.place, element, ...spotOf(element) }));
  if (!places.length) return;
  frame.removeAttribute("tabindex");
  for (const { element } of places) element.setAttribute("tabindex", "-1");
  let current = places.find(({ element }) => element.matches(".is-free")) ?? places[0];
  current.element.setAttribute("tabindex", "0");

  function go(place) {
    if (!place) return;
    current.element.setAttribute("tabindex", "-1");
    current = place;
    current.element.setAttribute("tabindex", "0");
    current.element.focus({ preventScroll: true }); // the frame moves its drawing by itself
    frame.scrollIntoView({ block: "nearest" });
  }

  // What a screen reader hears a mouse reads: written when it comes, since two thousand of them would have to be loaded.
  frame.addEventListener("pointerover", (event) => {
    const place = event.target.closest(".place");
    if (!place || place.querySelector("title")) return;
    const title = document.createElementNS(place.namespaceURI, "title");
    title.textContent = place.getAttribute("aria-label");
    place.prepend(title);
  });
  frame.addEventListener("focusin", (event) => {
    const found = places.find(({ element }) => element === event.target.closest(".place"));
    if (found && found !== current) go(found);
  });
  frame.addEventListener("keydown", (event) => {
    if (!event.target.closest(".place") || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) go(nextPlace(places, current, event.key));
    else if (event.key === "Home" || event.key === "End") go(rowEnd(places, current, event.key === "End", current.half));
    else if (event.key === " ") current.element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    else return;
    event.preventDefault();
  });
}

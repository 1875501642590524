// Dragging a vendor to another table: switched on by a button, since a drag else moves the plan. Dropping on a free table leads to
// the page that says what the move changes; nothing is moved before it is confirmed there. The page of a table has the same as a form.

const OFF = "Move vendors by dragging";
const ON = "Stop moving vendors";

export function mount(frame) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-small no-print", textContent: OFF });
  const words = document.createElement("p");
  words.className = "soft small";
  words.setAttribute("role", "status");
  frame.after(button, words);
  let held = null;

  button.addEventListener("click", () => {
    const isOn = frame.classList.toggle("can-drag");
    button.textContent = isOn ? ON : OFF;
    words.textContent = isOn ? "Drag a vendor's table onto a free one. You are asked before anything is moved." : "";
  });

  frame.addEventListener("pointerdown", (event) => {
    const place = event.target.closest("[data-move]");
    if (!place || event.button !== 0 || !frame.classList.contains("can-drag")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = { place, ghost: ghostOf(place), from: [event.clientX, event.clientY], hasMoved: false };
    frame.setPointerCapture(event.pointerId);
  }, true);
  frame.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [dx, dy] = [event.clientX - held.from[0], event.clientY - held.from[1]];
    held.hasMoved ||= Math.hypot(dx, dy) > 6;
    const scale = held.place.getScreenCTM().a;
    const { e, f } = held.place.transform.baseVal.getItem(0).matrix;
    held.ghost.setAttribute("transform", `translate(${e + dx / scale} ${f + dy / scale})`);
    aimAt(placeUnder(event));
  });
  frame.addEventListener("pointerup", (event) => {
    if (!held) return;
    const { place, hasMoved } = held;
    const target = placeUnder(event);
    drop();
    if (!hasMoved) return;
    frame.addEventListener("click", (click) => (click.preventDefault(), click.stopImmediatePropagation()), { capture: true, once: true });
    if (target) location.assign(`${place.dataset.move}?to=${encodeURIComponent(labelOf(target))}`);
    else words.textContent = "That is no free table. Nothing was moved.";
  });
  frame.addEventListener("pointercancel", drop);

  function drop() {
    held?.ghost.remove();
    aimAt(null);
    held = null;
  }

  // The free table that the pointer is on.
  function placeUnder(event) {
    const found = document.elementsFromPoint(event.clientX, event.clientY).map((each) => each.closest?.(".place"));
    return found.find((place) => place && place !== held.place && place.matches(".is-free")) ?? null;
  }

  function aimAt(place) {
    for (const each of frame.querySelectorAll(".is-aim")) if (each !== place) each.classList.remove("is-aim");
    place?.classList.add("is-aim");
  }

  function ghostOf(place) {
    const ghost = document.createElementNS(place.namespaceURI, "g");
    ghost.setAttribute("class", `place plan-ghost ${place.getAttribute("class")}`);
    ghost.setAttribute("pointer-events", "none");
    ghost.append(place.querySelector("rect").cloneNode(true));
    place.parentNode.append(ghost);
    return ghost;
  }
}

const labelOf = (place) => place.querySelector("text").firstChild.textContent.trim();

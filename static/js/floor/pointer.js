// The hand on the drawing: a click chooses, Shift or Ctrl adds, a drag moves what is chosen in steps, a drag on the floor chooses what it covers.
import { snapped, unitsOf } from "../lib/floor-plan.js";
import { svg } from "./draw.js";

const STILL_PX = 4;

export function followPointer(drawing, editor) {
  let hand = null;

  function at(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    if (editor.isPicking) return editor.pickPoint(at(event));
    const unit = event.target.closest("[data-unit]")?.dataset.unit ?? null;
    hand = { start: at(event), x: event.clientX, y: event.clientY, unit, adds: event.shiftKey || event.ctrlKey || event.metaKey, moved: false };
    if (unit && !hand.adds && !editor.selected.has(unit)) editor.select([unit]);
    drawing.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  drawing.addEventListener("pointermove", (event) => {
    if (!hand) return;
    if (!hand.moved && Math.hypot(event.clientX - hand.x, event.clientY - hand.y) < STILL_PX) return;
    hand.moved = true;
    const [dx, dy] = at(event).map((value, index) => value - hand.start[index]);
    if (hand.unit) shift(editor.isSnapping ? [snapped(dx), snapped(dy)] : [Math.round(dx), Math.round(dy)]);
    else band(hand.start, [dx, dy]);
  });

  drawing.addEventListener("pointerup", (event) => {
    if (!hand) return;
    const { unit, adds, moved, way, start } = hand;
    hand = null;
    drawing.querySelector(".floor-band")?.remove();
    if (unit && moved && way) return editor.move(...way);
    if (unit) {
      if (adds) editor.toggle(unit);
      return drawing.querySelector(`[data-unit="${CSS.escape(unit)}"]`)?.focus();
    }
    editor.select(moved ? covered(start, at(event)) : [], adds);
  });
  drawing.addEventListener("pointercancel", () => { hand = null; editor.redraw(); });

  // A tap chooses; a finger that moves scrolls the frame, as everywhere. Number fields and buttons move things on a phone.
  drawing.addEventListener("click", (event) => {
    if (event.pointerType !== "touch") return;
    if (editor.isPicking) return editor.pickPoint(at(event));
    const unit = event.target.closest("[data-unit]")?.dataset.unit;
    if (unit) editor.toggle(unit);
  });

  function shift(way) {
    hand.way = way;
    for (const uid of editor.selected) drawing.querySelector(`[data-unit="${CSS.escape(uid)}"]`)?.setAttribute("transform", `translate(${way.join(" ")})`);
  }

  function band([x, y], [dx, dy]) {
    const box = drawing.querySelector(".floor-band") ?? drawing.appendChild(svg("rect", { class: "floor-band" }));
    for (const [name, value] of Object.entries({ x: Math.min(x, x + dx), y: Math.min(y, y + dy), width: Math.abs(dx), height: Math.abs(dy) })) box.setAttribute(name, value);
  }

  function covered([x1, y1], [x2, y2]) {
    const [left, right, top, bottom] = [Math.min(x1, x2), Math.max(x1, x2), Math.min(y1, y2), Math.max(y1, y2)];
    return unitsOf(editor.plan).filter(({ box }) => box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom).map(({ uid }) => uid);
  }
}

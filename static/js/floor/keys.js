// The keyboard's part: arrows nudge what is chosen, Space chooses, Delete removes, Ctrl+Z and Ctrl+Y go back and forth, Ctrl+D copies.
import { STEP_MM } from "../lib/floor-plan.js";

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function followKeys(root, drawing, editor) {
  root.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
    if ((event.ctrlKey || event.metaKey) && !isTyping) {
      const deed = { z: event.shiftKey ? "redo" : "undo", y: "redo", d: "copy", a: "selectAll" }[event.key.toLowerCase()];
      if (!deed) return;
      event.preventDefault();
      return editor[deed]();
    }
    const unit = event.target.closest("[data-unit]")?.dataset.unit;
    if (!unit || event.ctrlKey || event.metaKey) return;
    if (WAYS[event.key]) {
      if (!editor.selected.has(unit)) editor.select([unit]);
      const step = event.altKey ? 1 : event.shiftKey ? STEP_MM * 10 : STEP_MM;
      editor.move(...WAYS[event.key].map((way) => way * step));
    } else if (event.key === " " || event.key === "Enter") editor.toggle(unit);
    else if (event.key === "Delete" || event.key === "Backspace") editor.remove();
    else if (event.key === "Escape") editor.select([]);
    else return;
    event.preventDefault();
  });
}

// Larger and smaller: buttons, two fingers, and a first tap that only comes closer while tables are too small to hit.
// While fingers move the drawing is only transformed; when they rest it is drawn anew at its size. Panning is the frame's own scrolling.

const STEP = 1.5;
const MOST = 8;
const SMALLEST_TARGET = 24;

export function mount(frame) {
  const drawing = frame.querySelector("svg");
  const least = drawing.getBoundingClientRect().width;
  const fingers = new Map();
  let pinch = null;
  frame.before(tools());

  function tools() {
    const bar = document.createElement("div");
    bar.className = "plan-tools no-print";
    for (const [words, action] of [["Larger", () => zoom(STEP)], ["Smaller", () => zoom(1 / STEP)], ["Whole hall", () => zoom(0)]]) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-small", textContent: words });
      button.addEventListener("click", action);
      bar.append(button);
    }
    return bar;
  }

  // Change the size by a factor (0: fit the frame) and keep the point (x, y) of the frame where it is.
  function zoom(factor, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
    const before = drawing.getBoundingClientRect().width;
    const fit = frame.clientWidth;
    const after = factor ? Math.min(Math.max(before * factor, Math.min(fit, least)), fit * MOST) : fit;
    const [left, top] = [(frame.scrollLeft + x) * (after / before) - x, (frame.scrollTop + y) * (after / before) - y];
    drawing.style.transform = "";
    drawing.style.width = `${after}px`;
    drawing.style.maxWidth = "none";
    frame.scrollTo(left, top);
  }

  frame.addEventListener("click", (event) => {
    const place = event.target.closest(".place");
    if (!place || event.detail === 0 || matchMedia("(pointer: fine)").matches) return;
    const box = place.querySelector("rect").getBoundingClientRect();
    const size = Math.min(box.width, box.height);
    if (size >= SMALLEST_TARGET) return;
    event.preventDefault();
    event.stopPropagation();
    const at = frame.getBoundingClientRect();
    zoom((SMALLEST_TARGET * 1.4) / size, event.clientX - at.left, event.clientY - at.top);
  }, true);

  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) pinch = { start: spread(), factor: 1 };
  });
  frame.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    if (!pinch || fingers.size !== 2) return;
    pinch.factor = spread() / pinch.start;
    const [x, y] = middle();
    drawing.style.transformOrigin = `${frame.scrollLeft + x}px ${frame.scrollTop + y}px`;
    drawing.style.transform = `scale(${pinch.factor})`;
  });
  for (const kind of ["pointerup", "pointercancel"]) frame.addEventListener(kind, (event) => {
    if (!fingers.has(event.pointerId)) return;
    const [x, y] = middle();
    fingers.delete(event.pointerId);
    if (pinch && fingers.size < 2) {
      drawing.style.transform = "";
      zoom(pinch.factor, x, y);
      pinch = null;
    }
  });
  frame.classList.add("can-move");

  function spread() {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
  }

  function middle() {
    const box = frame.getBoundingClientRect();
    const all = [...fingers.values()];
    const mean = (of) => all.reduce((sum, finger) => sum + finger[of], 0) / all.length;
    return [mean("clientX") - box.left, mean("clientY") - box.top];
  }
}

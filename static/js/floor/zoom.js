// Larger and smaller: buttons, and the wheel with Ctrl at the pointer. The frame scrolls as everything does.

const STEP = 1.5;
const MOST = 10;

export function addZoom(frame, drawing, bar) {
  for (const [words, factor] of [["Larger", STEP], ["Smaller", 1 / STEP], ["Whole hall", 0]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: words });
    button.addEventListener("click", () => zoom(factor));
    bar.append(button);
  }
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });

  // By a factor (0: fit the frame); the point (x, y) of the frame stays where it is.
  function zoom(factor, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
    const fit = frame.clientWidth;
    const before = drawing.getBoundingClientRect().width;
    const after = factor ? Math.min(Math.max(before * factor, fit), fit * MOST) : fit;
    const [left, top] = [(frame.scrollLeft + x) * (after / before) - x, (frame.scrollTop + y) * (after / before) - y];
    drawing.style.width = `${after}px`;
    drawing.style.maxWidth = "none";
    frame.scrollTo(left, top);
  }
}

// Pure math of looking at a plan. A box is { x, y, w, h } in plan units; a view is { s, x, y }: pixels a unit, and what lies in
// the upper left corner of the frame.

const MOST_TIMES = 8;
const CLOSEST = 0.12; // pixels a millimeter: a six-foot table fills half a phone

// The whole box in a frame of so many pixels, in its middle.
export function fitted(box, width, height) {
  const s = Math.min(width / box.w, height / box.h);
  return { s, x: box.x + (box.w - width / s) / 2, y: box.y + (box.h - height / s) / 2 };
}

// The nearest view that is neither too small nor too close and shows no more emptiness than the whole box would.
export function kept(view, box, width, height) {
  const fit = fitted(box, width, height);
  const s = Math.min(Math.max(view.s, fit.s), Math.max(fit.s * MOST_TIMES, CLOSEST));
  return { s, x: within(view.x, box.x, box.w, width / s), y: within(view.y, box.y, box.h, height / s) };
}

function within(start, low, length, seen) {
  return seen >= length ? low + (length - seen) / 2 : Math.min(Math.max(start, low), low + length - seen);
}

// Larger by a factor; what lies under the point (px, py) of the frame stays there.
export function zoomed(view, factor, px, py) {
  const s = view.s * factor;
  return { s, x: view.x + px / view.s - px / s, y: view.y + py / view.s - py / s };
}

// As if the drawing were pushed by so many pixels.
export function pushed(view, dx, dy) {
  return { s: view.s, x: view.x - dx / view.s, y: view.y - dy / view.s };
}

// The view of the same size with this point of the plan in the middle.
export function centeredOn(view, point, width, height) {
  return { s: view.s, x: point.x - width / view.s / 2, y: point.y - height / view.s / 2 };
}

// Does the frame show this point, at least `margin` pixels from its edges?
export function shows(view, point, width, height, margin) {
  const [px, py] = [(point.x - view.x) * view.s, (point.y - view.y) * view.s];
  return px >= margin && py >= margin && px <= width - margin && py <= height - margin;
}

// What turns a drawing made for one view into the look of another, for `style.transform` with its origin at the upper left.
export function transformOf(drawn, view) {
  const k = view.s / drawn.s;
  return `matrix(${k},0,0,${k},${(drawn.x - view.x) * view.s},${(drawn.y - view.y) * view.s})`;
}

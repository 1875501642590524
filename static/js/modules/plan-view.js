// Moving about in a plan: buttons, keys, a mouse or one finger to push it, two fingers or the wheel with Ctrl to come closer, and
// a first tap that only comes closer while tables are too small to hit. While it moves the drawing is only transformed; when it
// rests it is drawn anew at its size. Numbers of tables show above a size at which they can be read.
import { centeredOn, fitted, kept, pushed, shows, transformOf, zoomed } from "../lib/plan-view.js";
import { spotOf } from "../lib/plan-state.js";

const STEP = 1.6;
const SMALLEST_TARGET = 24;
const READABLE = 7; // pixels of a label's letters
const SLACK = 6; // pixels that a press may shake and still be a click
const REST_MS = 160;
const SEEN_AT_LEAST = 416; // pixels of height, where the frame is that wide

export function mount(frame) {
  const drawing = frame.querySelector("svg");
  const sheet = drawing.parentElement;
  const { x, y, width, height } = drawing.viewBox.baseVal;
  const box = { x, y, w: width, h: height };
  const sample = frame.querySelector(".place");
  const letters = Number(sample?.querySelector("text")?.getAttribute("font-size") ?? 0);
  const notes = sample ? spotOf(sample).depth * 0.2 : 0; // letters of who holds it
  const fingers = new Map();
  let view = null;
  let drawn = null;
  let wasDragged = false;
  let awaited = 0;
  let resting = 0;
  const tools = bar();
  frame.before(tools.element);
  frame.classList.add("can-move");
  const size = () => [frame.clientWidth, frame.clientHeight];

  function measure() {
    const natural = (frame.clientWidth * box.h) / box.w;
    frame.style.height = `${Math.max(natural, Math.min(frame.clientWidth, SEEN_AT_LEAST))}px`;
    const isWhole = !view || isFit();
    const middle = view && { x: view.x + size()[0] / view.s / 2, y: view.y + size()[1] / view.s / 2 };
    view = isWhole ? fitted(box, ...size()) : kept(centeredOn(view, middle, ...size()), box, ...size());
    settle();
  }

  const isFit = () => view.s <= fitted(box, ...size()).s * 1.001;

  function look(next) {
    view = kept(next, box, ...size());
    awaited ||= requestAnimationFrame(() => {
      awaited = 0;
      sheet.style.transform = transformOf(drawn, view);
    });
  }

  function settle() {
    cancelAnimationFrame(awaited);
    clearTimeout(resting);
    [awaited, resting] = [0, 0];
    const [w, h] = size();
    drawn = view;
    drawing.setAttribute("viewBox", `${view.x} ${view.y} ${w / view.s} ${h / view.s}`);
    sheet.style.transform = "";
    frame.classList.toggle("is-near", letters * view.s >= READABLE);
    frame.classList.toggle("is-close", notes * view.s >= READABLE);
    frame.classList.toggle("is-closer", !isFit());
    tools.tell(isFit());
  }

  // By a factor about a point of the frame: the given one, else the table that has the focus, else the middle.
  function zoom(factor, px, py) {
    const held = frame.querySelector(".place:focus");
    const at = held && shows(view, spotOf(held), ...size(), 0) ? spotOf(held) : null;
    const [w, h] = size();
    look(zoomed(view, factor, px ?? (at ? (at.x - view.x) * view.s : w / 2), py ?? (at ? (at.y - view.y) * view.s : h / 2)));
  }

  function whole() {
    view = fitted(box, ...size());
    settle();
  }

  function go(dx, dy) {
    const [w, h] = size();
    look(pushed(view, (dx * w) / 3, (dy * h) / 3));
    settle();
  }

  function bar() {
    const element = document.createElement("div");
    element.className = "plan-tools no-print";
    const add = (parent, words, label, action) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-small", textContent: words });
      if (label) button.setAttribute("aria-label", label);
      button.addEventListener("click", action);
      parent.append(button);
      return button;
    };
    const act = (deed) => () => (deed(), settle());
    add(element, "Larger", "", act(() => zoom(STEP)));
    const smaller = add(element, "Smaller", "", act(() => zoom(1 / STEP)));
    const all = add(element, "Whole hall", "", whole);
    const ways = document.createElement("span");
    ways.className = "plan-ways-about";
    for (const [sign, label, dx, dy] of [["←", "left", 1, 0], ["↑", "up", 0, 1], ["↓", "down", 0, -1], ["→", "right", -1, 0]])
      add(ways, sign, `Look further ${label}`, () => go(dx, dy));
    element.append(ways);
    const tell = (isAll) => {
      ways.hidden = isAll;
      for (const each of [smaller, all]) each.setAttribute("aria-disabled", String(isAll));
    };
    return { element, tell };
  }

  // Bring a table into sight, at least at this many pixels of depth.
  function reveal(place, least = 0) {
    const at = spotOf(place);
    const closer = Math.max(1, least / (spotOf(place).depth * view.s));
    if (closer === 1 && shows(view, at, ...size(), SMALLEST_TARGET)) return;
    look(centeredOn({ ...view, s: view.s * closer }, at, ...size()));
    settle();
  }

  frame.addEventListener("click", (event) => {
    const place = event.target.closest(".place");
    const isTap = place && event.detail !== 0 && !matchMedia("(pointer: fine)").matches;
    const size = place ? spotOf(place).depth * view.s : Infinity;
    if (!wasDragged && !(isTap && size < SMALLEST_TARGET)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!wasDragged) {
      const at = frame.getBoundingClientRect();
      zoom((SMALLEST_TARGET * 1.4) / size, event.clientX - at.left, event.clientY - at.top);
      settle();
    }
    wasDragged = false;
  }, true);
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  frame.addEventListener("touchstart", (event) => event.touches.length > 1 && event.preventDefault(), { passive: false });

  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (!fingers.size) wasDragged = false;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, from: [event.clientX, event.clientY] });
  });
  frame.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const far = Math.hypot(event.clientX - finger.from[0], event.clientY - finger.from[1]) > SLACK;
    if (!wasDragged && (!far || (fingers.size === 1 && isFit()))) return;
    if (!wasDragged) {
      wasDragged = true;
      frame.classList.add("is-moving");
      for (const id of fingers.keys()) frame.setPointerCapture(id);
    }
    const before = middle();
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    const after = middle();
    const next = pushed(view, after.x - before.x, after.y - before.y);
    look(fingers.size > 1 ? zoomed(next, after.spread / before.spread, after.x, after.y) : next);
  });
  for (const kind of ["pointerup", "pointercancel"]) frame.addEventListener(kind, (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    frame.classList.remove("is-moving");
    if (kind === "pointercancel") wasDragged = false;
    if (view !== drawn) settle();
  });

  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = frame.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
    clearTimeout(resting);
    resting = setTimeout(settle, REST_MS);
  }, { passive: false });

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowRight: [-1, 0] };
    if (event.shiftKey && moves[event.key]) go(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") (zoom(STEP), settle());
    else if (event.key === "-") (zoom(1 / STEP), settle());
    else if (event.key === "0") whole();
    else return;
    event.preventDefault();
  });
  frame.addEventListener("focusin", (event) => {
    const place = event.target.closest(".place");
    if (place?.matches(":focus-visible")) reveal(place);
  });

  addEventListener("beforeprint", whole);
  measure();
  let known = frame.clientWidth;
  new ResizeObserver(() => {
    if (frame.clientWidth === known || !frame.clientWidth) return;
    known = frame.clientWidth;
    measure();
  }).observe(frame);
  const target = /^#place-\d+$/.test(location.hash) && frame.querySelector(location.hash);
  if (target) reveal(target, SMALLEST_TARGET * 1.6);

  function middle() {
    const at = frame.getBoundingClientRect();
    const all = [...fingers.values()];
    const mean = (key) => all.reduce((sum, finger) => sum + finger[key], 0) / all.length;
    const [a, b] = all;
    return { x: mean("x") - at.left, y: mean("y") - at.top, spread: (b && Math.hypot(a.x - b.x, a.y - b.y)) || 1 };
  }
}

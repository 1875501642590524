// Draws a plan into its SVG: background, hall, what stands there, blocks and tables. Each block or loose table is a group that takes the focus.
import { unitsOf } from "../lib/floor-plan.js";

const NS = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const path = (points, closed) => `M${points.map((point) => point.join(" ")).join("L")}${closed ? "Z" : ""}`;
const turn = (box) => (box.rot_ddeg ? { transform: `rotate(${box.rot_ddeg / 10} ${box.x_mm + box.w_mm / 2} ${box.y_mm + box.d_mm / 2})` } : {});
const rect = (box, more) => svg("rect", { x: box.x_mm, y: box.y_mm, width: box.w_mm, height: box.d_mm, ...turn(box), ...more });
const words = (text, x, y, size) => svg("text", { x, y, "font-size": size }, text);

export function draw(drawing, plan, { selected, bad, pictures }) {
  const focused = document.activeElement?.closest?.("[data-unit]")?.dataset.unit;
  const unit = Math.max(...plan.outline.map(([x]) => x)) / 960;
  drawing.replaceChildren(...ground(plan, unit, pictures), ...unitsOf(plan).map((each) => unitGroup(each, { selected, bad, unit })));
  if (focused) drawing.querySelector(`[data-unit="${CSS.escape(focused)}"]`)?.focus();
}

function ground(plan, unit, pictures) {
  const parts = [];
  const { background } = plan;
  if (background) parts.push(svg("image", { href: pictures + background.key, x: background.x_mm, y: background.y_mm, width: background.w_mm, height: background.d_mm, preserveAspectRatio: "none", class: "floor-picture" }));
  parts.push(svg("path", { d: path(plan.outline, true), class: "plan-room", "stroke-width": unit * 5 }));
  for (const zone of plan.zones) parts.push(svg("path", { d: path(zone.points, true), class: zone.kind === "no_go" ? "floor-no-go" : "floor-zone" }), words(zone.name, ...middle(zone.points), unit * 12));
  for (const aisle of plan.aisles) parts.push(svg("path", { d: path(aisle.points), class: "floor-aisle", "stroke-width": aisle.width_mm }));
  for (const wall of plan.walls) parts.push(svg("path", { d: path(wall.points), class: "plan-wall", "stroke-width": Math.max(wall.thickness_mm, unit * 2) }));
  for (const solid of plan.solids) parts.push(rect(solid, { class: "plan-solid" }), words(solid.text, solid.x_mm + solid.w_mm / 2, solid.y_mm + solid.d_mm / 2, unit * 12));
  for (const door of plan.doors) parts.push(svg("path", { d: path([[door.x1_mm, door.y1_mm], [door.x2_mm, door.y2_mm]]), class: "plan-door", "stroke-width": unit * 9 }));
  for (const point of plan.power_points) parts.push(svg("circle", { cx: point.x_mm, cy: point.y_mm, r: unit * 5, class: "floor-power" }));
  for (const text of plan.texts) parts.push(words(text.text, text.x_mm, text.y_mm, unit * 12));
  return parts;
}

const middle = (points) => [0, 1].map((index) => points.reduce((sum, point) => sum + point[index], 0) / points.length);

function unitGroup(each, { selected, bad, unit }) {
  const isBlock = each.kind === "block";
  const isChosen = selected.has(each.uid);
  const label = isBlock ? `Block ${each.name || "without a name"}, ${each.places.length} tables` : `Table ${each.name}`;
  const faults = each.places.filter((place) => bad.has(place.uid)).length;
  const group = svg("g", { class: `floor-unit${isChosen ? " is-chosen" : ""}`, "data-unit": each.uid, tabindex: "0", role: "button", "aria-pressed": String(isChosen), "aria-label": faults ? `${label}, something to mend` : label });
  for (const place of each.places) {
    const [w, d] = place.rot_ddeg % 1800 === 900 ? [place.d_mm, place.w_mm] : [place.w_mm, place.d_mm];
    const size = Math.min((w * 1.45) / Math.max(place.label.length, 2), d * 0.8, unit * 13);
    group.append(rect(place, { class: `floor-table${bad.has(place.uid) ? " is-bad" : ""}` }), words(place.label, place.x_mm + place.w_mm / 2, place.y_mm + place.d_mm / 2, size));
  }
  return group;
}

// Ties the plan to the checkboxes of the list: a click on a table ticks it, a tick colors it, the card adds up.
import { moneyText, pricesInTurn } from "../lib/plan-places.js";
import { paintPlace, stateOf } from "../lib/plan-state.js";

export function mount(root) {
  const boxes = () => [...root.querySelectorAll('input[type=checkbox][name^="table-"]')];
  const card = root.querySelector("[data-chosen]");
  for (const place of root.querySelectorAll(".place.is-mine")) place.dataset.own = "1";
  if (!card) return;
  for (const entry of card.querySelectorAll(".pick")) keepAside(root, entry);

  root.addEventListener("change", (event) => {
    if (/^(table|extra)-/.test(event.target.name ?? "")) draw();
  });
  root.addEventListener("click", (event) => {
    const place = event.target.closest("a.place");
    if (place) toggle(event, boxes().find((box) => box.name === `table-${place.dataset.place}`));
    const link = event.target.closest('.tabs a:not([href^="#"])');
    if (link) link.href = withPicks(link.href, boxes());
  });
  for (const form of root.querySelectorAll("[data-keep-picks]")) form.addEventListener("submit", () => carryPicks(form, boxes()));
  root.addEventListener("tables:changed", draw);
  draw();

  function toggle(event, box) {
    event.preventDefault();
    if (!box || box.disabled) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function draw() {
    const chosen = boxes().filter((box) => box.checked && !box.disabled);
    const keys = new Set(chosen.map((box) => box.name.slice(6)));
    for (const place of root.querySelectorAll("a.place:not([data-own])")) {
      const state = stateOf(place);
      if (keys.has(place.dataset.place)) paintPlace(place, "mine");
      else if (state === "mine") paintPlace(place, "free");
    }
    list(root, card, chosen);
    addUp(root, chosen);
  }
}

// Boxes chosen in another hall or outside of the filter stay in the form; the card shows them like the others.
function keepAside(root, entry) {
  entry.hidden = true;
  root.querySelector("#choose")?.append(entry);
}

function list(root, card, chosen) {
  const template = root.querySelector("[data-chosen-row]");
  const costs = costsOf(chosen);
  card.replaceChildren(...chosen.map((box, at) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector('[data-slot="label"]').textContent = box.dataset.label;
    row.querySelector('[data-slot="words"]').textContent = box.dataset.words;
    row.querySelector('[data-slot="price"]').textContent = moneyText(costs[at], root.dataset.currency, root.dataset.locale);
    row.querySelector('[data-slot="again"]').textContent = ` ${box.dataset.label}`;
    row.querySelector("[data-drop]").addEventListener("click", () => {
      box.checked = false;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return row;
  }));
}

function addUp(root, chosen) {
  const extras = [...root.querySelectorAll('input[name^="extra-"]')].map((field) => Number(field.value) * Number(field.dataset.price));
  const sum = [...costsOf(chosen), ...extras].reduce((total, price) => total + (price || 0), 0);
  const row = root.querySelector("[data-sum]");
  row.hidden = chosen.length < 1;
  const price = moneyText(sum, root.dataset.currency, root.dataset.locale);
  root.querySelector("[data-sum-value]").textContent = price;
  const button = root.querySelector("[data-continue]");
  button.textContent = chosen.length ? `Continue with ${chosen.length === 1 ? "1 table" : `${chosen.length} tables`}, ${price}` : "Continue";
}

function costsOf(boxes) {
  return pricesInTurn(boxes.map(({ dataset }) => ({ kind: dataset.kind, prices: (dataset.prices ?? dataset.price).split(" ").map(Number) })));
}

function withPicks(address, boxes) {
  const url = new URL(address, location.href);
  url.searchParams.delete("pick");
  for (const box of boxes) if (box.checked) url.searchParams.append("pick", box.name.slice(6));
  return url.href;
}

function carryPicks(form, boxes) {
  for (const old of form.querySelectorAll('input[name="pick"]')) old.remove();
  for (const box of boxes.filter((each) => each.checked)) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "pick", value: box.name.slice(6) });
    form.append(field);
  }
}

// Looks every five seconds, while the page is seen, which tables are free; says so when a chosen one is gone.
// The address is public and asked without cookies; the browser sends the version tag, so nothing new costs nothing.
import { pauseMs } from "../lib/plan-places.js";
import { paintEntry, paintPlace, stateOf } from "../lib/plan-state.js";

export function mount(root) {
  let failures = 0;
  let seen = "";
  let timer = 0;

  async function look() {
    try {
      const answer = await fetch(root.dataset.live, { credentials: "omit", cache: "no-cache", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      failures = 0;
      if (state.v !== seen) show(root, state);
      seen = state.v;
    } catch {
      failures += 1;
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!document.hidden && root.isConnected) timer = setTimeout(look, pauseMs(failures, Math.random()));
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  plan();
}

function show(root, state) {
  const now = new Map([...state.held.map((id) => [String(id), "held"]), ...state.taken.map((id) => [String(id), "taken"])]);
  const gone = [];
  for (const entry of root.querySelectorAll("[data-pick]")) {
    const box = entry.querySelector("input[type=checkbox]");
    const next = now.get(entry.dataset.pick) ?? "free";
    if (box?.checked && next !== "free") gone.push(box.dataset.label);
    paintEntry(entry, next);
  }
  for (const place of root.querySelectorAll("[data-place]")) {
    const next = now.get(place.dataset.place) ?? "free";
    if (stateOf(place) !== "mine" || (!place.dataset.own && next !== "free")) paintPlace(place, next);
  }
  if (gone.length) say(root, `${gone.join(", ")} ${gone.length === 1 ? "was" : "were"} just taken. Choose another table.`);
  root.dispatchEvent(new CustomEvent("tables:changed"));
}

function say(root, words) {
  const place = root.querySelector("[data-say]");
  if (place) place.textContent = words;
}

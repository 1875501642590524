// Turns "Held until 2:15 PM" into the minutes and seconds left; the time of day stays as the title.
// When the time is over it says so and tells the page with the event "countdown:over".
import { announcement, asFigures, secondsLeft } from "../lib/clock.js";

export function mount(element) {
  const until = Date.parse(element.dataset.until);
  if (Number.isNaN(until)) return;
  const fixed = element.querySelector(".countdown-fixed");
  const live = document.createElement("span");
  const figures = document.createElement("b");
  const words = document.createElement("span");
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  live.title = fixed.textContent.trim();
  live.append(figures, words);
  element.append(live, spoken);
  fixed.classList.add("visually-hidden");

  let timer = 0;
  function tick() {
    if (!element.isConnected) return clearInterval(timer);
    const left = secondsLeft(until, Date.now());
    figures.textContent = left > 0 ? asFigures(left) : "Time is up";
    words.textContent = left > 0 ? " left" : "";
    const say = announcement(left);
    if (say) spoken.textContent = say;
    element.classList.toggle("is-short", left < 120);
    if (left > 0) return;
    clearInterval(timer);
    element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  }
  tick();
  if (secondsLeft(until, Date.now()) > 0) timer = setInterval(tick, 1000);
}

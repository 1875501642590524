// Turns "Held until 2:15 PM" into the minutes and seconds left; the time of day stays as the title. It counts from the
// seconds the server said were left with this answer, so a visitor's clock may be as wrong as it likes.
// When the time is over it says so and tells the page with the event "countdown:over".
import { announcement, asFigures, secondsLeft, startWatch } from "../lib/clock.js";

export function mount(element) {
  const seconds = Number.parseInt(element.dataset.left, 10);
  if (Number.isNaN(seconds)) return;
  const passed = startWatch(() => performance.now(), () => Date.now());
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

  function show(left) {
    figures.textContent = left > 0 ? asFigures(left) : "Time is up";
    words.textContent = left > 0 ? " left" : "";
    const say = announcement(left);
    if (say) spoken.textContent = say;
    element.classList.toggle("is-short", left < 120);
  }
  show(seconds);
  const timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    const left = secondsLeft(seconds, passed());
    show(left);
    if (left > 0) return;
    clearInterval(timer);
    element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  }, 1000);
}

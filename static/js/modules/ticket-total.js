// The sum of the tickets chosen, under the stubs. The server computes the real one; without script it stands on the next page.
import { formatMinor, minorOf, sumOf } from "../lib/ticket-sum.js";

export function mount(form) {
  const line = form.querySelector("[data-total]");
  if (!line) return;
  const count = line.querySelector("[data-count]");
  const sum = line.querySelector("[data-sum]");
  const inputs = [...form.querySelectorAll("input[data-price]")];

  const amounts = [...form.querySelectorAll("input[data-amount]")];

  function refresh() {
    const chosen = sumOf(inputs.map((input) => ({ count: input.value, price: input.dataset.price })));
    for (const input of amounts) chosen.minor += minorOf(input.value, form.dataset.currency);
    count.textContent = chosen.count === 1 ? "1 ticket" : `${chosen.count} tickets`;
    sum.textContent = formatMinor(chosen.minor, form.dataset.currency, form.dataset.locale);
  }
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  line.hidden = false;
  refresh();
}

// When the hold of a cart is over, ask the server anew: it says so and offers to try again. Beside a form (`data-form`) what
// is typed in it is sent along, so that nothing of it is lost; without one the page is loaded again.
const WAIT_MS = 1500; // so that the server's clock is past the end for sure

export function mount(element) {
  element.addEventListener("countdown:over", () => setTimeout(() => lookAgain(element.dataset.form), WAIT_MS), { once: true });
}

function lookAgain(formId) {
  const form = formId ? document.getElementById(formId) : null;
  if (!form) return window.location.reload();
  const flag = document.createElement("input");
  flag.type = "hidden";
  flag.name = "over";
  flag.value = "1";
  form.append(flag);
  form.submit();
}

// A filter form (or one select in it) sends itself when a choice changes. Without script its own button does.

export function mount(element) {
  const form = element.form ?? element;
  element.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
  });
}

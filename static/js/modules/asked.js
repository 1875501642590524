// A question that follows from another answer is shown only after that answer. Without script it says itself when it counts.

function isGiven(form, name, value) {
  const controls = [...form.elements].filter((each) => each.name === name);
  if (controls.some((each) => each.closest("[data-asked-after][hidden]"))) return false;
  return controls.some((each) => each.value === value && (each.type === "radio" || each.type === "checkbox" ? each.checked : true));
}

export function mount(element) {
  const form = element.closest("form");
  const { askedAfter, askedValue } = element.dataset;
  function refresh() {
    const hidden = !isGiven(form, askedAfter, askedValue);
    if (element.hidden === hidden) return;
    element.hidden = hidden;
    form.dispatchEvent(new Event("asked"));
  }
  form.addEventListener("change", refresh);
  form.addEventListener("asked", refresh);
  refresh();
}

// A bar that scrolls sideways opens with its current entry in view.

export function mount(element) {
  const current = element.querySelector("[aria-current]");
  if (!current || element.scrollWidth <= element.clientWidth) return;
  element.scrollLeft = current.offsetLeft - element.offsetLeft - (element.clientWidth - current.offsetWidth) / 2;
}

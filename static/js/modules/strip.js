// A bar that scrolls by itself opens with its current entry in view.

export function mount(element) {
  const current = element.querySelector("[aria-current]");
  if (!current) return;
  const [inner, outer] = [current.getBoundingClientRect(), element.getBoundingClientRect()];
  if (element.scrollWidth > element.clientWidth) element.scrollLeft += inner.left - outer.left - (element.clientWidth - inner.width) / 2;
  if (element.scrollHeight > element.clientHeight) element.scrollTop += inner.top - outer.top - (element.clientHeight - inner.height) / 2;
}

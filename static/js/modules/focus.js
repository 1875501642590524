// Takes the focus when it appears: the summary of faults on top of a form, the door's answer.

export function mount(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: false });
}

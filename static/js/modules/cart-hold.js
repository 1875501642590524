// When the hold of a cart is over, load the page anew: it says so and offers to try again.
export function mount(element) {
  element.addEventListener("countdown:over", () => {
    // A moment later, so that the server's clock agrees; once, so that a fast clock here cannot make a loop.
    if (performance.now() > 2000) setTimeout(() => window.location.reload(), 1500);
  });
}

// Shows a button beside a code that copies it, and says so.

export function mount(element) {
  const button = element.querySelector("button");
  const code = element.querySelector("code");
  const words = button.querySelector("span");
  if (!navigator.clipboard) return;
  const usual = words.textContent;
  words.setAttribute("role", "status");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      words.textContent = "Copied";
    } catch {
      words.textContent = "Select and copy it";
      getSelection().selectAllChildren(code);
    }
    setTimeout(() => { words.textContent = usual; }, 3000);
  });
}

// Mounts behaviors: data-module="stepper copy" loads modules/stepper.js and modules/copy.js and calls mount(element) once each.
// The page works without any of them. Runs at load and after every htmx swap.

const mounted = new WeakMap();

async function mountOne(element, name) {
  const names = mounted.get(element) ?? new Set();
  if (names.has(name) || !/^[a-z][a-z0-9_-]*$/.test(name)) return;
  names.add(name);
  mounted.set(element, names);
  try {
    const module = await import(`./modules/${name}.js`);
    module.mount(element);
  } catch (error) {
    console.error(`module ${name} did not start`, error);
  }
}

export function mountAll(root) {
  const found = [...root.querySelectorAll("[data-module]")];
  if (root instanceof Element && root.matches("[data-module]")) found.unshift(root);
  for (const element of found) {
    for (const name of element.dataset.module.split(/\s+/).filter(Boolean)) mountOne(element, name);
  }
}

document.documentElement.classList.add("has-script");
mountAll(document);
document.addEventListener("htmx:after:process", (event) => mountAll(event.target instanceof Element ? event.target : document));

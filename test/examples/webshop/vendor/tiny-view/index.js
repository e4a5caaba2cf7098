/** A DOM element with children. */
export function element(name, ...children) {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}

/** Shows nodes in the element that a selector names, in place of what was there. */
export function show(selector, ...nodes) {
  document.querySelector(selector).replaceChildren(...nodes);
}

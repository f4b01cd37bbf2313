/* A menu that a button opens. */

class Menu {
  #of = null;
  #opener = null;

  /** `actions` is {name: what it says}; `act` is called with the name and what the menu was opened for. */
  constructor(label, actions, act) {
    this.node = h("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label, keydown: (event) => this.#keys(event) },
      Object.entries(actions).map(([name, says]) => h("button", { type: "button", role: "menuitem", tabindex: "-1", class: name, click: () => {
        this.node.hidePopover();
        act(name, this.#of);
      } }, says)));
    this.node.addEventListener("toggle", ({ newState }) => this.#opener?.setAttribute("aria-expanded", String(newState === "open")));
  }

  open(of, opener) {
    this.#of = of;
    this.#opener = opener;
    this.node.showPopover();
    const at = opener.getBoundingClientRect(), { width, height } = this.node.getBoundingClientRect();
    const top = at.bottom + height + 12 < innerHeight ? at.bottom + 4 : at.top - height - 4;
    Object.assign(this.node.style, { left: `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`, top: `${Math.max(8, top)}px` });
    this.node.firstChild.focus();
  }

  #keys(event) {
    const items = [...this.node.children], at = items.indexOf(event.target);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") this.node.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    items[next % items.length].focus();
  }
}

/* A line at the foot of the page, for a moment. */

class Toast extends Element {
  #done = null; #timer = 0;
  #box = h("div", { class: "toast", popover: "manual" });

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_TOAST));
    this.shadowRoot.append(h("div", { role: "status" }, this.#box));
    for (const event of ["pointerenter", "focusin"]) this.#box.addEventListener(event, () => clearTimeout(this.#timer));
    for (const event of ["pointerleave", "focusout"]) this.#box.addEventListener(event, () => this.#wait());
  }

  /** Shows a text for some seconds; `done` is called when these are over, unless the action was taken. */
  show(text, { label, act, done } = {}) {
    this.#end();
    this.#done = done;
    this.#box.replaceChildren(h("span", {}, text), label ? h("button", { type: "button", click: () => { this.#done = null; this.#end(); act(); } }, label) : "");
    this.#box.showPopover();
    this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), 8000);
  }

  #end() {
    clearTimeout(this.#timer);
    const done = this.#done;
    this.#done = null;
    if (this.#box.matches(":popover-open")) this.#box.hidePopover();
    done?.();
  }
}
if (!customElements.get("citewise-toast")) customElements.define("citewise-toast", Toast);
const tell = (text, options) => {
  const toast = document.querySelector("citewise-toast") ?? document.body.appendChild(h("citewise-toast"));
  toast.show(text, options);
};

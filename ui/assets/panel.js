const AROUND = 200;  // characters after a quote, from which on a citation does not hold them all

/** The source beside the chat: a dialog, modal where it covers everything. It shows the words that a citation carries, and
 * where there is a Panel.view (views.js), the source itself. */
class Panel {
  static view = null;
  #chat; #list = () => []; #index = 0; #item = null; #opener = null; #key = ""; #view = null;
  #title = h("h2", { id: "panel-title" });
  #where = h("p", { class: "where" });
  #count = h("span", { class: "count", role: "status" });
  #text = h("div", { class: "text", tabindex: "0", role: "region", "aria-label": "Text of the source" });
  #previous = h("button", { type: "button", "aria-label": "Previous citation (left arrow)", title: "Previous citation  ←", click: () => this.#step(-1) }, icon("previous"));
  #next = h("button", { type: "button", "aria-label": "Next citation (right arrow)", title: "Next citation  →", click: () => this.#step(1) }, icon("next"));
  dialog = h("dialog", { class: "panel", part: "panel", "aria-labelledby": "panel-title" },
    h("header", {}, h("div", { class: "titles" }, this.#title, this.#where),
      h("nav", { "aria-label": "Citations" }, this.#previous, this.#count, this.#next,
        h("button", { type: "button", class: "close", "aria-label": "Close the source (Escape)", title: "Close  Esc", click: () => this.close() }, icon("close")))),
    this.#text);

  constructor(chat) {
    this.#chat = chat;
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
    addEventListener("keydown", (event) => this.#keys(event));
  }

  /** Shows one of the citations or passages that `list` gives, as it is at any time. */
  open(list, index, opener, key) {
    this.#list = list; this.#index = index; this.#opener = opener; this.#key = key;
    if (!this.dialog.open) {
      if (this.#chat.hasAttribute("modal") || matchMedia("(max-width: 999px)").matches) this.dialog.showModal(); else this.dialog.show();
      this.#chat.emit("panel", { open: true });
    }
    this.#text.focus({ preventScroll: true });
    this.#load();
  }

  /** Shows what was shown last, where that is still cited. */
  again() {
    if (this.#list()[this.#index]) this.open(this.#list, this.#index, this.#opener, this.#key);
  }

  close(focus = true) {
    if (!this.dialog.open) return;
    this.#view?.stop();
    this.dialog.close();
    this.#chat.emit("panel", { open: false });
    if (focus) this.#chat.opener(this.#opener, this.#key)?.focus();
  }

  /** What is shown stays while it is still cited, wherever in the list. */
  refresh() {
    if (!this.dialog.open) return;
    const same = ({ source, start, end }) => source === this.#item.source && start === this.#item.start && end === this.#item.end;
    this.#index = this.#list().findIndex(same);
    if (this.#index < 0) this.close(false); else this.#counted();
  }

  #keys(event) {
    if (!this.dialog.open || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const path = event.composedPath(), typing = path[0].matches?.("input, textarea, select, [contenteditable]");
    if (!path.includes(this.dialog) && path.some((node) => node.matches?.(":modal, :popover-open"))) return;  // that lies on top
    if (event.key === "Escape") { event.preventDefault(); this.close(); }
    else if (!typing && event.key === "ArrowRight") this.#step(1);
    else if (!typing && event.key === "ArrowLeft") this.#step(-1);
  }

  #step(by) {
    if (!this.#list()[this.#index + by]) return;
    this.#index += by;
    this.#load();
  }

  #counted() {
    const { length } = this.#list();
    this.#count.textContent = length > 1 ? `${this.#index + 1} of ${length}` : "";
    this.#previous.disabled = this.#index === 0;
    this.#next.disabled = this.#index === length - 1;
    this.#previous.hidden = this.#next.hidden = length < 2;
  }

  #load() {
    const item = this.#item = this.#list()[this.#index], quote = item.quote ?? item.text, { before = "", after = "" } = item;
    this.dialog.dataset.source = item.source;
    this.#title.replaceChildren(...nodes(item.title || fileName(item.source)));
    this.#where.replaceChildren(h("b", {}, item.source), ...nodes(place(item) && ` ${place(item)}`));
    this.#counted();
    this.#view ??= this.#chat.server && Panel.view && new Panel.view(this.#chat, this.#text);
    const mark = h("mark", {}, quote), gap = h("span", { class: "gap" }, "…");
    this.#text.replaceChildren(h("div", { class: "extract", dir: "auto" },
      [...before].length < item.start && gap.cloneNode(true), before, mark, after, after.length > AROUND && gap));
    inView(this.#text, mark);
    this.#view?.show({ ...item, quote });
  }
}

/** Scrolls a box so that a node stands in its upper half. */
const inView = (box, node) => {
  const { top, height } = node.getBoundingClientRect();
  box.scrollTop += top - box.getBoundingClientRect().top - Math.max(16, (box.clientHeight - height) / 2.5);
};

if (!customElements.get("citewise-chat")) customElements.define("citewise-chat", Chat);

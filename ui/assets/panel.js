const AROUND = 200;  // characters after a quote, from which on a citation does not hold them all

/** The source beside the chat: a dialog, modal where it covers everything. */
class Panel {
  #chat; #list = []; #index = 0; #opener = null; #key = ""; #request = 0; #from = null;
  #title = h("h2", { id: "panel-title" });
  #where = h("p", { class: "where" });
  #count = h("span", { class: "count", role: "status" });
  #text = h("div", { class: "text", tabindex: "0", "aria-label": "Text of the source" });
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

  open(list, index, opener, key) {
    this.#list = list; this.#index = index; this.#opener = opener; this.#key = key;
    if (!this.dialog.open) {
      if (this.#chat.hasAttribute("modal") || matchMedia("(max-width: 999px)").matches) this.dialog.showModal(); else this.dialog.show();
      this.#chat.emit("panel", { open: true });
    }
    this.#text.focus({ preventScroll: true });
    this.#load(false);
  }

  close() {
    if (!this.dialog.open) return;
    this.#request += 1;
    this.dialog.close();
    this.#chat.emit("panel", { open: false });
    (this.#chat.opener(this.#opener, this.#key))?.focus();
  }

  #keys(event) {
    if (!this.dialog.open || event.altKey || event.ctrlKey || event.metaKey) return;
    const typing = event.composedPath()[0].matches?.("input, textarea, [contenteditable]");
    if (event.key === "Escape") { event.preventDefault(); this.close(); }
    else if (!typing && event.key === "ArrowRight") this.#step(1);
    else if (!typing && event.key === "ArrowLeft") this.#step(-1);
  }

  #step(by) {
    const index = this.#index + by;
    if (index < 0 || index >= this.#list.length) return;
    this.#index = index;
    this.#load(false);
  }

  async #load(all) {
    const item = this.#list[this.#index], request = (this.#request += 1);
    const quote = item.quote ?? item.text;
    this.#title.replaceChildren(...nodes(item.title || fileName(item.source)));
    this.#where.replaceChildren(h("b", {}, item.source), ...nodes(place(item) && ` ${place(item)}`));
    this.#count.textContent = `${this.#index + 1} of ${this.#list.length}`;
    this.#previous.disabled = this.#index === 0;
    this.#next.disabled = this.#index === this.#list.length - 1;
    const known = { before: item.before ?? "", quote, after: item.after ?? "" };
    if (!this.#chat.source) return this.#draw({ ...known, cut: [[...known.before].length < item.start, known.after.length > AROUND] });
    if (!all) this.#draw(known);
    const view = await this.#chat.source({ source: item.source, start: item.start, end: item.end, quote, all }).catch(
      () => ({ error: "The source could not be read: the server does not answer." }));
    if (request === this.#request) this.#draw({ ...known, ...view });
  }

  /** One text with one mark. What does not fit the window is offered above and below. */
  #draw({ before, quote, after, cut = [], more_before: above, more_after: below, error, notice }) {
    const mark = h("mark", {}, quote), gap = h("span", { class: "gap" }, "…");
    const more = (n) => n > 0 && h("button", { type: "button", class: "more", click: () => this.#load(true) },
      `${plural(n, "more character")} · show all`);
    this.#text.replaceChildren(...[
      (error || notice) && h("p", { class: error ? "notice error" : "notice" }, icon("warn"), error || notice),
      more(above), h("div", { class: "extract", dir: "auto" }, cut[0] && gap.cloneNode(true), before, mark, after, cut[1] && gap), more(below),
    ].filter(Boolean));
    const space = this.#text.clientHeight - mark.offsetHeight;
    this.#text.scrollTop = mark.offsetTop - this.#text.offsetTop - Math.max(16, space / 2.5);
  }
}

if (!customElements.get("citewise-chat")) customElements.define("citewise-chat", Chat);

/* Whole sources in the panel of the chat page, as what they are: lines, headings and paragraphs, tables, slides, pages.
 *
 * The server cuts a source into parts and those into runs [text, style, cited, hit]; here they only become nodes. */

Object.assign(ICONS, {
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  save: "M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
});
const STYLES_OF_RUNS = { b: "strong", i: "em", s: "del", c: "code", l: "u" };
const MOST_PARTS = 1200;  // that stay drawn while somebody scrolls
const PAUSE = 250;  // milliseconds after a key, before a search
const NUMBER = /^(?!\d{4}$)[-+(]?[$€£¥]?\s?\d[\d.,'\s]*\s?[%€$£¥)]?$/;
const UNITS = { csv: "row", tsv: "row", xlsx: "row" };

/** Runs as nodes; neighbours that are cited are one mark. */
const drawn = (runs) => {
  const found = [];
  let mark = null;
  for (const [text, style, cited, hit] of runs) {
    let node = nodes(text);
    for (const letter of style) node = [h(STYLES_OF_RUNS[letter], {}, node)];
    if (hit >= 0) node = [h("mark", { class: "hit", "data-hit": hit }, node)];
    if (!cited) { mark = null; found.push(...node); }
    else if (mark) mark.append(...node);
    else found.push(mark = h("mark", { class: "cited" }, node));
  }
  return found;
};

const notice = (says, kind = "") => h("div", { class: `notice ${kind}`, role: "status" }, icon("warn"), h("div", {}, says));

/** Marks the match that it is the turn of: all that stands for it. */
const nowAt = (box, mark) => {
  for (const one of box.querySelectorAll("[data-hit]")) one.classList.toggle("now", one.dataset.hit === mark?.dataset.hit);
};

class SourceView {
  #chat; #text; #item = {}; #told = {}; #asText = false; #request = 0; #still = "";
  #parts = []; #drawn = []; #first = 0; #total = 0; #heads = {};
  #leaves = null;
  #words = ""; #hits = []; #hit = -1; #timer = 0;
  #mode = h("button", { type: "button", class: "mode", "aria-pressed": "false", click: () => this.#toggle() }, "As text");
  #box = h("input", { type: "search", placeholder: "Search in it", "aria-label": "Search in this source", autocomplete: "off", spellcheck: "false", maxlength: 200,
    input: () => { clearTimeout(this.#timer); this.#timer = setTimeout(() => this.#search(), PAUSE); }, keydown: (event) => this.#typed(event) });
  #found = h("span", { class: "count", role: "status" });
  #up = h("button", { type: "button", disabled: true, "aria-label": "Previous match (Shift+Enter)", title: "Previous match  ⇧↵", click: () => this.#go(-1) }, icon("up"));
  #down = h("button", { type: "button", disabled: true, "aria-label": "Next match (Enter)", title: "Next match  ↵", click: () => this.#go(1) }, icon("down"));
  #bar = h("div", { class: "bar" }, this.#mode,
    h("div", { class: "seek", role: "search" }, this.#box, this.#found, this.#up, this.#down),
    h("button", { type: "button", class: "save", "aria-label": "Download the original", title: "Download the original", click: () => this.#save() }, icon("save")));
  #near = new IntersectionObserver((seen) => {
    if (getSelection().type === "Range") return;  // what is drawn anew is not selected any more
    for (const one of seen) if (one.isIntersecting) one.target.click();
  }, { rootMargin: "300px 0px" });

  constructor(chat, text) {
    this.#chat = chat;
    this.#text = text;
    chat.shadowRoot.adoptedStyleSheets.push(styled(STYLES_VIEWS));
    text.before(this.#bar);
    text.parentNode.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.composedPath()[0] === this.#box) return;
      event.preventDefault();  // what is drawn is a window: the browser's own search would miss the rest
      this.#box.select();
    });
  }

  /** Draws a source around {source, start, end, quote, sha256}; without a quote, from there on. */
  async show(item) {
    if (item.source !== this.#item.source) this.#forget();
    this.#item = item;
    this.#bar.querySelectorAll("button, input").forEach((one) => one.disabled = false);
    await this.#open();
  }

  stop() {
    this.#request += 1;
    this.#leaves?.stop();
    this.#near.disconnect();
    clearTimeout(this.#timer);
  }

  async #open() {
    this.stop();
    const { source, start, end, quote, sha256 } = this.#item;
    this.#told = {};
    this.#leaves = null;
    const told = await this.#ask("read_source", { source, start, end, quote, sha256: sha256 ?? undefined, mode: this.#asText ? "text" : "own" });
    if (!told) return;
    this.#told = told;
    this.#mode.hidden = told.error || told.modes.length < 2;
    this.#mode.setAttribute("aria-pressed", String(told.mode === "text" && !this.#mode.hidden));
    this.#up.disabled = this.#down.disabled = this.#hits.length === 0;
    if (told.error) {
      this.#bar.querySelectorAll("button, input").forEach((one) => one.disabled = true);
      return this.#text.prepend(notice(told.error, "error"));
    }
    if (told.ratios.length && told.mode === "own") {
      this.#leaves = new Leaves(this.#text, told, (asked) => this.#call("page_of_source", asked));
      this.#text.replaceChildren(...this.#notices(), this.#leaves.node);
      return this.#leaves.show(told.page ?? 1, this.#words, "i.cited", true);
    }
    this.#take(told.window);
    this.#draw();
    const mark = this.#text.querySelector("mark.cited");
    if (mark) this.#reveal(mark); else this.#text.scrollTop = 0;
  }

  #call(name, asked) {
    const { version, cited, mode } = this.#told;
    return this.#chat.server[name]({ source: this.#item.source, version, cited, mode, words: this.#words, ...asked })
      .catch(() => ({ error: "The source could not be read: the server does not answer." }));
  }

  /** What the server says, or null where something else was asked for meanwhile. */
  async #ask(name, asked) {
    const request = (this.#request += 1), told = await this.#call(name, asked);
    return request === this.#request ? told : null;
  }

  #say(says) {
    this.#text.prepend(notice(says, "error"));
    this.#text.scrollTop = 0;
  }

  #notices() {
    const { notice: says, gone } = this.#told;
    return [says && notice(says), gone && h("blockquote", { class: "was", dir: "auto" }, h("small", {}, "As it was cited"), this.#item.quote)].filter(Boolean);
  }

  // -- parts: lines, paragraphs, rows

  #take({ parts, first, total, heads }) {
    this.#parts = parts; this.#first = first; this.#total = total; this.#heads = heads;
  }

  async #more(by) {
    const told = await this.#ask("more_of_source", { by, first: by < 0 ? this.#first : this.#first + this.#parts.length });
    if (!told || !told.parts) return told && this.#say(told.error);
    const anchor = this.#anchor();
    Object.assign(this.#heads, told.heads);
    if (by < 0) { this.#parts = [...told.parts, ...this.#parts].slice(0, MOST_PARTS); this.#first = told.first; }
    else {
      this.#parts.push(...told.parts);
      this.#first += Math.max(0, this.#parts.length - MOST_PARTS);
      this.#parts = this.#parts.slice(-MOST_PARTS);
    }
    this.#draw(anchor);
  }

  /** The part that somebody reads, by its number, and where it stands. */
  #anchor() {
    const top = this.#text.getBoundingClientRect().top;
    const at = this.#drawn.findIndex((node) => node.getBoundingClientRect().bottom > top);
    return at < 0 ? null : [this.#first + at, this.#drawn[at].getBoundingClientRect().top];
  }

  #draw(anchor = null) {
    const { mode, type } = this.#told, below = this.#total - this.#first - this.#parts.length, within = this.#text.contains(this.#chat.shadowRoot.activeElement);
    const unit = mode === "text" ? "line" : UNITS[type] ?? "paragraph";
    const more = (n, by) => n > 0 && h("button", { type: "button", class: "more", click: () => this.#more(by) }, `${plural(n, `more ${unit}`)} ${by < 0 ? "above" : "below"}`);
    const edges = [more(this.#first, -1), more(below, 1)];
    this.#near.disconnect();
    this.#text.replaceChildren(...[...this.#notices(), edges[0], this.#body(mode, type), edges[1]].filter(Boolean));
    if (within) this.#text.focus({ preventScroll: true });
    if (anchor) this.#text.scrollTop += this.#drawn[anchor[0] - this.#first].getBoundingClientRect().top - anchor[1];
    nowAt(this.#text, this.#text.querySelector(`[data-hit="${this.#hits[this.#hit]?.[0]}"]`));
    requestAnimationFrame(() => requestAnimationFrame(() => edges.forEach((edge) => edge && edge.isConnected && this.#near.observe(edge))));
  }

  #body(mode, type) {
    const body = h("div", { class: `extract ${mode === "text" ? "lines" : "parts"} ${type}` });
    let place = body, table = null, page = null;
    this.#drawn = this.#parts.map((part) => {
      if (part.page !== page && (page = part.page) != null) {
        const slide = type === "pptx", head = h("p", { class: "leaf-head" }, `${slide ? "Slide" : "Page"} ${page}`);
        table = null;
        if (slide && mode !== "text") body.append(place = h("div", { class: "slide", role: "group", "aria-label": `Slide ${page}` }, head)); else place.append(head);
      }
      if (part.kind !== "row" && part.kind !== "head") {
        table = null;
        const node = this.#part(part);
        place.append(node);
        return node;
      }
      if (table?.id !== part.table) {
        const head = part.kind === "head" ? part.cells : this.#heads[part.table], rows = h("tbody");
        const columns = head && h("thead", {}, h("tr", {}, head.map((runs) => h("th", { scope: "col", dir: "auto" }, drawn(runs)))));
        table = { id: part.table, columns, rows };
        place.append(h("div", { class: "grid", tabindex: "0", role: "group", "aria-label": "Table" }, h("table", {}, columns, rows)));
      }
      if (part.kind === "head") return table.columns;
      const row = h("tr", {}, part.cells.map((runs) => {
        const text = runs.map(([piece]) => piece).join("");
        return h("td", { dir: "auto", class: NUMBER.test(text) ? "number-cell" : null }, drawn(runs));
      }));
      if (part.cells.some((runs) => runs.some(([, , cited]) => cited))) row.className = "cited-row";
      table.rows.append(row);
      return row;
    });
    return body;
  }

  #part({ kind, cells: [runs], level = 0, label = "" }) {
    const words = drawn(runs), dir = "auto";
    switch (kind) {
      case "line": return h("div", { class: "line-of", "data-line": label, dir }, words);
      case "heading": return h("p", { class: `head level-${Math.min(level, 4)}`, role: "heading", "aria-level": Math.min(level + 2, 6), dir }, words);
      case "code": return h("pre", { dir: "ltr" }, words);
      case "field": return h("p", { class: `field ${label.toLowerCase()}`, dir }, h("b", {}, label), h("span", { dir }, words));
      default: {
        const node = h("p", { class: kind, dir }, label && h("span", { class: kind === "item" ? "bullet" : "label" }, label), words);
        if (level) node.style.setProperty("--level", Math.min(level, 8));
        return node;
      }
    }
  }

  #reveal(node) {
    inView(this.#text, node);
    const box = this.#text.getBoundingClientRect(), { left, right } = node.getBoundingClientRect();
    const aside = node.closest(".grid") ?? this.#text;
    if (right > box.right || left < box.left) aside.scrollLeft += left - box.left - 24;
  }

  // -- the bar

  #toggle() {
    this.#asText = !this.#asText;
    this.#open();
  }

  #forget() {
    this.#box.value = this.#words = this.#found.textContent = "";
    this.#hits = []; this.#hit = -1;
    this.#up.disabled = this.#down.disabled = true;
  }

  #typed(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(this.#timer);
      if (this.#box.value.trim() === this.#words) this.#go(event.shiftKey ? -1 : 1); else this.#search();
    } else if (event.key === "Escape" && this.#box.value) {
      event.preventDefault();
      event.stopPropagation();
      this.#box.value = "";
      this.#search();
    }
  }

  async #search() {
    clearTimeout(this.#timer);
    const words = this.#words = this.#box.value.trim();
    const told = words ? await this.#ask("find_in_source", {}) : { hits: [] };
    if (!told || words !== this.#words) return;
    if (told.error) return this.#say(told.error);
    this.#hits = told.hits;
    this.#still = told.more ? "+" : "";
    const from = this.#told.cited[0], at = this.#hits.findIndex(([place]) => place >= from);
    this.#hit = at < 0 ? this.#hits.length ? 0 : -1 : at;
    await this.#show(true);
  }

  async #go(by) {
    if (!this.#hits.length) return;
    this.#hit = (this.#hit + by + this.#hits.length) % this.#hits.length;
    await this.#show(false);
  }

  /** Shows the match that it is the turn of; `fresh`: other words than before. */
  async #show(fresh) {
    const { length } = this.#hits;
    this.#found.textContent = !this.#words ? "" : length ? `${this.#hit + 1} of ${length.toLocaleString("en")}${this.#still}` : "No match";
    this.#up.disabled = this.#down.disabled = length === 0;
    const [place, page] = this.#hits[this.#hit] ?? [this.#told.cited[0], this.#told.page];
    if (this.#leaves) return this.#leaves.show(page ?? 1, this.#words, length ? `[data-hit="${place}"]` : "i.cited");
    if (fresh || !this.#text.querySelector(`[data-hit="${place}"]`)) {
      const told = await this.#ask("more_of_source", { place });
      if (!told) return;
      if (told.error) return this.#say(told.error);
      this.#take(told);
      this.#draw();
    }
    const mark = this.#text.querySelector(length ? `[data-hit="${place}"]` : "mark.cited");
    if (mark) this.#reveal(mark);
    nowAt(this.#text, mark);
  }

  async #save() {
    const { source } = this.#item;
    const response = await fetch(new URL(`original?source=${encodeURIComponent(source)}`, document.baseURI)).catch(() => null);
    if (!response?.ok) return this.#say(response ? await response.text() : "The file could not be fetched: the server does not answer.");
    download(fileName(source), await response.blob());
  }
}

Panel.view = SourceView;

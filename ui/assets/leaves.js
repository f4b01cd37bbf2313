/* The pages of a PDF as pictures, drawn when they come into view, with boxes around what is cited and searched for. */

const MOST_LEAVES = 24;  // that stay drawn

class Leaves {
  #text; #ask; #leaves; #drawn = new Map(); #words = ""; #seen; #stopped = false;

  /** `ask({page, width, words})` reads a page; see Sources.page. */
  constructor(text, { ratios }, ask) {
    this.#text = text;
    this.#ask = ask;
    this.#leaves = ratios.map((ratio, n) => {
      const leaf = h("div", { class: "leaf", role: "group", "aria-label": `Page ${n + 1} of ${ratios.length}` });
      leaf.style.aspectRatio = String(1 / ratio);
      return leaf;
    });
    this.node = h("div", { class: "leaves" }, this.#leaves);
    this.#seen = new IntersectionObserver((seen) => seen.forEach((one) => one.isIntersecting && this.#draw(one.target)), { root: text, rootMargin: "60% 0px" });
  }

  stop() {
    this.#stopped = true;
    this.#seen.disconnect();
  }

  /** Scrolls to what `mark` selects on a page, with these words marked on all that are drawn; at `first` draws no other. */
  async show(number, words, mark, first = false) {
    const leaf = this.#leaves[number - 1], renewed = words !== this.#words;
    this.#words = words;
    if (leaf && !leaf.querySelector(mark)) inView(this.#text, leaf);
    if (leaf) await this.#draw(leaf);
    if (this.#stopped || words !== this.#words) return;
    const found = leaf?.querySelector(mark);
    if (leaf) inView(this.#text, found ?? leaf);
    nowAt(this.#text, found);
    if (renewed) for (const other of [...this.#drawn.keys()]) this.#draw(other);
    if (first) this.#leaves.forEach((one) => this.#seen.observe(one));
  }

  /** Draws a page, unless it is drawn with the words that are searched for. */
  async #draw(leaf) {
    const words = this.#words, known = this.#drawn.get(leaf);
    this.#drawn.delete(leaf);  // so that it becomes the latest
    if (known?.words === words) { this.#drawn.set(leaf, known); return known.done; }
    const drawing = { words, done: this.#read(leaf, words) };
    this.#drawn.set(leaf, drawing);
    for (const oldest of [...this.#drawn.keys()].slice(0, -MOST_LEAVES)) {
      this.#drawn.delete(oldest);
      oldest.replaceChildren();
    }
    return drawing.done;
  }

  async #read(leaf, words) {
    const old = leaf.querySelector("img"), number = this.#leaves.indexOf(leaf) + 1;
    const { picture, boxes = [], text = [], notice: says, error } = await this.#ask({ page: number, words, width: old ? 0 : Math.round(leaf.clientWidth * devicePixelRatio) });
    if (this.#stopped || this.#drawn.get(leaf)?.words !== words) return;
    const shown = old ?? (picture && h("img", { src: picture, alt: "", draggable: "false" }));
    const marks = boxes.map(([left, top, width, height, hit]) => {
      const box = h("i", { class: hit < 0 ? "cited" : "hit", "data-hit": hit < 0 ? null : hit, "aria-hidden": "true" });
      Object.assign(box.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
      return box;
    });
    leaf.classList.toggle("broken", !shown);
    leaf.replaceChildren(...[!shown && notice(says ?? error), shown, ...marks,
      h("div", { class: shown ? "spoken" : "extract", dir: "auto" }, drawn(text)), h("span", { class: "folio", "aria-hidden": "true" }, String(number))].filter(Boolean));
  }
}

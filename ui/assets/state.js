/* What is indexed, in one line; the documents page says more. */

class Index extends Element {
  #state = null;
  #clock = 0;

  connectedCallback() { this.#clock = setInterval(() => this.show(this.#state), 60_000); }
  disconnectedCallback() { clearInterval(this.#clock); }

  mounted() { document.addEventListener("library", ({ detail }) => this.show(detail)); }

  /** How many files could not be read. */
  get failed() { return this.#state?.failed ?? 0; }

  show(state) {
    if (!state) return;
    const finished = state.indexed_at && !state.progress && state.indexed_at !== this.#state?.indexed_at;
    this.#state = state;
    patch(this.shadowRoot, [this.#line(state)]);
    if (finished) this.emit("indexed");
  }

  #line({ files = 0, passages, failed, pending, changed, indexed_at: at, progress, error, broken, away }) {
    const n = (count, says) => count > 0 && `${count.toLocaleString("en")} ${says}`;
    const counts = files ? [h("b", {}, plural(files, "file")), h("span", { class: "wide" }, ` · ${plural(passages, "passage")}`)] : ["No documents yet"];
    const news = progress ? [h("span", { class: "live" }, "indexing", progress.total > 0 && ` ${progress.done}/${progress.total}`)]
      : at ? [h("span", { class: "wide" }, `indexed ${ago(at)}`)] : [];
    const flaws = [n(pending, "pending"), n(changed, "changed"), n(failed, "failed")].filter(Boolean);
    const trouble = away ? "The server does not answer" : broken ? "The index cannot be read" : "";
    return h("button", { type: "button", class: "line", title: "State of the index: show the documents", click: () => this.emit("documents") },
      h("i", { class: `dot ${error || trouble ? "bad" : progress || pending ? "live" : flaws.length ? "flawed" : "good"}` }),
      trouble || h("span", {}, counts, news.length > 0 && [h("span", { class: "wide" }, " · "), h("span", { class: "narrow" }, progress && " · "), news]),
      !trouble && flaws.map((flaw) => h("span", { class: progress ? "flaw wide" : "flaw" }, flaw)));
  }
}

if (!customElements.get("citewise-index")) customElements.define("citewise-index", Index);

/* Why an answer is as it is: each step with what came in and out, and what became of a passage that was expected. */

const STEPS = {
  file: "The file", text: "The text of the file", passages: "The passages of the index", understood: "The question as it was understood",
  words: "Passages found by their words", meaning: "Passages found by their meaning", found: "Found by words or meaning",
  fused: "Both lists put together", reranked: "Put in order once more", kept: "Passages that were read", candidates: "Sentences and rows that could answer",
  disagreements: "Where the documents disagree", evidence: "Whether that is enough to answer", chosen: "Sentences that were chosen", checked: "Every sentence checked", cited: "Citations",
};

class Why extends Element {
  #chat = null; #id = ""; #opener = null;
  #title = h("h2", { id: "why-title" });
  #body = h("div", { class: "steps" });
  #dialog = h("dialog", { class: "why", "aria-labelledby": "why-title" },
    h("header", {}, this.#title, h("button", { type: "button", class: "close", "aria-label": "Close (Escape)", click: () => this.#dialog.close() }, icon("close"))), this.#body);

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_WHY));
    this.shadowRoot.append(this.#dialog);
    this.#dialog.addEventListener("click", (event) => { if (event.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener("close", () => {
      if (this.#opener?.isConnected) this.#opener.focus();
      this.emit("place");
    });
    for (const event of ["new", "open"]) document.addEventListener(event, () => this.#dialog.close());
  }

  get shown() { return this.#dialog.open; }

  /** Shows again what was shown last, where that is still there, or closes it. */
  reading(open) {
    if (!open) this.#dialog.close(); else if (this.#chat?.exchange(this.#id) && !this.shown) this.open(this.#chat, this.#id);
  }

  async open(chat, id) {
    this.#chat = chat; this.#id = id;
    this.#opener = chat.shadowRoot.activeElement;
    const { question, answer } = chat.exchange(id);
    this.#title.replaceChildren(...nodes(answer.status === "answered" ? "Why this answer" : "Why it is not answered"));
    this.#body.replaceChildren(h("p", { class: "soft", role: "status" }, "Looking at the steps …"));
    this.#dialog.showModal();
    this.emit("place");
    const found = await this.#ask();
    if (this.#id !== id) return;
    this.#body.replaceChildren(...(found.error ? [h("p", { class: "notice error", role: "alert" }, found.error)] : [
      h("p", { class: "asked", dir: "auto" }, question), h("ol", {}, found.steps.map((step) => this.#step(step))), this.#expecting(answer)]));
  }

  #ask(expected) {
    const { id, run, question, only } = this.#chat.exchange(this.#id);
    return this.#chat.server.why({ id, run, question, only, expected, history: this.#chat.history(id) })
      .catch(() => ({ error: "The server does not answer. Try again in a moment." }));
  }

  #step({ step, in: came, out, top = [], ...facts }) {
    const counts = typeof out === "number" ? `${came.toLocaleString("en")} in, ${out.toLocaleString("en")} out` : "";
    const told = Object.entries(facts).filter(([, value]) => typeof value !== "object");
    return h("li", {}, h("details", {}, h("summary", {}, h("b", {}, STEPS[step] ?? step), h("small", {}, counts)),
      typeof out === "string" && h("p", { dir: "auto" }, out),
      told.length > 0 && h("dl", {}, told.map(([name, value]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", { dir: "auto" }, String(typeof value === "number" ? Math.round(value * 1000) / 1000 : value))])),
      top.length > 0 && h("ol", { class: "top" }, top.map(({ source, score, quote, why }) => h("li", {},
        h("p", { class: "soft" }, h("b", {}, fileName(source)), ` ${score.toFixed(2)}`, why && ` · ${why}`), h("p", { class: "quote", dir: "auto" }, quote)))))); 
  }

  /** Asks for a passage that was expected, and tells at which step it was lost. */
  #expecting(answer) {
    const known = [...new Set([...(answer.related ?? []), ...(answer.citations ?? [])].map(({ source }) => source))];
    const source = h("input", { list: "why-sources", placeholder: "File", "aria-label": "File", required: true });
    const quote = h("textarea", { rows: 2, placeholder: "Words of the passage", "aria-label": "Words of the passage", required: true });
    const told = h("div", { class: "fate", role: "status" });
    const form = h("form", { submit: async (event) => {
      event.preventDefault();
      told.replaceChildren(...nodes("Looking …"));
      const { error, expected: fate } = await this.#ask({ source: source.value, quote: quote.value });
      told.replaceChildren(...(error ? [h("p", { class: "notice error" }, error)] : [
        h("p", {}, h("b", {}, fate.citation != null ? `It is cited: [${fate.citation}]` : `Lost at: ${STEPS[fate.stage] ?? fate.stage}`)),
        ...[fate.reason, fate.remedy, ...fate.notes].filter(Boolean).map((says) => h("p", { dir: "auto" }, says))]));
    } }, source, h("datalist", { id: "why-sources" }, known.map((one) => h("option", { value: one }))), quote, h("button", { type: "submit" }, "Where was it lost?"));
    return h("section", { class: "expecting" }, h("h3", {}, "Did you expect another passage?"), form, told);
  }
}

if (!customElements.get("citewise-why")) customElements.define("citewise-why", Why);
const why = (chat, id) => (document.querySelector("citewise-why") ?? document.body.appendChild(h("citewise-why"))).open(chat, id);

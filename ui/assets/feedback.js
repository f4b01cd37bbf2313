/* Under an answer: whether it is right, what is wrong, which passage is, and a gold case of it.
 *
 * <citewise-feedback>  stands in a conversation, whose .server has judge() and save_case(). Its `exchange` is the one it is about.
 *                      Events: "judged" {id, verdict}. A verdict stays with the exchange, which is told of anew ("exchange").
 * <citewise-passage>   at the foot of an open source, while somebody looks for the right passage: what is selected, taken over. */

const REASONS = {
  answered: [["wrong", "Wrong"], ["incomplete", "Incomplete"], ["wrong_source", "Wrong source"], ["should_have_refused", "Should have refused"]],
  not_in_documents: [["refused_wrongly", "Refused wrongly: the documents say it"]],
};
const feedbackSheet = styled(STYLES_FEEDBACK);  // one for all, as there is one under every answer
const TAKES_PART = 20;  // earlier exchanges that are kept with a verdict
Object.assign(ICONS, {
  thumb: "M5 7.2l2.9-5.4c1.1 0 1.8.9 1.6 1.9L9 6.2h3.5c.9 0 1.5.8 1.3 1.6l-1 4.3c-.2.7-.8 1.2-1.5 1.2H5zM2.2 7.2H5v6.1H2.2z",
  done: "M3 8.5l3.2 3.2L13 4.8",
});
const NO_SERVER = "The server does not answer. Try again.";
const asked = (call) => call.catch(() => ({ error: NO_SERVER }));

let picking = null;  // the form for which a passage is looked for

class Feedback extends Element {
  exchange = null;
  #known = [];
  #picked = null;
  #told = h("span", { class: "told", role: "status" });
  #up = this.#thumb("up", "This answer is right", () => this.#right());
  #down = this.#thumb("down", "Something is wrong with this answer", () => this.#toggle());
  #save = h("button", { type: "button", class: "quiet", hidden: true, click: () => this.#case() }, "Save as a gold case");
  #reasons = h("div", { class: "reasons", role: "radiogroup", "aria-label": "What is wrong?" });
  #passages = h("div", { class: "passages", role: "radiogroup", "aria-label": "The right passage" });
  #where = h("fieldset", {}, h("legend", {}, "The right passage ", h("small", {}, "if the documents hold it")), this.#passages,
    h("p", { class: "hint" }, "Or open a source and select the words in it."));
  #note = h("textarea", { rows: 2, maxlength: 10000, "aria-label": "Note", placeholder: "Anything else (optional)" });
  #problem = h("p", { class: "notice error", role: "alert", hidden: true });
  #form = h("form", { hidden: true, submit: (event) => { event.preventDefault(); this.#wrong(); },
    keydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); this.#close(); } } },
    h("fieldset", {}, h("legend", {}, "What is wrong?"), this.#reasons), this.#where, this.#note, this.#problem,
    h("p", { class: "choices" }, h("button", { class: "main" }, "Keep"), h("button", { type: "button", click: () => this.#close() }, "Cancel")),
    h("p", { class: "hint" }, "Kept on this machine with the question and its answer; whoever uses this page can see it."));
  #words = h("input", { maxlength: 500, "aria-label": "Words that a right answer must contain", autocomplete: "off" });
  #lack = h("p", { class: "notice error", role: "alert", hidden: true });
  #expect = h("form", { class: "expect", hidden: true, submit: (event) => { event.preventDefault(); this.#expected(); } },
    h("p", {}, "Which words of the passage must a right answer contain? ", h("small", {}, "“|” parts other words for the same, “&” things that must all be there.")),
    this.#lack, h("p", { class: "answering" }, this.#words, h("button", { class: "main" }, "Save")));

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(feedbackSheet);
    this.shadowRoot.append(h("div", { class: "bar" }, this.#up, this.#down, this.#told, this.#save), this.#form, this.#expect);
  }

  connectedCallback() { if (this.exchange) this.#mark(); }
  disconnectedCallback() { if (picking === this) this.#close(); }

  get chat() { return this.getRootNode().host; }

  /** Takes over words of a source as the right passage. */
  pick(passage) {
    this.#picked = passage;
    this.#list(0);
    this.#passages.querySelector("input").focus();
    this.#form.scrollIntoView({ block: "nearest" });
  }

  #thumb(name, says, click) {
    return h("button", { type: "button", class: `thumb ${name}`, "aria-label": says, title: says, "aria-pressed": "false", click }, icon("thumb"));
  }

  #mark() {
    const { verdict } = this.exchange;
    this.#up.setAttribute("aria-pressed", String(verdict === "right"));
    this.#down.setAttribute("aria-pressed", String(Boolean(verdict) && verdict !== "right"));
    this.#save.hidden = !verdict;
  }

  #tell(...says) { this.#told.replaceChildren(...says.flatMap((one) => one instanceof Node ? one : nodes(one))); }

  #toggle() {
    if (!this.#form.hidden) return this.#close();
    const { answer, verdict } = this.exchange, radio = (name, value, checked, ...label) =>
      h("label", {}, h("input", { type: "radio", name, value, checked, change: () => this.#fit() }), h("span", { dir: "auto" }, label));
    this.#reasons.replaceChildren(...REASONS[answer.status].map(([value, says], n, all) =>
      radio("verdict", value, value === verdict || all.length === 1, says)));
    this.#known = [...answer.citations, ...answer.related].map(({ source, quote, text, ...at }) => ({ source, quote: quote ?? text, where: place(at) }));
    this.#list(-1);
    this.#expect.hidden = true;
    this.#form.hidden = false;
    picking = this;
    this.#fit();
    this.#tell();
    this.#reasons.querySelector("input").focus();
    this.#form.scrollIntoView({ block: "nearest" });
  }

  /** The passages that can be chosen, what was selected in a source first. */
  #list(checked) {
    this.#passages.replaceChildren(...this.#choices().map(({ source, quote, where }, n) => h("label", { class: "passage" },
      h("input", { type: "radio", name: "right", value: n, checked: n === checked }),
      h("span", {}, h("b", {}, fileName(source)), where && h("small", {}, ` ${where}`), h("q", { dir: "auto" }, quote)))));
  }

  #choices() { return [this.#picked, ...this.#known].filter(Boolean); }

  #fit() { this.#where.hidden = this.#value("verdict") === "should_have_refused"; }

  #value(name) { return this.#form.querySelector(`input[name=${name}]:checked`)?.value; }

  #close() {
    const inside = this.#form.contains(this.shadowRoot.activeElement);
    this.#form.hidden = true;
    this.#problem.hidden = true;
    if (picking === this) picking = null;
    if (inside) this.#down.focus();
  }

  async #right() {
    this.#close();
    await this.#keep({ verdict: "right" }, "Kept: right.");
  }

  async #wrong() {
    const verdict = this.#value("verdict"), chosen = this.#choices()[this.#value("right")];
    if (!verdict) return this.#fail("Choose what is wrong.");
    const right = chosen && !this.#where.hidden ? { source: chosen.source, quote: chosen.quote } : null;
    const says = REASONS[this.exchange.answer.status].find(([value]) => value === verdict)[1].toLowerCase();
    if (await this.#keep({ verdict, right, note: this.#note.value }, `Kept: ${says}.`)) this.#close();
  }

  #fail(says, where = this.#problem) {
    where.replaceChildren(icon("warn"), h("span", {}, says));
    where.hidden = false;
  }

  /** Sends a verdict with the exchange that it is about, since the server may have been started anew meanwhile. */
  async #keep(given, says) {
    const { id, question, answer } = this.exchange, { trace, ...shape } = answer;
    const history = this.chat.history(id).slice(-TAKES_PART);
    this.given = given;
    const kept = await asked(this.chat.server.judge({ exchange: { id, question, history, answer: shape }, ...given }));
    if (kept.error) {
      if (this.#form.hidden) this.#tell(kept.error); else this.#fail(kept.error);
      return false;
    }
    this.exchange.verdict = given.verdict;
    if (!given.expected) this.#expect.hidden = true;
    this.#mark();
    this.#tell(says);
    this.emit("exchange", { exchange: this.exchange });
    this.emit("judged", { id, verdict: given.verdict });
    return true;
  }

  async #case() {
    const saved = await asked(this.chat.server.save_case({ id: this.exchange.id, question: this.exchange.question }));
    const first = this.#expect.hidden, other = saved.needs === "other_words";
    this.#expect.hidden = !other && saved.needs !== "words";
    this.#lack.hidden = true;
    if (!this.#expect.hidden) {
      this.#tell();
      if (other) this.#fail(saved.error, this.#lack);
      if (!first) return;  // what was typed meanwhile stays
      this.#words.value = saved.proposed;
      this.#words.select();
    } else if (saved.needs === "passage") {
      if (this.#form.hidden) this.#toggle();
      this.#fail(saved.error);
    } else if (saved.error) this.#tell(saved.error);
    else {
      this.#save.hidden = true;
      this.#tell(icon("done"), " Saved as a gold case. ", h("button", { type: "button", class: "link", title: saved.path, click: () => this.emit("view", { name: "quality" }) }, "See your cases"));
      this.emit("judged", { id: this.exchange.id });
    }
  }

  async #expected() {
    if (!this.#words.value.trim()) return;
    const given = this.given ?? { verdict: this.exchange.verdict }, save = this.#expect.querySelector("button");
    save.disabled = true;
    try {
      if (await this.#keep({ ...given, expected: this.#words.value }, "")) await this.#case();
    } finally {
      save.disabled = false;
    }
  }
}

/** What is selected in the source that is open, to be taken as the right passage. */
class Passage extends Element {
  #selected = null;
  #quote = h("q", { dir: "auto" });

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(feedbackSheet);
    this.shadowRoot.append(h("div", { class: "taking" }, this.#quote,
      h("button", { type: "button", class: "main", pointerdown: (event) => event.preventDefault(), click: () => this.#take() }, "Use as the right passage")));
  }

  show(selected) {
    this.hidden = !selected;
    this.#selected = selected;
    this.#quote.replaceChildren(...nodes(selected?.quote ?? ""));
  }

  #take() {
    const form = picking, panel = this.parentNode;
    const selected = this.#selected;
    getSelection().removeAllRanges();
    this.show(null);
    if (panel.matches(":modal")) panel.querySelector(".close").click();
    form?.pick(selected);
  }
}

document.addEventListener("selectionchange", () => {
  const panel = picking?.chat?.shadowRoot.querySelector("dialog.panel[open]");
  if (!panel) return;
  const root = panel.getRootNode(), selection = root.getSelection?.() ?? getSelection();
  const quote = selection.toString().trim(), inside = panel.querySelector(".text").contains(selection.anchorNode);
  const bar = panel.querySelector("citewise-passage") ?? panel.appendChild(h("citewise-passage", { hidden: true }));
  bar.show(quote && inside ? { source: panel.dataset.source, quote } : null);
});

if (!customElements.get("citewise-feedback")) {
  customElements.define("citewise-feedback", Feedback);
  customElements.define("citewise-passage", Passage);
}

TOOLS.push((exchange, chat) => {
  if (!chat.server?.judge || exchange.state !== "done" || !REASONS[exchange.answer?.status]) return null;
  const node = h("citewise-feedback", { "data-id": exchange.id, "data-run": exchange.run });
  node.exchange = exchange;
  return node;
});

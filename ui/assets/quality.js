/* How good the answers are: evaluations over gold questions, what people said of answers, what the documents lack.
 *
 * <citewise-quality>  show() looks everything up and keeps looking while the view is open; hide() ends that. Its .server has
 *                     quality(), evaluate({gold}), evaluation(), end_evaluation(), failed_case({id}), report_file(), save_case({id}),
 *                     drop_case({id}). Events: "new" and "ask" {question, history} ask a question again, "view" {name}. */

const SETS = { own: "Your cases", samples: "The bundled questions" };
const VERDICTS = { right: "Right", wrong: "Wrong", incomplete: "Incomplete", wrong_source: "Wrong source",
  should_have_refused: "Should have refused", refused_wrongly: "Refused wrongly" };
const MEASURES = { correct: "Correct", hit_at_5: "Right passage among the first five", evidence_cited: "Right passage cited",
  refused_answerable: "Refused, though the documents say it", answered_unanswerable: "Answered, though they do not",
  balanced_accuracy: "Answers and refuses where it should" };
const FIRST_CASES = 10;  // that are listed before somebody asks for all
const BUSY_EVERY = 800, IDLE_EVERY = 4000;  // milliseconds between two looks
const when = (iso) => new Date(iso).toLocaleString("en", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

class Quality extends Element {
  server = null;
  #data = null;
  #gold = "";
  #where = "";
  #open = new Set();
  #cases = new Map();
  #sure = "";
  #problem = "";
  #at = "";
  #timer = 0;
  #request = 0;
  #root = h("div", { class: "quality" });

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_QUALITY));
    this.shadowRoot.append(this.#root);
  }

  mounted({ server }) {
    this.server = server;
    document.addEventListener("view", ({ detail }) => detail.name === "quality" ? this.show() : this.hide());
    if (document.body.dataset.view === "quality") this.show();
  }

  show() {
    this.#problem = "";
    return this.#load();
  }

  async #load() {
    const request = (this.#request += 1);
    if (!this.#data) this.#root.replaceChildren(h("p", { class: "working", role: "status" }, "Looking at the last evaluation", h("i"), h("i"), h("i")));
    const data = await asked(this.server.quality({}));
    if (request !== this.#request) return;
    if (data.error) [this.#problem, this.#at] = [data.error, ""];
    else {
      if (data.report.started !== this.#data?.report.started) { this.#cases.clear(); this.#where = ""; }
      this.#data = data;
    }
    this.#draw();
    this.#later();
  }

  hide() {
    this.#request += 1;
    clearTimeout(this.#timer);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), this.#data?.run?.running ? BUSY_EVERY : IDLE_EVERY);
  }

  /** Whether an evaluation goes on, which another tab may have begun; when one has ended, everything is looked up. */
  async #look() {
    const request = this.#request, { run, error } = await asked(this.server.evaluation({}));
    if (request !== this.#request) return;
    const running = this.#data?.run?.running;
    if (!error && this.#data) {
      this.#data.run = run;
      if (running && !run?.running) return this.show();
      if (running || run?.running) this.#draw();
    } else if (!this.#data) return this.show();
    this.#later();
  }

  /** Does something, at an item of a list where that has an `id`; what goes wrong is told there. */
  async #act(call, id = "") {
    const { error = "", needs } = await asked(call);
    this.#problem = needs ? `${error} Do so under the answer, in the chat.` : error;
    this.#at = id;
    await this.#load();
  }

  #wrong(id = "") {
    return this.#at === id && this.#problem && h("p", { class: "notice error", role: "alert" }, icon("warn"), h("span", { class: "lines" }, this.#problem));
  }

  async #save() {
    const { name, html, error } = await asked(this.server.report_file({}));
    if (error) return this.#act(Promise.resolve({ error }));
    download(name, new Blob([html], { type: "text/html" }));
  }

  #ask(question, history = []) {
    this.emit("new");
    this.emit("ask", { question, history });
  }

  #chosen() {
    const known = this.#data.golds.filter(({ n }) => n).map(({ name }) => name);
    return known.includes(this.#gold) ? this.#gold : known[0];
  }

  /** Draws what has changed; what somebody has opened, or stands at, stays. */
  #draw() {
    if (!this.#data) return this.#root.replaceChildren(this.#wrong());
    const { report, feedback, gaps } = this.#data, focused = this.shadowRoot.activeElement?.dataset.key;
    patch(this.#root, [
      h("header", {}, h("h1", {}, "Quality"), h("p", { class: "lead" }, "Questions whose right answer is known are asked again, so that you see what works, and whether a change helped.")),
      this.#evaluation(),
      this.#report(report),
      this.#cases_(feedback),
      this.#feedback(feedback),
      this.#gaps(gaps),
    ].filter(Boolean));
    if (focused && !this.shadowRoot.activeElement) this.shadowRoot.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #button(says, click, style = "", more = {}) {
    return h("button", { type: "button", class: style, "data-key": says, click, ...more }, says);
  }

  /** A part that can be opened; that it is open outlives a redraw. */
  #fold(key, summary, content, style = "") {
    const open = this.#open.has(key);
    return h("details", { class: style, open }, h("summary", {
      "data-key": key,
      click: (event) => {
        event.preventDefault();
        this.#open[this.#open.has(key) ? "delete" : "add"](key);
        this.#draw();
      } }, summary), open && content());
  }

  // -- an evaluation

  #evaluation() {
    const { golds, run, feedback } = this.#data, whole = golds.filter(({ n }) => n), broken = golds.filter(({ error }) => error);
    const chosen = this.#chosen(), busy = run?.running;
    return h("section", { class: "card run", "aria-label": "Evaluation" },
      broken.map(({ error }) => h("p", { class: "notice error", role: "alert" }, icon("warn"), h("span", { class: "lines" }, error))),
      !golds.length && this.#first(feedback),
      whole.length > 0 && h("div", { class: "start" },
        h("div", { class: "sets", role: "radiogroup", "aria-label": "Questions to ask" }, whole.map(({ name, n }) => h("label", {},
          h("input", { type: "radio", name: "gold", "data-key": `gold.${name}`, value: name, checked: name === chosen, disabled: busy, change: () => { this.#gold = name; this.#draw(); } }),
          h("span", {}, h("b", {}, SETS[name]), h("small", {}, plural(n, "question")))))),
        busy ? this.#button(run.stopping ? "Stopping" : "Stop", () => this.#act(this.server.end_evaluation({})), "plain", { disabled: run.stopping })
          : this.#button("Run the evaluation", () => this.#act(this.server.evaluate({ gold: this.#chosen() })), "main")),
      whole.length > 0 && !golds.some(({ name }) => name === "own") && h("p", { class: "hint" }, "To ask your own: press the thumb under an answer in the chat, then ", h("b", {}, "Save as a gold case"), "."),
      busy && h("div", { class: "progress", role: "status" },
        h("p", {}, run.total ? [h("b", {}, `${run.done.toLocaleString("en")} of ${plural(run.total, "question")}`), run.seconds_left > 0 && ` · ${lasting(run.seconds_left)} left`] : "Getting ready"),
        h("progress", run.total ? { value: run.done / run.total, max: 1, "aria-label": "Evaluation" } : { "aria-label": "Evaluation" }),
        h("p", { class: "hint" }, "You can go on asking meanwhile.")),
      run?.says && h("p", { class: "hint", role: "status" }, run.says),
      run?.error && h("p", { class: "notice error", role: "alert" }, icon("warn"), h("span", { class: "lines" }, run.error)), this.#wrong());
  }

  /** How to come by questions whose answer is known. */
  #first({ path }) {
    return h("div", { class: "first" }, h("h2", {}, "Make your first case"),
      h("ol", {}, h("li", {}, "Ask something in the chat that the documents answer."),
        h("li", {}, "Press the thumb under the answer: up if it is right; down if not, and choose the passage that is."),
        h("li", {}, h("b", {}, "Save as a gold case"), ", then run the evaluation here.")),
      h("p", { class: "choices" }, this.#button("Go to the chat", () => this.emit("view", { name: "chat" }), "main")),
      path && h("p", { class: "hint" }, "Many at once, from a terminal: ", h("code", {}, `citewise eval draft FOLDER --out ${path}`)));
  }

  // -- the last report

  #report(report) {
    if (report.error) return h("section", {}, h("h2", {}, "Last evaluation"), h("p", { class: "notice error", role: "alert" }, icon("warn"), h("span", { class: "lines" }, report.error)));
    if (!report.title) return null;
    const { share, sentences, flipped, headline, held, groups } = report;
    return h("section", { class: "last", "aria-label": "Last evaluation" },
      h("p", { class: "kicker" }, ["Last evaluation", when(report.started), report.gold, report.model].filter(Boolean).join(" · ")),
      h("h2", { class: "title" }, report.title),
      share && h("div", { class: "scale", role: "img", "aria-label": `${Math.round(share.value * 100)} %, 95 % interval ${Math.round(share.low * 100)} to ${Math.round(share.high * 100)} %`,
        style: `--at:${share.value};--low:${share.low};--high:${share.high}` }, h("i"), h("b")),
      sentences.map(({ text, bad }) => h("p", { class: bad ? "bad" : "says" }, text)),
      Object.entries({ wrong: "Newly wrong", right: "Newly right" }).map(([name, says]) => flipped[name].length > 0 && this.#fold(`flip.${name}`,
        `${says}: ${flipped[name].length}`, () => h("ul", { class: "plain" }, flipped[name].map((question) => h("li", { dir: "auto" }, question))))),
      this.#table(headline, report.previous),
      held.length > 0 && h("ul", { class: "held", "aria-label": "What must always hold" }, held.map(({ name, kept, says }) =>
        h("li", { class: kept ? "good" : "bad", title: says }, icon(kept ? "done" : "warn"), name.replaceAll("_", " "), !kept && " broken"))),
      this.#failing(report),
      this.#fold("measures", "All measures", () => [
        Object.entries(groups).map(([name, lines]) => [h("h3", {}, name), this.#table(lines, report.previous)]), h("p", { class: "hint" }, report.timing)]),
      h("p", { class: "choices" }, this.#button("Save the full report (HTML)", () => this.#save(), "plain")));
  }

  #table(lines, previous) {
    const cell = (label, text, style) => h("td", { "data-label": label, class: style }, text);
    const known = lines.filter(({ value }) => value !== "–");
    return h("table", {}, h("thead", {}, h("tr", {}, ["Measure", "Value", "95 % interval", "n", previous && "Before", previous && "Paired p"].filter(Boolean).map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, known.map(({ name, says, value, interval, n, less, before, p, moved }) => h("tr", {},
        h("th", { scope: "row", title: says }, MEASURES[name] ?? name.replaceAll("_", " "), less && h("small", {}, " (less is better)")),
        cell("Value", value, "value"), cell("95 % interval", interval), cell("n", n.toLocaleString("en")),
        previous && cell("Before", before), previous && cell("Paired p", p, moved)))));
  }

  #failing({ cases, lost, listed }) {
    if (!cases.length) return h("p", { class: "says" }, "No question failed.");
    const most = Math.max(...lost.map(({ n }) => n)), all = cases.filter(({ where }) => !this.#where || where === this.#where);
    const shown = this.#open.has("every") ? all : all.slice(0, FIRST_CASES);
    return h("section", { class: "failing" }, h("h2", {}, "What failed, and where"), h("p", { class: "hint" }, listed),
      h("ul", { class: "lost" }, lost.map(({ where, says, n }) => h("li", {}, h("button", { type: "button", "data-key": where, "aria-pressed": String(where === this.#where),
        click: () => { this.#where = this.#where === where ? "" : where; this.#draw(); } },
        h("span", {}, says), h("b", {}, n), h("i", { style: `--n:${n / most}` }))))),
      h("div", { class: "cases" }, shown.map((one) => this.#case(one, lost.find(({ where }) => where === one.where)))),
      shown.length < all.length && h("p", { class: "choices" }, this.#button(`Show all ${all.length}`, () => { this.#open.add("every"); this.#draw(); }, "plain", { "data-key": "every" })));
  }

  #case({ id, question, where, newly, broken }, step) {
    return this.#fold(`case.${id}`, [h("span", { dir: "auto" }, question), h("small", {}, newly && h("b", { class: "bad" }, "right before · "), broken.length > 0 && h("b", { class: "bad" }, `${broken.join(", ")} · `), step?.says ?? where)],
      () => this.#detail(id), "case");
  }

  #detail(id) {
    const known = this.#cases.get(id);
    if (!known) {
      this.#cases.set(id, { waits: true });
      asked(this.server.failed_case({ id })).then((found) => { this.#cases.set(id, found); this.#draw(); });
    }
    if (!known || known.waits) return h("p", { class: "working", role: "status" }, "Reading", h("i"), h("i"), h("i"));
    if (known.error) return h("p", { class: "notice error" }, icon("warn"), known.error);
    const { heading, statements, text, error, lost, wanted, answerable, answers, evidence, found, citations, turns, note } = known;
    return h("div", { class: "detail" },
      turns.length > 0 && h("p", { class: "hint", dir: "auto" }, `Before it: ${turns.map((turn) => turn.question).join(" / ")}`),
      h("p", { class: "step" }, h("b", {}, known.where, "."), " ", error || lost.reason, " ", h("span", {}, lost.remedy)),
      h("div", { class: "both" },
        h("div", {}, h("h4", {}, heading), (statements.length ? statements : [{ text, citations: [] }]).map((one) =>
          h("p", { class: "words", dir: "auto" }, one.text, one.citations.map((number) => [" ", h("span", { class: "number" }, number)]))),
          citations.length > 0 && h("p", { class: "hint", dir: "auto" }, "Cited: ", citations.map(({ number, source, place: at }) => `[${number}] ${fileName(source)}${at ? `, ${at}` : ""}`).join("; "))),
        h("div", {}, h("h4", {}, "Wanted"), !answerable && h("p", { class: "words" }, "A refusal: the documents do not say it."),
          answers.length > 0 && h("p", { class: "words", dir: "auto" }, answers.join("; ")),
          wanted.map(([words, there]) => h("p", { class: there ? "said good" : "said bad" }, icon(there ? "done" : "close"), h("span", { dir: "auto" }, there ? "said: " : "not said: ", words))),
          evidence.length > 0 && h("p", { class: "hint" }, `Its passage: ${found}.`),
          evidence.map(([source, quote]) => h("blockquote", { dir: "auto" }, quote, h("cite", {}, fileName(source)))),
          note && h("p", { class: "hint", dir: "auto" }, note))),
      h("p", { class: "choices" }, this.#button("Ask it again", () => { const { question, turns } = this.#cases.get(id); this.#ask(question, turns); }, "plain", { "data-key": `again.${id}` })));
  }

  // -- cases, verdicts, gaps

  #cases_({ cases = [], n, path }) {
    if (!n) return null;
    return h("section", {}, this.#fold("own", [h("b", {}, "Your cases"), h("small", {}, plural(n, "question"))], () => [
      h("ul", { class: "plain" }, cases.map(({ id, question, answerable, wanted, sources }) => h("li", { class: "item" },
        h("div", {}, h("p", { dir: "auto" }, question), h("p", { class: "hint", dir: "auto" }, answerable ? [wanted.join(" & "), " · ", sources.map(fileName).join(", ")] : "The documents do not say it.")),
        this.#sure === id ? this.#button("Remove it", () => this.#act(this.server.drop_case({ id }), id), "plain bad", { "data-key": `sure.${id}` })
          : h("button", { type: "button", class: "icon", "data-key": `drop.${id}`, "aria-label": `Remove the case: ${question}`, title: "Remove this case", click: () => { this.#sure = id; this.#draw(); } }, icon("close")), this.#wrong(id)))),
      h("p", { class: "hint" }, "Kept in ", h("code", {}, path))]));
  }

  #feedback({ given = [], counts = {}, error }) {
    if (error) return h("section", {}, h("p", { class: "notice error" }, icon("warn"), h("span", { class: "lines" }, error)));
    if (!given.length) return null;
    return h("section", { "aria-label": "What was said of answers" }, h("h2", {}, "What was said of answers"),
      h("ul", { class: "counts" }, Object.entries(VERDICTS).filter(([verdict]) => counts[verdict]).map(([verdict, says]) =>
        h("li", { class: verdict === "right" ? "good" : "flawed" }, h("b", {}, counts[verdict]), says))),
      this.#fold("given", `The last ${given.length}`, () => h("ul", { class: "plain" }, given.map(({ id, question, verdict, note, time, right, case: saved }) => h("li", { class: "item" },
        h("div", {}, h("p", { dir: "auto" }, question),
          h("p", { class: "hint", dir: "auto" }, h("b", { class: verdict === "right" ? "good" : "bad" }, VERDICTS[verdict]), " · ", when(time), right && ` · ${fileName(right)}`, saved && " · a gold case", note && ` · ${note}`)),
        h("div", { class: "choices" },
          !saved && this.#button("Save as a gold case", () => this.#act(this.server.save_case({ id }), id), "plain", { "data-key": `save.${id}` }),
          this.#button("Ask again", () => this.#ask(question), "plain", { "data-key": `ask.${id}` })), this.#wrong(id))))));
  }

  #gaps(gaps) {
    if (gaps?.error) return h("section", {}, h("p", { class: "notice error" }, icon("warn"), gaps.error));
    const title = h("h2", {}, "What the documents lack");
    if (!gaps) return h("section", { class: "gaps" }, title, h("p", { class: "hint" }, "Questions are not logged, so nothing is known of what people ask in vain. In ", h("code", {}, "citewise.toml"),
      " this switches it on, for this machine alone: ", h("code", {}, "[log] questions = true")));
    if (!gaps.groups) return h("section", { class: "gaps" }, title, h("p", { class: "hint" }, gaps.asked ? `${plural(gaps.asked, "question")} asked, all answered.` : "No question was asked so far."));
    return h("section", { class: "gaps" }, title,
      h("p", { class: "hint" }, `${plural(gaps.asked, "question")} since ${when(gaps.since)}; ${gaps.open.toLocaleString("en")} not answered.`),
      h("ul", { class: "plain" }, gaps.gaps.map(({ count, last, examples, advice }) => h("li", { class: "item" },
        h("div", {}, h("p", { dir: "auto" }, examples[0], examples.length > 1 && h("small", {}, ` and ${plural(examples.length - 1, "other wording")}`)),
          h("p", { class: "hint", dir: "auto" }, h("b", {}, plural(count, "time")), ` · last ${when(last)} · ${advice}`)),
        h("div", { class: "choices" }, this.#button("Ask again", () => this.#ask(examples[0]), "plain", { "data-key": `gap.${examples[0]}` }))))));
  }
}

if (!customElements.get("citewise-quality")) customElements.define("citewise-quality", Quality);

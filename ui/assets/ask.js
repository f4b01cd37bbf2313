/* The question box of the chat page, and what ties the conversation beside it to the server.
 *
 * <citewise-ask>  stands beside a <citewise-chat>. Listens on the document for "ask" {question, id?, writer?, history?}, "open" {exchanges, exchange},
 *                 "new", "merged" {exchange} from another tab, "draft" {question} for the box, and "scope" {only}: patterns of the files that may answer; empty, all may. */

const HISTORY = 20;  // earlier exchanges that a question is sent with
const DRAFT = "citewise-draft";
/** A name that nobody guesses. */
const token = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What stands in the box, over a reload of this tab; with a `text`, keeps it. A browser may keep nothing. */
const draft = (text) => {
  try { return text == null ? sessionStorage.getItem(DRAFT) : sessionStorage.setItem(DRAFT, text); } catch { return null; }
};

class Ask extends Element {
  #chat = null;
  #trigger = null;
  #run = "";
  #asked = null;
  #away = 0;
  #invited = "";
  #offered = new Set();  // to go on with, in this conversation
  #box = h("textarea", { rows: 1, "aria-label": "Your question", placeholder: "Ask about your documents", enterkeyhint: "send", autocomplete: "off",
    input: () => this.#resize(),
    keydown: (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#send(); } } });
  #button = h("button", { type: "button", class: "send", click: () => this.#run ? this.stop() : this.#send() }, "Ask");
  #scope = h("citewise-scope", {});
  #writer = h("select", { "aria-label": "Who writes the answer", hidden: true, focus: () => this.#reach(), change: () => this.#reach(), blur: () => this.#writer.value === "quotes" && this.#model.replaceChildren() });
  #model = h("p", { class: "model", role: "status" });

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_ASK));
    this.shadowRoot.append(h("div", { class: "composer" }, h("div", { class: "field" }, this.#box, this.#button),
      h("div", { class: "options" }, this.#scope, this.#writer), this.#model));
  }

  mounted({ props, server, trigger, watch }) {
    const chat = this.#chat = this.parentNode.querySelector("citewise-chat");
    this.#trigger = trigger;
    chat.server = server;
    chat.correct = (id) => edit(chat, id, chat.exchange(id).answer.understood_as);
    chat.shadowRoot.adoptedStyleSheets.push(styled(STYLES_TOOLS));
    this.#scope.choices = () => server.choices({});
    server.writer({}).then((writer) => this.#writers(writer));
    watch("value", () => {
      if (props.value?.run !== this.#run) return;  // another may be under way from before
      this.#away = 0;
      chat.show(props.value);
    });
    chat.addEventListener("halt", ({ detail }) => server.halt(detail));
    chat.addEventListener("stop", () => this.stop());
    chat.addEventListener("panel", ({ detail }) => document.body.classList.toggle("cw-reading", detail.open));
    chat.addEventListener("exchange", ({ detail }) => this.#settled(detail.exchange));
    document.addEventListener("ask", ({ detail }) => {
      if (this.#run) this.stop();
      this.ask(detail);
    });
    document.addEventListener("new", () => this.#clear());
    document.addEventListener("open", ({ detail }) => this.#open(detail.exchanges, detail.exchange));
    document.addEventListener("merged", ({ detail }) => chat.show({ ...detail.exchange, kind: "stored" }));
    document.addEventListener("draft", ({ detail }) => this.#fill(detail.question));
    document.addEventListener("scope", ({ detail }) => {
      this.#scope.only = detail.only;
      this.emit("view", { name: "chat" });
      this.#box.focus();
    });
    document.addEventListener("library", ({ detail }) => { this.#reached(!detail.away); this.#invite(detail); });
    document.addEventListener("indexed", async () => chat.suggest(await server.examples({})));
    // What was asked last too: Gradio loads the page anew when a server that went away is back.
    addEventListener("pagehide", () => draft(this.#box.value || (this.#run && this.#asked.question)));
    this.#fill(draft() ?? "");
    this.#box.focus();
  }

  /** Asks a question; with the `id` of an exchange, in its place. */
  ask({ question, id = token(), writer = this.#writer.value || undefined, history = this.#chat.history(id).slice(-HISTORY),
    only = this.#chat.exchange(id)?.only ?? this.#scope.only }) {
    question = question.trim();
    if (!question || this.#run) return;
    this.emit("view", { name: "chat" });
    if (this.#box.value.trim() === question) this.#empty();
    this.#busy(token());
    const asked = this.#asked = { id, run: this.#run, question, writer, only };
    this.#chat.show({ kind: "exchange", ...asked, asked_at: new Date().toISOString(), state: "busy" });
    this.#trigger("submit", { ...asked, history });
  }

  /** Gives up an answer whose server was not reached twice in a row. */
  #reached(reached) {
    this.#away = reached ? 0 : this.#away + 1;
    if (this.#away < 2 || !this.#run) return;
    const error = { message: "The server does not answer.", remedy: "Your question is kept. When Citewise runs again, this page comes back by itself.", again: true };
    this.#chat.show({ kind: "exchange", ...this.#asked, state: "error", error });
  }

  /** Leads to the documents where there are none to ask. */
  #invite({ files, progress, broken, away }) {
    const says = away ? this.#invited : broken ? "See what is wrong with the index" : files || progress ? "" : "Add documents";
    if (says === this.#invited) return;
    this.#invited = says;
    this.#chat.invite(says && h("p", { class: "choices" }, h("button", { type: "button", click: () => this.emit("documents") }, says)));
  }

  stop() {
    this.#chat.stop();
    this.#busy("");
  }

  #send() {
    this.ask({ question: this.#box.value });
  }

  async #settled({ id, run, state, question, answer }) {
    if (run !== this.#run) return;
    this.#busy("");
    if (state === "error") this.#fill(question);
    if (state !== "done" || answer.status === "about_assistant") return;
    const sources = [...new Set([...answer.citations, ...answer.related].map(({ source }) => source))];
    const questions = await this.#chat.server.go_on({ question, sources }).catch(() => []);
    if (this.#run) return;
    const said = new Set([...this.#offered, ...this.#chat.history().map((one) => one.question)]), fresh = questions.filter((one) => !said.has(one));
    fresh.forEach((one) => this.#offered.add(one));
    this.#chat.offer(id, fresh);
  }

  /** Lets people choose between the language model that is configured and quotes, where there is one. */
  #writers({ name, writes }) {
    if (!name) return;
    this.#chat.model = name;
    this.#writer.hidden = false;
    this.#writer.replaceChildren(h("option", { value: "model", selected: writes }, name), h("option", { value: "quotes", selected: !writes }, "Quotes, word for word"));
  }

  /** Looks whether the model can be reached, and says so where it cannot. */
  async #reach() {
    const { reached, says } = await this.#chat.server.reach({}).catch(() => ({ reached: true }));
    this.#model.replaceChildren(...nodes(reached ? "" : `Not reachable now: ${says}`));
  }

  #clear() {
    this.stop();
    this.#offered.clear();
    this.#chat.show({ kind: "clear" });
    this.#empty();
    this.#box.focus();
  }

  #open(exchanges, id) {
    this.stop();
    this.#offered.clear();
    this.#chat.open(exchanges, id);
  }

  /** Puts a question into the box, unless something stands there. */
  #fill(question) {
    this.#box.value ||= question;
    this.#resize();
  }

  #empty() {
    this.#box.value = "";
    this.#resize();
  }

  #busy(run) {
    this.#run = run;
    this.#button.textContent = run ? "Stop" : "Ask";
    this.#button.classList.toggle("stop", Boolean(run));
  }

  #resize() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
  }
}

if (!customElements.get("citewise-ask")) customElements.define("citewise-ask", Ask);

/* <citewise-widget>: the conversation on a page of another site, as a button that opens it or, with "inline", in its place.
 *
 * Attributes: "widget-id" names it to the server that this script came from ("server": to another one); "heading";
 * "questions": some to begin with, separated by "|"; "open": without waiting for the button.
 * Methods: open(), close(), ask(question), clear(). The conversation lives as long as the page. */

const frameSheet = styled(FRAME);
const TURNS = 6;  // earlier exchanges that a question is sent with
Object.assign(ICONS, {
  ask: "M2.5 3.5h11v7.5H7.5L4.5 13.5V11h-2z M5.2 6.2h5.6 M5.2 8.4h3.4",
  fresh: "M8 3v10M3 8h10",
});

/** The events of a stream: pairs of name and data. */
async function* eventsOf(body) {
  let rest = "";
  for (const reader = body.pipeThrough(new TextDecoderStream()).getReader();;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n");
      if (name.startsWith("event: ")) yield [name.slice(7), JSON.parse(data.slice(6))];
    }
  }
}

/** An answer that grows by an event. */
const grown = (answer, name, data) => {
  const { text, statements, citations } = answer ?? { text: "", statements: [], citations: [] };
  switch (name) {
    case "final": return data;
    case "delta": return { status: "answered", text: text + data.text, statements, citations };
    case "statement": return { status: "answered", text, statements: [...statements, data], citations: [...citations, ...data.new_citations] };
    case "restart": return null;
    default: return answer;
  }
};

/** What went wrong in the server, as the conversation tells it. */
const told = ({ detail, remedy, status }, wait) => ({
  message: detail ?? `The assistant failed (${status}).`,
  remedy: wait ? `You can ask again in ${plural(Number(wait), "second")}.` : remedy,
  again: true, avoidable: status === 502,
});

class Widget extends Element {
  #chat = h("citewise-chat", { compact: true, heading: "" });
  #scroll = h("div", { class: "scroll" }, this.#chat);
  #box = h("textarea", { rows: 1, "aria-label": "Your question", placeholder: "Ask a question", enterkeyhint: "send", autocomplete: "off", maxlength: 4000,
    keydown: (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#send(); } } });
  #button = h("button", { type: "button", click: () => this.#asking ? this.stop() : this.#send() }, "Ask");
  #launch = null;
  #frame = null;
  #asking = null;
  #turns = [];
  #count = 0;
  #runs = 0;

  connectedCallback() {
    if (this.#frame) return;
    this.shadowRoot.adoptedStyleSheets.push(frameSheet);
    const heading = this.getAttribute("heading") || "Ask the documents", inline = this.hasAttribute("inline");
    const button = (name, label, click) => h("button", { type: "button", "aria-label": label, title: label, click }, icon(name));
    this.#frame = h(inline ? "section" : "dialog", { class: "frame", "aria-label": heading, keydown: (event) => this.#keys(event) },
      h("div", { class: "main" },
        h("header", { class: "head" }, h("h2", {}, heading),
          button("fresh", "New conversation", () => this.clear()), !inline && button("close", "Close", () => this.close())),
        this.#scroll, h("div", { class: "ask" }, this.#box, this.#button)));
    this.#launch = inline ? null : h("button", { type: "button", class: "launch", "aria-haspopup": "dialog", click: () => this.open() }, icon("ask"), heading);
    this.shadowRoot.append(...[this.#launch, this.#frame].filter(Boolean));
    this.#chat.scroller = this.#scroll;
    this.#chat.toggleAttribute("modal", inline);
    this.#chat.suggest((this.getAttribute("questions") ?? "").split("|").map((one) => one.trim()).filter(Boolean));
    this.#chat.addEventListener("ask", ({ detail }) => this.#ask(detail));
    this.#chat.addEventListener("panel", ({ detail }) => this.#frame.classList.toggle("reading", detail.open));
    this.#frame.addEventListener("cancel", (event) => { if (event.target === this.#frame) { event.preventDefault(); this.close(); } });
    if (this.hasAttribute("open")) this.open();
  }

  disconnectedCallback() { this.#asking?.abort(); }

  open() {
    if (!this.#launch || this.#frame.open) return;
    if (matchMedia("(max-width: 640px)").matches) this.#frame.showModal(); else this.#frame.show();
    this.#launch.hidden = true;
    this.#box.focus({ preventScroll: true });
  }

  close() {
    if (!this.#frame.open) return;
    this.#frame.close();
    this.#launch.hidden = false;
    this.#launch.focus({ preventScroll: true });
  }

  /** Asks as if it had been typed. */
  ask(question) {
    this.open();
    this.#ask({ question });
  }

  stop() {
    this.#asking?.abort();
    this.#chat.stop();
  }

  clear() {
    this.stop();
    this.#turns = [];
    this.#chat.show({ kind: "clear" });
    this.#box.focus({ preventScroll: true });
  }

  #keys(event) {
    if (event.key === "Escape" && !this.#frame.classList.contains("reading")) this.close();
  }

  #send() {
    const question = this.#box.value.trim();
    if (!question || this.#asking) return;
    this.#box.value = "";
    this.#ask({ question });
  }

  #busy(asking) {
    this.#asking = asking;
    this.#button.textContent = asking ? "Stop" : "Ask";
    this.#button.classList.toggle("stop", Boolean(asking));
  }

  async #ask({ question, id = `${this.#count += 1}`, writer }) {
    if (this.#asking) return;
    const asking = new AbortController(), run = this.#runs += 1;
    const show = (more) => this.#chat.show({ kind: "exchange", id, run, question, answer, ...more });
    let answer = null, error = null;
    this.#busy(asking);
    show({ state: "busy" });
    try {
      for await (const [name, data] of this.#events({ question, history: this.#turns.slice(-TURNS), writer }, asking.signal)) {
        if (name === "error") throw told(data);
        answer = grown(answer, name, data);
        if (name !== "final") { show({ state: "busy" }); continue; }
        this.#turns.push({ question, answer: answer.text });
        return show({ state: "done" });
      }
      throw { message: "The connection broke off.", remedy: "What stands above may be incomplete.", again: true };
    } catch (failure) {
      error = failure instanceof Error ? await this.#unreachable(answer) : failure;
      if (!asking.signal.aborted) show({ state: "error", error });
    } finally {
      if (this.#asking === asking) this.#busy(null);
    }
  }

  async *#events(asked, signal) {
    const response = await fetch(this.#at(`${encodeURIComponent(this.getAttribute("widget-id") ?? "")}/ask`), { method: "POST",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal, credentials: "omit", cache: "no-store" });
    if (!response.ok) throw told(await response.json().catch(() => response), response.headers.get("Retry-After"));
    yield* eventsOf(response.body);
  }

  /** Why nothing came. Where a page may not ask, its browser does not let it read that answer either. */
  async #unreachable(answer) {
    if (!navigator.onLine) return { message: "You are offline.", remedy: "Ask again when you are connected.", again: true };
    if (answer) return { message: "The connection broke off.", remedy: "What stands above may be incomplete.", again: true };
    const there = await fetch(this.#at("widget.js"), { mode: "no-cors", credentials: "omit", cache: "no-store" }).then(() => true, () => false);
    return there
      ? { message: "The assistant does not answer this page.", remedy: `If this site is yours, make a widget for it: citewise widgets add NAME --origin ${location.origin}` }
      : { message: "The assistant cannot be reached.", remedy: "Try again in a moment.", again: true };
  }

  #at(path) {
    const server = this.getAttribute("server");
    return new URL(`widget/${path}`, server ? `${server.replace(/\/*$/, "")}/` : new URL("..", import.meta.url));
  }
}

if (!customElements.get("citewise-widget")) customElements.define("citewise-widget", Widget);

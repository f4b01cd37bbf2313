/* The head of the page: its views, a new conversation, light and dark.
 *
 * <citewise-nav>  rail(open) shows the list of conversations over the page, or hides it. Events: "view" {name}, which it
 *                 also listens to on the document; "new"; "place", as that list comes or goes. */

const VIEWS = { chat: "Chat", documents: "Documents", quality: "Quality" };
const THEME = "citewise-theme";
Object.assign(ICONS, {
  list: "M2 4h12M2 8h12M2 12h8",
  fresh: "M8 3v10M3 8h10",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
});

/** What this browser remembers under a key, where it does; null forgets it. */
const remember = (key, value) => { try { if (value) localStorage.setItem(key, value); else localStorage.removeItem(key); } catch { /* it keeps nothing */ } };
const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

class Nav extends Element {
  #list = null;
  #scrolled = {};
  #views = Object.entries(VIEWS).map(([name, says]) =>
    h("button", { type: "button", class: "view", "data-view": name, click: () => this.emit("view", { name }) }, says));

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_NAV));
    const tool = (name, says, click) => h("button", { type: "button", class: `tool ${name}`, "aria-label": says, title: says, click }, icon(name));
    this.#list = tool("list", "Conversations", () => this.rail(!document.body.classList.contains("cw-rail") || document.body.dataset.view !== "chat"));
    this.shadowRoot.append(
      this.#list,
      h("nav", { "aria-label": "Views" }, this.#views),
      tool("theme", "Light or dark", () => this.#theme(document.body.classList.contains("dark") ? "light" : "dark")),
      tool("fresh", "New conversation", () => this.emit("new")));
  }

  mounted() {
    for (const event of ["new", "open"]) document.addEventListener(event, () => {
      if (document.body.classList.contains("cw-rail")) this.#list.focus();
      this.rail(false);
      this.emit("view", { name: "chat" });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !document.body.classList.contains("cw-rail")) return;
      this.rail(false);
      this.#list.focus();
    });
    document.addEventListener("view", ({ detail }) => this.#show(detail.name));
    document.addEventListener("documents", () => this.emit("view", { name: "documents" }));
    this.#show("chat");
    new MutationObserver(() => this.#theme()).observe(document.body, { attributeFilter: ["class"] });  // Gradio follows the system
    this.#theme();
  }

  #show(name) {
    const focused = document.activeElement?.closest("#cw-chat-view");
    const before = document.body.dataset.view;
    if (before !== name) {  // the views share one scroll bar
      this.#scrolled[before] = scrollY;
      document.body.dataset.view = name;
      scrollTo({ top: this.#scrolled[name] ?? 0, behavior: "instant" });
    }
    for (const view of this.#views) view.setAttribute("aria-current", view.dataset.view === name ? "page" : "false");
    if (focused && name !== "chat") this.#views.find((view) => view.dataset.view === name).focus();
  }

  /** The conversations over the page, where there is no room beside it. */
  rail(open) {
    if (open) this.emit("view", { name: "chat" });
    this.#list.setAttribute("aria-expanded", String(open));
    if (document.body.classList.contains("cw-rail") === open) return;
    document.body.classList.toggle("cw-rail", open);
    this.emit("place");
  }

  #theme(name) {
    if (name) remember(THEME, name);
    const chosen = name ?? remembered(THEME), { classList } = document.body;
    if (chosen && classList.contains("dark") !== (chosen === "dark")) classList.toggle("dark");
  }
}

if (!customElements.get("citewise-nav")) customElements.define("citewise-nav", Nav);

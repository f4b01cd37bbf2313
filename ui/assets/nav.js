/* The head of the page: its views, a new conversation, light and dark.
 *
 * <citewise-nav>  Events: "view" {name}, which it also listens to on the document; "new"; "rail" opens the list of conversations. */

const VIEWS = { chat: "Chat", documents: "Documents", quality: "Quality" };
const THEME = "citewise-theme";
Object.assign(ICONS, {
  list: "M2 4h12M2 8h12M2 12h8",
  fresh: "M8 3v10M3 8h10",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
});

class Nav extends Element {
  #views = Object.entries(VIEWS).map(([name, says]) =>
    h("button", { type: "button", class: "view", "data-view": name, click: () => this.emit("view", { name }) }, says));

  constructor() {
    super();
    this.shadowRoot.adoptedStyleSheets.push(styled(STYLES_NAV));
    const tool = (name, says, click) => h("button", { type: "button", class: `tool ${name}`, "aria-label": says, title: says, click }, icon(name));
    this.shadowRoot.append(
      tool("list", "Conversations", () => document.body.classList.toggle("cw-rail")),
      h("nav", { "aria-label": "Views" }, this.#views),
      tool("theme", "Light or dark", () => this.#theme(document.body.classList.contains("dark") ? "light" : "dark")),
      tool("fresh", "New conversation", () => this.emit("new")));
  }

  mounted() {
    for (const event of ["new", "open"]) document.addEventListener(event, () => {
      document.body.classList.remove("cw-rail");
      this.emit("view", { name: "chat" });
    });
    document.addEventListener("view", ({ detail }) => this.#show(detail.name));
    document.addEventListener("documents", () => this.emit("view", { name: "documents" }));
    this.#show("chat");
    new MutationObserver(() => this.#theme()).observe(document.body, { attributeFilter: ["class"] });  // Gradio follows the system
    this.#theme();
  }

  #show(name) {
    document.body.dataset.view = name;
    for (const view of this.#views) view.setAttribute("aria-current", view.dataset.view === name ? "page" : "false");
  }

  #theme(name) {
    if (name) localStorage.setItem(THEME, name);
    const chosen = localStorage.getItem(THEME), { classList } = document.body;
    if (chosen && classList.contains("dark") !== (chosen === "dark")) classList.toggle("dark");
  }
}

if (!customElements.get("citewise-nav")) customElements.define("citewise-nav", Nav);

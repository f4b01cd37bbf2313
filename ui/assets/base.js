/* The one renderer of citations: a conversation with its source panel, and the state of an index.
 *
 * <citewise-chat>    show(message) draws {kind: "exchange", id, question, state, model, answer, error} (answer: the wire shape)
 *                    or {kind: "clear"}; open(exchanges) draws others instead; suggest(questions) offers questions, invite(node) shows another offer; stop() ends
 *                    what is being answered; history(id) is what was said before an exchange.
 *                    read(item, opener) shows a source that no answer cites: {source, title}. On the chat page .server reads it.
 *                    .tools: functions (exchange, chat) => node, which stands under an answer, or null; exchange(id) is what
 *                    is known of one by then. .correct = (id) => has the question changed that was understood so.
 *                    offer(id, questions): to go on with.
 *                    .scroller: the element that scrolls it, by default that of the page.
 *                    .patience: milliseconds of waiting for a model after which something else is offered.
 *                    With the attribute "compact", for little room; "modal", its panel always covers the page; "heading".
 *                    Events: "ask" {question, id?, writer?}, "halt" {id, run, writer?} ends an answer on the server (or has it
 *                    quoted instead), "stop" asks for what the page does to stop, "exchange" {exchange} has settled, "panel" {open}.
 * <citewise-index>   show(state) draws what is indexed; with the attribute "line", one line of it.
 *                    Events: "documents".
 * The scripts share one scope; assets/__init__.py puts them together with citewise.css, for the chat page and the widget.
 * No framework, no markup from data: every word of a document reaches the page as a text node, and no link is ever made.
 * Texts are cut on the server, whose offsets count code points; here the pieces are only put side by side. */

const styled = (text) => {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
};
const sheet = styled(STYLES);

/** A text as nodes: characters that turn the direction of writing are shown and closed in, so that no text shows another. */
const nodes = (text) => String(text).split(/([\u202a-\u202e\u2066-\u2069])/).filter(Boolean).map((part) => {
  if (!/^[\u202a-\u202e\u2066-\u2069]$/.test(part)) return document.createTextNode(part);
  const node = document.createElement("span");
  node.className = "turns";
  node.title = `U+${part.charCodeAt(0).toString(16).toUpperCase()}: turns the direction of writing`;
  node.textContent = part;
  return node;
});

/** An element; strings among the children become text nodes. Attributes are set by our own code, never named by data. */
const h = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== "")
    .flatMap((child) => child instanceof Node ? child : nodes(child)));
  return node;
};

/** Makes the children of a node equal to others and leaves alone what is equal already: the words that somebody reads,
 * selects or points at stay while an answer grows. */
const patch = (parent, fresh) => {
  for (const [n, node] of fresh.entries()) {
    const old = parent.childNodes[n];
    if (!old) parent.append(node);
    else if (old.isEqualNode(node)) continue;
    else if (old.cloneNode().isEqualNode(node.cloneNode())) patch(old, [...node.childNodes]);
    else old.replaceWith(node);
  }
  while (parent.childNodes.length > fresh.length) parent.lastChild.remove();
};

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  close: "M4 4l8 8M12 4l-8 8",
  previous: "M10 3L5 8l5 5",
  next: "M6 3l5 5-5 5",
  nothing: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14M5.2 7h3.6",
  differ: "M2 5h9l-2.5-2.5M14 11H5l2.5 2.5",
  warn: "M8 2.2L14.5 13.5H1.5zM8 6.5v3.2M8 11.6v.1",
};
const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
};

const fileName = (source) => source.split("/").pop();
const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
/** Where in its file a citation or passage stands, in words; the heading of separated values names their columns. */
const place = ({ source, page, heading, line }) =>
  [page != null && `${/\.pptx$/i.test(source) ? "slide" : "page"} ${page}`, !/\.[ct]sv$/i.test(source) && heading?.replaceAll(" > ", " › "), line != null && `line ${line}`].filter(Boolean).join(" · ");
const ago = (iso) => {
  const minutes = Math.round((Date.now() - Date.parse(iso)) / 60000);
  if (!(minutes >= 1)) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 36 * 60) return `${plural(Math.round(minutes / 60), "hour")} ago`;
  return new Date(iso).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
};

/** A date that is known to the day, the month or the year, in words. */
const day = (iso) => {
  const [year, month, date] = iso.split("-"), known = new Date(iso);
  if (!month || isNaN(known)) return iso;
  return known.toLocaleDateString("en", { year: "numeric", month: "long", day: date && "numeric", timeZone: "UTC" });
};

class Element extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }
  emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

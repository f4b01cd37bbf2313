/* A conversation on paper: HTML that needs nothing else, Markdown, and one answer on the clipboard, all with footnotes.
 * One builder makes HTML of a few tags, Markdown is written from that: no words can be markup in either. */

const Export = (() => {
const NEAR = 300;  // characters shown of a passage that is merely near
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A text whose controls can be seen and do nothing: those that turn the direction of writing as their code points. */
const shown = (text) => String(text).replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\ufffd")
  .replace(/[\u202a-\u202e\u2066-\u2069]/g, (turn) => `⟨U+${turn.charCodeAt(0).toString(16).toUpperCase()}⟩`);
/** Words of a document or a person, which have their own direction. */
const said = (text) => h("bdi", {}, shown(text).split("\n").flatMap((line, n) => n ? [h("br"), line] : [line]));
const moment = (time) => new Date(time).toLocaleString("sv", { dateStyle: "short", timeStyle: "short" });

/** One exchange as HTML; `prefix` tells its footnotes from those of others, `linked` makes links of them. */
const written = ({ question, only, asked_at, at, state, answer, error }, prefix = "", linked = false) => {
  const { understood_as: understood, status, writer, searched, citations = [], conflicts = [], statements = [], related = [] } = answer ?? {};
  const places = new Map(citations.map(({ number }) => [number, []])), refused = status === "not_in_documents";
  const ref = (number) => {
    const label = `${prefix}${number}`, id = `r${label}.${places.get(number)?.push(label)}`;
    return places.has(number) && h("sup", { "data-ref": label, id: linked && id }, linked ? h("a", { href: `#n${label}` }, `${number}`) : `[${number}]`);
  };
  const unverified = (problems = []) => h("strong", {}, `(unverified: not found in the documents${problems.map((one) => `; ${shown(one)}`).join("")})`);
  const piece = ({ text, citations: numbers = [], support, problems }) => [said(text), numbers.map(ref), support === "not_found" && [" ", unverified(problems)]];
  const where = (span) => [said(span.source), place(span) && [", ", said(place(span))]];
  const conflict = ({ about, differs, sides }) => h("blockquote", {},
    h("p", {}, h("strong", {}, "Sources disagree"), about && [": ", said(about)], differs && ` (different ${shown(differs)})`),
    h("ul", {}, sides.map((side) => h("li", {}, said(side.value), side.date && `, as of ${shown(day(side.date))}`, ref(side.citation)))));
  const note = ({ number, quote, sha256, ...span }) => h("li", { "data-note": `${prefix}${number}`, id: linked && `n${prefix}${number}`, value: number },
    where(span), ": “", said(quote), "”", sha256 && ` (sha256 ${shown(sha256.slice(0, 12))})`,
    linked && places.get(number).map((label, n) => [" ", h("a", { href: `#r${label}.${n + 1}`, "aria-label": `Back to the text (${n + 1})` }, "↩")]));
  const checked = statements.filter(({ support }) => support !== "none"), good = checked.filter(({ support }) => support !== "not_found");
  const about = [(asked_at ?? at) && moment(asked_at ?? at), ...(checked.length ? [
    writer === "quotes" ? "quoted from the documents, without a language model" : writer && `written by ${shown(writer)}`,
    `${good.length} of ${plural(checked.length, "sentence")} found in the documents`] : [])].filter(Boolean).join(" · ");
  return h("section", {},
    h("h2", {}, said(question)),
    about && h("p", { class: "about" }, h("em", {}, about)),
    understood && understood !== question && h("p", { class: "about" }, h("em", {}, "Understood as:"), " ", said(understood)),
    only?.length > 0 && h("p", { class: "about" }, h("em", {}, "Asked only of:"), " ", said(only.join(", "))),
    refused && h("p", {}, h("strong", {}, "Not in the documents.")),
    answer && paragraphs(answer).filter((pieces) => pieces.some(({ text }) => text.trim())).map((pieces) => h("p", {}, pieces.map(piece))),
    refused && searched && h("p", {}, `Searched: ${plural(searched.files, "file")}, ${plural(searched.passages, "passage")}.`),
    conflicts.map(conflict),
    refused && related.length > 0 && [h("p", {}, "Nearest passages (they do not answer the question):"),
      h("ul", {}, related.map(({ text, ...span }) => h("li", {}, where(span), ": “", said(text.length > NEAR ? `${text.slice(0, NEAR)}…` : text), "”")))],
    searched?.pending > 0 && h("p", {}, h("em", {}, `Indexing had not ended: ${plural(searched.pending, "passage")} could be found by words only.`)),
    searched?.note && h("p", {}, h("em", {}, shown(searched.note))),
    state === "stopped" && h("p", {}, h("strong", {}, answer ? "Stopped: what stands above may be incomplete." : "Stopped.")),
    error && h("p", {}, h("strong", {}, shown(error.message)), error.remedy && ` ${shown(error.remedy)}`),
    citations.length > 0 && h("ol", {}, citations.map(note)));
};

const conversation = (title, exchanges, linked) => [
  h("h1", {}, said(title)), exchanges.map((exchange, n) => written(exchange, `${n + 1}-`, linked)),
  h("p", { class: "about" }, h("em", {}, `Exported from Citewise, ${moment(Date.now())}. The footnotes quote the files as they were when they were indexed.`)),
];

/** A conversation as one HTML file without scripts; the page's own printing makes a PDF of it. */
const html = (title, exchanges) => `<!doctype html>\n${h("html", { lang: "en" },
  h("head", {}, h("meta", { charset: "utf-8" }), h("meta", { "http-equiv": "Content-Security-Policy", content: POLICY }),
    h("meta", { name: "viewport", content: "width=device-width" }), h("title", {}, shown(title)), h("style", {}, STYLES_EXPORT)),
  h("body", {}, h("main", {}, conversation(title, exchanges, true)))).outerHTML}\n`;

/** Words without what has a meaning in Markdown (CommonMark and GFM). */
const plain = (text) => text.replace(/[\\`*_[\]{}<>#|~&$^@]/g, "\\$&").replace(/:(?=\/\/)/g, "\\:").replace(/\bwww(?=\.)/gi, "$&\\");
const inline = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return plain(node.data);
  const words = [...node.childNodes].map(inline).join("");
  return node.dataset.ref ? `[^${node.dataset.ref}]` : { BR: "\\\n", STRONG: `**${words}**`, EM: `*${words}*` }[node.tagName] ?? words;
};
/** A paragraph: what stands at the beginning of a line there begins no list, no code and no heading. */
const paragraph = (node, indent = "") => inline(node).replace(/^[ \t]+/gm, "").replace(/^([-+=:])/gm, "\\$1").replace(/^(\d{1,9})(?=[.)])/gm, "$1\\")
  .replace(/(\s|\\\n)+$/, "").replaceAll("\n", `\n${indent}`);
const block = (node) => ({
  H1: () => `# ${paragraph(node).replaceAll("\\\n", " ")}`,
  H2: () => `## ${paragraph(node).replaceAll("\\\n", " ")}`,
  P: () => paragraph(node),
  UL: () => [...node.children].map((item) => `- ${paragraph(item, "  ")}`).join("\n"),
  OL: () => [...node.children].map((item) => `[^${item.dataset.note}]: ${paragraph(item, "    ")}`).join("\n\n"),
  BLOCKQUOTE: () => blocks(node.children).replace(/^(?=.)/gm, "> ").replace(/^$/gm, ">"),
  SECTION: () => blocks(node.children),
})[node.tagName]();
const blocks = (list) => [...list].flat().map(block).join("\n\n");
const markdown = (title, exchanges) => `${blocks(conversation(title, exchanges))}\n`;

/** Hands a conversation over as a file. */
const save = (title, ending, type, text) => {
  const name = title.replace(/[^\p{L}\p{M}\p{N} _-]+/gu, " ").replace(/\s+/g, " ").trim().slice(0, 80) || "Conversation";
  download(`${name}.${ending}`, new Blob([text], { type: `${type};charset=utf-8` }));
};

/** Prints a conversation, or has the browser make a PDF of it. */
const print = (title, exchanges) => {
  const frame = h("iframe", { "aria-hidden": "true", style: "position: fixed; width: 0; height: 0; border: 0", srcdoc: html(title, exchanges) });
  frame.addEventListener("load", () => {
    frame.contentWindow.addEventListener("afterprint", () => setTimeout(() => frame.remove()));
    frame.contentWindow.print();
  });
  document.body.append(frame);
};

/** An answer with its footnotes, as Markdown and as HTML. */
const answer = (exchange) => {
  const section = written(exchange);
  return { "text/plain": `${block(section)}\n`, "text/html": section.outerHTML };
};

/** Puts texts on the clipboard, by their types. Fails where the browser does not let it. */
const copy = async (texts) => {
  if (navigator.clipboard?.write) return navigator.clipboard.write([new ClipboardItem(
    Object.fromEntries(Object.entries(texts).map(([type, text]) => [type, new Blob([text], { type })])))]);
  const put = (event) => {  // where the page is not served in a secure context
    event.preventDefault();
    for (const [type, text] of Object.entries(texts)) event.clipboardData.setData(type, text);
  };
  document.addEventListener("copy", put, { once: true });
  if (!document.execCommand("copy")) throw new Error("The clipboard is closed.");
};

return { shown, html, markdown, answer, copy, save, print };
})();

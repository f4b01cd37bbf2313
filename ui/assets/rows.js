/* Rows of tables among the statements of an answer: with their cells below each other, under the names of their columns. */

const CELLS = " | ";
const cellsOf = (line) => line.replace(/^\s*\|\s?|\s?\|\s*$/g, "").split(/(?<= )\|(?= )/).map((cell) => cell.trim());  // an empty one may have one space

/** The first line of the table that goes on behind `before`, where that shows it whole; it names the columns. */
const columnsBefore = (before, count) => {
  const lines = before.split("\n").slice(0, -1), at = lines.findLastIndex((line) => cellsOf(line).length !== count && !/^(?=.*\|)[\s|:-]+$/.test(line));
  return at > 0 && at < lines.length - 1 && cellsOf(lines[at]).length === 1 ? cellsOf(lines[at + 1]) : null;  // the first may be cut, a row may lack its last cells
};

/** A row of separated values, where one sign alone may have parted it, or where commas would be decimal ones; else undefined. */
const partedOf = (text, count) => {
  const [cells, other] = ["\t", ";", ","].map((sign) => text.split(sign)).filter(({ length }) => length > 1 && length === count);
  return text.includes('"') || (other && /(?<!\d),|,(?!\d)/.test(text)) ? undefined : cells;
};

/** A statement that quotes one row of a table as {cells, columns}, columns null where they are not known; null for any other. */
const rowOf = ({ text, support }, { source, quote, before = "", heading, line } = {}) => {
  if (support !== "verbatim" || text !== quote || text.includes("\n")) return null;
  if (/\.[ct]sv$/i.test(source)) {
    const columns = heading?.split(CELLS) ?? [], cells = partedOf(text, columns.length);
    return cells ? { cells, columns } : null;
  }
  const cells = cellsOf(text), columns = columnsBefore(before, cells.length);
  return cells.length > 1 && (columns || line == null || /\|\s*$/.test(before)) ? { cells, columns } : null;  // or it may be a command line
};

/** Rows {cells, columns, chips} that follow each other, as one table for each kind of columns. */
const tabled = (rows) => {
  const tables = [];
  for (const { cells, columns, chips } of rows) {
    const kind = JSON.stringify(columns ?? cells.length);
    if (tables.at(-1)?.kind !== kind) tables.push({ kind, columns, drawn: [] });
    tables.at(-1).drawn.push(h("tr", { class: "statement verbatim" }, cells.map((cell) => h("td", { dir: "auto" }, cell)), h("td", {}, chips)));
  }
  return tables.map(({ columns, drawn }) => h("div", { class: "quoted-rows" }, h("table", {},
    columns && h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col", dir: "auto" }, name)), h("td"))), h("tbody", {}, drawn))));
};

/* What this browser keeps of conversations, in IndexedDB: nobody else sees it, and no server holds it. What cannot be
 * written, where the database is missing or full, is held in memory beside it.
 *
 * conversations  [folder, id]                {schema, title, at, changed, deleted?}   milliseconds since 1970
 * exchanges      [folder, conversation, id]  {schema, at, exchange}   `at` rises within a conversation
 * texts          [folder, conversation, id]  {schema, text}           of an exchange, to be searched without reading it whole */

const Kept = (() => {
const SCHEMA = 1;  // of the database and of each record
const KEYS = { conversations: ["folder", "id"], exchanges: ["folder", "conversation", "id"], texts: ["folder", "conversation", "id"] };
const UNDONE = 60_000;  // milliseconds after which nobody can want a deleted conversation back

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = request.oncomplete = () => resolve(request.result);
  request.onerror = request.onabort = () => reject(request.error);
});

const every = (list, test) => list === undefined || (Array.isArray(list) && list.every((item) => item && test(item)));
const words = (...values) => values.every((value) => typeof value === "string");

/** Whether what was read back has the shape that is drawn; what has not is left alone. */
const SOUND = {
  conversations: ({ id, title, at, changed }) => words(id, title) && Number.isFinite(at) && Number.isFinite(changed),
  texts: ({ id, text }) => words(id, text),
  exchanges: ({ id, at, exchange }) => Number.isFinite(at) && exchange?.id === id && words(id, exchange.question, exchange.state)
    && (!exchange.error || words(exchange.error.message)) && (!exchange.answer || (words(exchange.answer.status, exchange.answer.text)
      && every(exchange.answer.statements, ({ text, citations }) => words(text) && Array.isArray(citations))
      && every(exchange.answer.citations, ({ source, quote }) => words(source, quote))
      && every(exchange.answer.related, ({ source, text }) => words(source, text))
      && every(exchange.answer.conflicts, ({ sides }) => Array.isArray(sides)))),
};

const opened = () => {
  const request = indexedDB.open("citewise", SCHEMA);
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(name, { keyPath });
  };
  return settled(request).then((database) => {
    database.onversionchange = () => database.close();  // a newer page waits for it in another tab
    return database;
  });
};

return class {
  #folder; #database; #failed;
  #memory = new Map();

  /** The conversations about one folder's documents; `failed` is told each time that something cannot be kept
   * or read, and null when all that could not be kept is kept at last. */
  constructor(folder, failed) {
    this.#folder = folder;
    this.#failed = failed;
    this.#database = new Promise((resolve) => resolve(opened()));
    this.#database.catch(() => {});
  }

  /** All conversations, with those that are marked as deleted. */
  conversations() { return this.#all("conversations"); }

  /** Deletes at last what a tab that was closed had only marked. */
  async sweep() {
    for (const { id, deleted } of await this.conversations())
      if (deleted) setTimeout(() => this.remove(id, deleted), Math.max(0, deleted + UNDONE - Date.now()));
  }

  /** The exchanges of a conversation in order, each with its time. */
  async exchanges(id) {
    const records = await this.#all("exchanges", id);
    return records.sort((a, b) => a.at - b.at).map(({ at, exchange }) => ({ ...exchange, at }));
  }

  /** The texts of all exchanges: {conversation, id, text}. */
  texts() { return this.#all("texts"); }

  /** Adds an exchange to a conversation, or replaces the one of its id; the conversation as it is then, or null where the
   * same was kept already. What another tab wrote meanwhile stays. */
  keep(known, { at: _, ...exchange }) {
    const { id } = exchange, key = { schema: SCHEMA, folder: this.#folder, conversation: known.id, id };
    return this.#change(async (stores) => {
      const conversation = await stores.get("conversations", known.id) ?? known;
      const earlier = await stores.get("exchanges", known.id, id);
      if (JSON.stringify(earlier?.exchange) === JSON.stringify(exchange)) return null;
      const changed = Math.max(Date.now(), conversation.changed + 1), record = { ...conversation, schema: SCHEMA, folder: this.#folder, changed };
      stores.put("conversations", record);
      stores.put("exchanges", { ...key, at: earlier?.at ?? changed, exchange });
      stores.put("texts", { ...key, text: [exchange.question, exchange.answer?.text.replace(/\s*\[\d+\]/g, "")].filter(Boolean).join("\n") });
      return record;
    });
  }

  /** Renames a conversation, or marks it as deleted or not; its time stays what it is by now. */
  alter(known) {
    const { id, title, deleted } = known;
    return this.#change(async (stores) => stores.put("conversations", { ...(await stores.get("conversations", id) ?? known), title, deleted }));
  }

  /** Deletes a conversation with all that belongs to it, if it is still `marked` so. */
  remove(id, marked) {
    return this.#change(async (stores) => {
      if ((await stores.get("conversations", id))?.deleted === marked) Object.keys(KEYS).forEach((name) => stores.remove(name, id));
    });
  }

  async #all(name, ...prefix) {
    const found = new Map(), begin = [this.#folder, ...prefix];
    const add = (record) => found.set(JSON.stringify(KEYS[name].map((part) => record[part])), record);
    try {
      const range = IDBKeyRange.bound(begin, [...begin, []]), store = (await this.#database).transaction(name).objectStore(name);
      (await settled(store.getAll(range))).forEach(add);
    } catch (error) { this.#failed(error); }
    for (const [at, record] of this.#memory.values()) if (at === name && begin.every((part, n) => record[KEYS[name][n]] === part)) add(record);
    return [...found.values()].filter((record) => record.schema === SCHEMA && SOUND[name](record));
  }

  /** Reads and writes in one transaction, with what could not be written before; in memory where that fails. */
  async #change(work) {
    try {
      const transaction = (await this.#database).transaction(Object.keys(KEYS), "readwrite"), done = settled(transaction);
      const key = (...parts) => [this.#folder, ...parts], at = (name) => transaction.objectStore(name);
      const held = [...this.#memory.keys()];
      for (const [name, record] of this.#memory.values()) at(name).put(record);
      const [result] = await Promise.all([work({
        get: (name, ...parts) => settled(at(name).get(key(...parts))),
        put: (name, record) => at(name).put(record),
        remove: (name, id) => at(name).delete(KEYS[name].length === 2 ? key(id) : IDBKeyRange.bound(key(id), key(id, []))),
      }), done]);
      held.forEach((one) => this.#memory.delete(one));
      if (held.length) this.#failed(null);
      return result;
    } catch (error) { this.#failed(error); }
    const place = (name, ...parts) => JSON.stringify([name, this.#folder, ...parts]);
    return work({
      get: async (name, ...parts) => this.#memory.get(place(name, ...parts))?.[1],
      put: (name, record) => this.#memory.set(place(name, ...KEYS[name].slice(1).map((part) => record[part])), [name, record]),
      remove: (_, id) => { for (const [one, [name, record]] of this.#memory) if (record[KEYS[name][1]] === id) this.#memory.delete(one); },
    });
  }
};
})();

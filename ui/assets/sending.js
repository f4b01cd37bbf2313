/* Files on their way to the index. Each says what became of it, and none that failed is forgotten: it can be sent again. */

const BATCH = 20;  // files that the index takes over in one go
const sized = (bytes) => bytes == null ? "" : bytes < 1000 ? `${bytes} B`
  : bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** Sends a file to Gradio and returns the path of its copy; `signal` aborts it, `part` hears how much has gone (0 to 1). */
const upload = (file, { signal, part }) => new Promise((done, fail) => {
  const request = new XMLHttpRequest(), form = new FormData();
  const { root = "", api_prefix: prefix = "/gradio_api" } = window.gradio_config ?? {};
  form.append("files", file);
  request.open("POST", `${root}${prefix}/upload`);
  request.upload.onprogress = ({ loaded, total }) => part(total ? loaded / total : 0);
  request.onload = () => request.status === 200 ? done(JSON.parse(request.responseText)[0])
    : fail(new Error(request.status === 413 ? "It is too large." : "The server did not take it."));
  request.onerror = () => fail(new Error("The server does not answer."));
  signal.addEventListener("abort", () => request.abort());
  request.send(form);
});

/** The files of what was dropped, those in folders too; what cannot be read is {name, fault} in their place. */
const dropped = async (transfer) => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (entry.name.startsWith(".")) return;
    try {
      if (entry.isFile) return files.push(await new Promise((done, fail) => entry.file(done, fail)));
      const reader = entry.createReader();
      for (let some; (some = await new Promise((done, fail) => reader.readEntries(done, fail))).length;) for (const one of some) await walk(one);
    } catch { files.push({ name: entry.name, fault: `This browser may not read the ${entry.isFile ? "file" : "folder"}.` }); }
  };
  for (const entry of entries) await walk(entry);
  return files;
};

/** `state` of each item: queued, sending, sent, keeping, then kept (read next), done, bad or cancelled. */
class Sending {
  items = [];
  #running = false; #number = 0;

  /** `send` as `upload`; `keep` hands copies to the index: async ({files: [{path, name}]}) => {outcomes} or {error}. */
  constructor(send, keep, changed) { Object.assign(this, { send, keep, changed }); }

  get active() { return this.items.filter(({ state }) => ["queued", "sending", "sent", "keeping"].includes(state)); }

  add(files, { limit, types }) {
    for (const file of files) {
      const item = { id: ++this.#number, file, name: file.name, size: file.size ?? 0, state: "queued", part: 0, says: "waiting" };
      const suffix = /\.[^.]+$/.exec(file.name)?.[0].toLowerCase();
      const bad = file.fault ? file.fault
        : !types.includes(suffix) ? `Files of this type cannot be read. These can: ${types.join(" ")}`
        : file.size > limit ? `It has ${sized(file.size)}; files of up to ${sized(limit)} are read.`
        : !file.size ? "The file is empty." : "";
      if (bad) Object.assign(item, { state: "bad", says: bad, final: true });
      this.items.push(item);
    }
    this.#run();
  }

  again(id) {
    Object.assign(this.items.find((item) => item.id === id), { state: "queued", part: 0, says: "waiting" });
    this.#run();
  }

  /** Stops one file, or all that are under way; what the index has it keeps. */
  cancel(id) {
    for (const item of this.active) if (item.state !== "keeping" && (id == null || item.id === id)) {
      Object.assign(item, { state: "cancelled", says: "cancelled; not added" });
      item.control?.abort();
    }
    this.changed();
  }

  clear() {
    this.items = this.active;
    this.changed();
  }

  async #run() {
    this.changed();
    if (this.#running) return;
    this.#running = true;
    for (let item; (item = this.items.find(({ state }) => state === "queued"));) {
      await this.#send(item);
      const batch = this.items.filter(({ state }) => state === "sent");
      if (batch.length >= BATCH || !this.items.some(({ state }) => state === "queued")) await this.#keep(batch);
    }
    this.#running = false;
    this.changed();
  }

  async #send(item) {
    item.control = new AbortController();
    Object.assign(item, { state: "sending", says: "being sent" });
    this.changed();
    const stopped = new Promise((_, fail) => item.control.signal.addEventListener("abort", () => fail(new Error())));
    const part = (much) => { item.part = much; this.changed(); };
    try {
      item.path = await Promise.race([this.send(item.file, { signal: item.control.signal, part }), stopped]);
      if (item.state === "sending") Object.assign(item, { state: "sent", part: 1, says: "sent" });
    } catch (error) {
      if (item.state === "sending") Object.assign(item, { state: "bad", says: `${error.message} It was not added.` });
    }
    this.changed();
  }

  async #keep(batch) {
    if (!batch.length) return;
    for (const item of batch) Object.assign(item, { state: "keeping", says: "being taken over" });
    this.changed();
    const files = [...new Map(batch.map(({ path, name }) => [path, { path, name }])).values()];  // the same file twice has one copy
    const answer = await this.keep({ files });
    for (const item of batch) {
      const { source, known, error = answer.error } = answer.outcomes?.[files.findIndex(({ path }) => path === item.path)] ?? {};
      if (error || !source) Object.assign(item, { state: "bad", says: error ?? "The server does not answer." });
      else Object.assign(item, { source, state: known ? "done" : "kept", says: known ? "the same file is there already"
        : fileName(source) === item.name ? "waiting to be read" : `kept as ${fileName(source)}; waiting to be read` });
    }
    this.changed();
  }
}

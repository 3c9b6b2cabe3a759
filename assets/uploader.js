// Takes files from the person and sends them in chunks, each with its offset and SHA-256, so that
// a file of gigabytes needs little memory and goes on where it broke off. What has arrived is
// listed by the server, also after a reload; the store "import-data-uploads" tells the page.
(function () {
  "use strict";
  const RETRIES = 6, FIRST_WAIT_MS = 500, EDGE_BYTES = 65536, MOST_ROWS = 50;
  // Several files at once, since a small one mostly waits for answers; not so many that others
  // who use the site would wait for us.
  const AT_ONCE = 4, ANNOUNCED = 50, DRAW_EVERY_MS = 150;
  const uploads = []; // {key, name, size, received, state, told, file, id}
  let running = false, chunkBytes = 1 << 20, suffixes = [], leftOut = 0, number = 0;

  const root = () => document.getElementById("import-data-uploader");
  const address = (rest) => window.rotorscope.prefix() + "api/v1/uploads" + rest;

  // -- talking to the server
  function csrf() {
    const found = document.cookie.match(/(?:^|;\s*)_csrf_token=([^;]*)/);
    return found ? decodeURIComponent(found[1]) : "";
  }

  async function call(method, rest, body, headers) {
    const answer = await fetch(address(rest), {
      method: method, body: body, credentials: "same-origin", cache: "no-store",
      headers: Object.assign({ "X-CSRFToken": csrf() }, headers),
    });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    let problem = {};
    try { problem = await answer.json(); } catch (error) { /* a proxy answered, not the site */ }
    const failure = new Error(problem.detail || "The site answered " + answer.status + ".");
    failure.status = answer.status;
    throw failure;
  }

  async function digest(buffer) {
    // Browsers offer SHA-256 only to pages that came over https or from this machine.
    if (!window.crypto || !window.crypto.subtle) return sha256(new Uint8Array(buffer));
    const hash = await window.crypto.subtle.digest("SHA-256", buffer);
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Tells this file from another of the same name and size, without reading all of it.
  async function fingerprint(file) {
    const edges = new Blob([file.slice(0, EDGE_BYTES), file.slice(Math.max(0, file.size - EDGE_BYTES))]);
    return digest(await edges.arrayBuffer());
  }

  // -- sending
  // The server says how far the same file came before: after a reload, or on another day. Those
  // that wait behind this one are announced with it, since asking takes longer than a small file.
  async function begin(upload) {
    if (!upload.announcing) {
      const others = uploads.filter((one) => one.state === "waiting" && !one.id && !one.announcing);
      const some = [upload, ...others.slice(0, ANNOUNCED - 1)];
      const told = announce(some).finally(() => some.forEach((one) => { one.announcing = null; }));
      for (const one of some) one.announcing = told;
    }
    await upload.announcing;
    if (upload.problem) throw new Error(upload.problem);
  }

  async function announce(some) {
    const files = [], asked = [];
    for (const one of some) {
      one.problem = "";
      try {
        files.push({ file_name: one.name, size: one.size, fingerprint: await fingerprint(one.file) });
        asked.push(one);
      } catch (error) {
        one.problem = error.message; // it was moved or changed since it was chosen
      }
    }
    if (!files.length) return;
    const answer = await call("POST", "/batch", JSON.stringify({ files: files }), { "Content-Type": "application/json" });
    answer.items.forEach((item, at) => begun(asked[at], item));
  }

  function begun(upload, item) {
    if (!item.upload) {
      upload.problem = item.problem;
      return;
    }
    const other = uploads.find((one) => one.id === item.upload.id && one !== upload);
    if (other) uploads.splice(uploads.indexOf(other), 1);
    upload.id = item.upload.id;
    upload.received = item.upload.received;
    if (upload.state === "gone") discard(upload, true); // removed while it was announced
  }

  async function send(upload) {
    if (!upload.id) await begin(upload);
    while (upload.received < upload.size && upload.state === "sending") {
      const part = upload.file.slice(upload.received, upload.received + chunkBytes);
      await chunk(upload, await part.arrayBuffer());
      drawSoon();
    }
    if (upload.received >= upload.size) upload.state = "here";
  }

  async function chunk(upload, buffer) {
    const hash = await digest(buffer);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const rest = "/" + upload.id + "/content?offset=" + upload.received;
        const now = await call("PUT", rest, buffer, { "X-Content-SHA256": hash, "Content-Type": "application/octet-stream" });
        upload.received = now.received;
        upload.told = "";
        return;
      } catch (error) {
        const lasting = error.status && error.status < 500 && error.status !== 409 && error.status !== 429;
        if (lasting || attempt >= RETRIES || upload.state !== "sending") throw error;
        upload.told = "The connection broke; trying again.";
        drawSoon();
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt));
        if (error.status === 409) {
          // Another chunk is due: perhaps the answer to this one was lost.
          upload.received = (await call("GET", "/" + upload.id)).received;
          return;
        }
      }
    }
  }

  async function work() {
    if (running) return;
    running = true;
    await atOnce(() => uploads.find((upload) => upload.state === "waiting"), async (next) => {
      next.state = "sending";
      drawSoon();
      try {
        await send(next);
      } catch (error) {
        next.state = "failed";
        next.told = error.message;
      }
      drawSoon();
    });
    running = false;
    draw();
    tell();
    // What was added while the last answers were on their way.
    if (uploads.some((upload) => upload.state === "waiting")) work();
  }

  // Do the work for what `take` gives, for a few at the same time, until it gives nothing.
  function atOnce(take, work) {
    const one = async () => { for (let next; (next = take()); ) await work(next); };
    return Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  // -- choosing
  // As the importers see names: without .gz; loggers write names without an ending or with digits.
  function isRead(path) {
    const name = path.split("/").pop().toLowerCase().replace(/\.gz$/, "");
    if (!suffixes.length || suffixes.some((suffix) => name.endsWith(suffix))) return true;
    return name !== "" && (!name.includes(".") || /[^.].*\.\d+$/.test(name));
  }

  const sameAs = (name, file) => name + "\n" + file.size + "\n" + file.lastModified;

  function add(files) {
    leftOut = 0;
    const known = new Map(uploads.filter((one) => one.file).map((one) => [sameAs(one.name, one.file), one]));
    for (const file of files) {
      const name = file.webkitRelativePath || file.relativePath || file.name;
      if (!isRead(name)) {
        leftOut += 1; // a folder holds all kinds of files; those that are not read stay there
        continue;
      }
      const same = known.get(sameAs(name, file));
      if (same && (same.state !== "failed" || !file.size)) continue;
      if (same) {
        Object.assign(same, { file: file, state: "waiting", told: "" });
      } else {
        const empty = file.size === 0; // nobody has to be asked about it
        uploads.push({ key: ++number, name: name, size: file.size, received: 0, state: empty ? "failed" : "waiting", told: empty ? "The file is empty." : "", file: file, id: null });
      }
    }
    draw();
    work();
  }

  async function discard(upload, quietly) {
    upload.state = "gone";
    if (upload.id) {
      try { await call("DELETE", "/" + upload.id); } catch (error) { /* it is gone already */ }
    }
    const at = uploads.indexOf(upload);
    if (at >= 0) uploads.splice(at, 1);
    if (quietly) return;
    draw();
    tell();
  }

  async function filesOf(entry, path) {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      file.relativePath = path + file.name;
      return [file];
    }
    const reader = entry.createReader(), found = [];
    for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length; ) {
      for (const inner of some) found.push(...await filesOf(inner, path + entry.name + "/"));
    }
    return found;
  }

  async function dropped(transfer) {
    const entries = Array.from(transfer.items || [], (item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return add(transfer.files);
    for (const entry of entries) add(await filesOf(entry, ""));
  }

  // -- what the person sees
  function size(bytes) {
    if (bytes < 1e3) return bytes + " B";
    if (bytes < 1e6) return Math.round(bytes / 1e3) + " kB";
    return (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0) + " MB";
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const STATES = { waiting: "waiting", sending: "", here: "here", failed: "not sent", broken: "broke off; choose the file again to go on", gone: "" };

  function row(upload) {
    const item = element("li", "upload-row is-" + upload.state);
    const bar = element("progress");
    bar.max = upload.size || 1;
    bar.value = upload.received;
    bar.setAttribute("aria-label", "Upload of " + upload.name);
    const remove = element("button", "icon-button");
    remove.type = "button";
    remove.setAttribute("aria-label", "Remove " + upload.name);
    remove.append(element("i", "bi bi-x-lg"));
    remove.addEventListener("click", () => discard(upload, false));
    const percent = upload.state === "sending" ? Math.floor((100 * upload.received) / (upload.size || 1)) + " %" : "";
    const told = [STATES[upload.state], percent, upload.told].filter(Boolean).join(" · ");
    const state = element("span", "upload-told");
    if (upload.state === "here") state.append(element("i", "bi bi-check-circle"), " ");
    if (upload.state === "failed") state.append(element("i", "bi bi-x-octagon"), " ");
    state.append(told);
    item.append(element("span", "upload-name", upload.name), element("span", "upload-size", size(upload.size)), bar, state, remove);
    return item;
  }

  // What needs a person comes first; of very many files not all are drawn.
  const ORDER = { failed: 0, broken: 1, sending: 2, waiting: 3, here: 4, gone: 5 };

  function removeAll() {
    const button = element("button", "link-button", "Remove all");
    button.type = "button";
    button.addEventListener("click", async () => {
      button.disabled = true;
      const left = uploads.slice();
      await atOnce(() => left.shift(), (upload) => discard(upload, true));
      draw();
      tell();
    });
    return button;
  }

  let drawing = 0;
  function drawSoon() {
    drawing = drawing || setTimeout(draw, DRAW_EVERY_MS);
  }

  function draw() {
    clearTimeout(drawing);
    drawing = 0;
    const list = document.getElementById("import-data-files");
    if (!list) return;
    const focused = document.activeElement && document.activeElement.getAttribute("aria-label");
    const rows = element("ul", "upload-list");
    const shown = uploads.slice().sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, MOST_ROWS);
    rows.append(...shown.map(row));
    const hidden = uploads.length - shown.length;
    const more = element("p", "upload-more", "and " + hidden + " more files");
    list.replaceChildren(...(uploads.length ? [rows] : []), ...(hidden ? [more] : []), ...(uploads.length > 1 ? [removeAll()] : []));
    if (focused && focused.startsWith("Remove ")) {
      const again = Array.from(list.querySelectorAll("button")).find((one) => one.getAttribute("aria-label") === focused);
      if (again) again.focus();
    }
  }

  // Tell the page which files are here, once nothing is on its way.
  function tell() {
    if (!root() || running) return;
    const here = uploads.filter((upload) => upload.state === "here");
    const live = document.getElementById("import-data-told");
    const failed = uploads.filter((upload) => upload.state === "failed").length;
    const parts = [];
    if (here.length) parts.push(here.length + " of " + uploads.length + " files are here.");
    if (failed) parts.push(failed + " could not be sent.");
    if (leftOut) parts.push(leftOut + (leftOut === 1 ? " file of another kind was" : " files of other kinds were") + " left out.");
    if (live) live.textContent = parts.join(" ");
    const files = here.map((upload) => ({ id: upload.id, name: upload.name }));
    const ids = files.map((file) => file.id).join();
    if (ids === root().dataset.told) return; // the page knows, and would look into them again
    root().dataset.told = ids;
    window.dash_clientside.set_props("import-data-uploads", { data: files });
  }

  async function ask() {
    try {
      const answer = await call("GET", "");
      chunkBytes = answer.chunk_bytes;
      suffixes = answer.suffixes;
      // What was imported or removed elsewhere goes; what arrived earlier comes.
      const there = new Map(answer.items.map((one) => [one.id, one]));
      for (const upload of uploads.slice()) {
        if (upload.id && !there.has(upload.id) && upload.state === "here") uploads.splice(uploads.indexOf(upload), 1);
      }
      for (const one of answer.items) {
        if (uploads.some((upload) => upload.id === one.id)) continue;
        uploads.push({ key: ++number, name: one.file_name, size: one.size, received: one.received, state: one.is_complete ? "here" : "broken", told: "", file: null, id: one.id });
      }
      draw();
      tell();
    } catch (error) {
      window.rotorscope.toast({ level: "error", text: error.message });
    }
  }

  function mount(place) {
    place.dataset.mounted = "yes";
    const inputs = { "import-data-choose": {}, "import-data-choose-folder": { webkitdirectory: "" } };
    for (const [id, more] of Object.entries(inputs)) {
      const input = element("input");
      Object.assign(input, { type: "file", multiple: true, hidden: true, tabIndex: -1, id: id + "-input" });
      for (const name of Object.keys(more)) input.setAttribute(name, "");
      input.addEventListener("change", () => { add(input.files); input.value = ""; });
      place.append(input);
      document.getElementById(id).addEventListener("click", () => input.click());
    }
    for (const kind of ["dragenter", "dragover"]) {
      place.addEventListener(kind, (event) => { event.preventDefault(); place.classList.add("is-over"); });
    }
    place.addEventListener("dragleave", (event) => {
      if (!place.contains(event.relatedTarget)) place.classList.remove("is-over");
    });
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("is-over");
      dropped(event.dataTransfer);
    });
    ask();
  }

  new MutationObserver(() => {
    const place = root();
    if (place && !place.dataset.mounted) mount(place);
    // Dash puts an unnamed field over the button that opens it; the button is the one to reach.
    for (const input of document.querySelectorAll("#import-data-profile-load input:not([aria-label])")) {
      input.setAttribute("aria-label", "File of a profile");
      input.tabIndex = -1;
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("rotorscope:uploads", ask); // after an import took some of them
  window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    import_data: {
      // Keep the jobs in the address, so that a reload shows them again.
      keep: function (job, preview) {
        window.rotorscope.setQuery({ job: job, preview: preview });
        return window.dash_clientside.no_update;
      },
      refresh: function () {
        document.dispatchEvent(new Event("rotorscope:uploads"));
        return window.dash_clientside.no_update;
      },
    },
  });

  // For pages that take one file and do something else with it.
  window.rotorscope = window.rotorscope || {};
  window.rotorscope.sendFile = async function (file, progress) {
    if (!file.size) throw new Error("The file is empty.");
    chunkBytes = (await call("GET", "")).chunk_bytes;
    const upload = { name: file.name, size: file.size, received: 0, state: "sending", told: "", file: file, id: null };
    await begin(upload);
    while (upload.received < upload.size) {
      const part = file.slice(upload.received, upload.received + chunkBytes);
      await chunk(upload, await part.arrayBuffer());
      progress(upload.received / upload.size);
    }
    return { id: upload.id, name: upload.name };
  };

  // -- SHA-256 (FIPS 180-4) for pages that came over plain http
  const K = [];
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const frac = (x) => ((x - Math.floor(x)) * 4294967296) >>> 0;
  primes.forEach((p) => K.push(frac(Math.cbrt(p))));
  const START = primes.slice(0, 8).map((p) => frac(Math.sqrt(p)));

  function sha256(bytes) {
    const length = bytes.length, padded = new Uint8Array(((length + 72) >> 6) << 6);
    padded.set(bytes);
    padded[length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(length / 536870912));
    view.setUint32(padded.length - 4, (length << 3) >>> 0);
    const h = START.slice(), w = new Uint32Array(64);
    const turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + 4 * i);
      for (let i = 16; i < 64; i += 1) {
        const a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, k] = h;
      for (let i = 0; i < 64; i += 1) {
        const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        k = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, k].forEach((value, i) => { h[i] = (h[i] + value) | 0; });
    }
    return h.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
  }
  window.rotorscope = Object.assign(window.rotorscope || {}, { sha256: sha256 });
})();

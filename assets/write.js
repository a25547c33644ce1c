// The Write tab: text symbol by symbol with its surprises, what else was possible, next-symbol bars.
// Everything that a network wrote is put in with textContent.
"use strict";
(() => {

  function save(name, text) {
    const link = rnn.make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async function copy(button, text) {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = rnn.make("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = rnn.text("js.write.copied");
    setTimeout(() => { button.textContent = rnn.text("js.write.copy"); }, 1500);
  }

  rnn.widget("written", (element, props, trigger, watch) => {
    let colour = rnn.store.get("rnn-colour") === "plain" ? "plain" : "surprise";
    let page = null, shown = 0, pop = null, stopped = null, awaited = false;
    const out = rnn.make("div", { class: "out", dir: "auto" });
    const nothing = rnn.make("p", { class: "nothing", text: rnn.text("js.write.empty") });
    const say = rnn.make("p", { class: "say", hidden: true, role: "status" });
    const columns = rnn.make("div", { class: "columns", hidden: true });
    const view = rnn.segmented(rnn.text("js.write.view"), {
      plain: rnn.text("js.write.plain"), surprise: rnn.text("js.write.surprise"),
    }, colour, (value) => { colour = value; rnn.store.set("rnn-colour", value); out.classList.toggle("plain", value === "plain"); });
    const whole = () => page?.columns ? page.columns.map((c) => `— ${c.temperature} —\n${page.prompt}${c.text}`).join("\n\n")
      : page ? page.prompt + page.texts.join("") : "";
    const copyButton = rnn.make("button", { type: "button", text: rnn.text("js.write.copy"), onclick: () => copy(copyButton, whole()) });
    const saveButton = rnn.make("button", { type: "button", text: rnn.text("js.write.save"), onclick: () => save("written.txt", whole()) });
    const keys = rnn.make("div", { class: "seg plain-keys" }, copyButton, saveButton);
    element.replaceChildren(rnn.make("div", { class: "chart-head" }, rnn.make("h3", { text: rnn.text("js.write.title") }), view, keys), nothing, out, columns, say);
    out.classList.toggle("plain", colour === "plain");

    const surprise = (chance) => Math.min(1, -Math.log2(Math.max(chance, 1e-6)) / 8);
    function symbol(text, chance, i) {
      const span = rnn.make("span", { class: "s", "data-i": i, text });
      span.style.setProperty("--s", surprise(chance).toFixed(3));
      span.title = rnn.percent(chance);
      return span;
    }
    function draw() {
      const texts = page?.texts || [];
      nothing.hidden = Boolean(page);
      columns.hidden = !page?.columns;
      view.hidden = keys.hidden = !page;
      if (page?.columns) view.hidden = true;
      out.hidden = !page || Boolean(page.columns);
      say.hidden = !page?.say;
      say.textContent = page?.say || "";
      if (page?.columns) { compare(); return; }
      if (!page) return;
      if (shown > texts.length || shown === 0) {
        out.replaceChildren(rnn.make("span", { class: "prompt", text: page.prompt }));
        shown = 0;
      }
      const more = texts.slice(shown).map((text, k) => symbol(text, page.chances[shown + k], shown + k));
      out.append(...more);
      shown = texts.length;
      out.classList.toggle("writing", !page.done);
      out.dataset.done = String(page.done);
    }
    function compare() {
      columns.replaceChildren(...page.columns.map((column) => rnn.make("section", {},
        rnn.make("h3", { text: rnn.text("js.write.temperature", { value: rnn.number(column.temperature, 1) }) }),
        rnn.make("pre", { dir: "auto" }, rnn.make("span", { class: "prompt", text: page.prompt }), column.text),
        rnn.make("p", { class: "hint", text: column.say }))));
    }
    function close(focus) {
      if (!pop) return;
      const { at } = pop;
      pop.node.remove();
      pop = null;
      const span = out.querySelector(`[data-i="${at}"]`);
      span?.classList.remove("chosen");
      if (focus) span?.focus();
    }
    function open(span) {
      if (!page?.done) return;
      close(false);
      const at = Number(span.dataset.i);
      span.classList.add("chosen");
      const list = rnn.make("div", { class: "choices" });
      const visible = span.textContent.replace(/ /g, "␣").replace(/\n/g, "⏎");
      const node = rnn.make("div", { class: "pop", role: "dialog", "aria-label": rnn.text("js.write.instead", { symbol: visible }) },
        rnn.make("b", { text: rnn.text("js.write.instead", { symbol: visible }) }), list, rnn.make("small", { text: rnn.text("js.write.choose") }));
      element.append(node);
      const box = element.getBoundingClientRect(), place = span.getBoundingClientRect();
      node.style.top = `${place.bottom - box.top + 6}px`;
      node.style.left = `${Math.max(0, Math.min(place.left - box.left - 20, box.width - node.offsetWidth))}px`;
      pop = { node, list, at };
      trigger("select", { before: page.prompt + page.texts.slice(0, at).join(""), at });
    }
    function fill(alternatives, at) {
      if (!pop || pop.at !== at) return;
      const others = alternatives.filter((each) => each.text !== page.texts[at]);
      pop.list.replaceChildren(...others.map((each) => rnn.make("button", {
        type: "button",
        onclick: () => {
          const kept = [...page.texts.slice(0, at), each.text];
          close(false);
          trigger("submit", { prompt: page.prompt, kept });
        },
      }, rnn.make("code", { text: each.label }), rnn.make("span", { text: rnn.percent(each.chance) }))));
      pop.list.querySelector("button")?.focus({ preventScroll: true });
      pop.node.scrollIntoView({ block: "nearest", behavior: rnn.calm() ? "auto" : "smooth" });
      pop.node.style.left = `${Math.max(0, Math.min(parseFloat(pop.node.style.left), element.clientWidth - pop.node.offsetWidth))}px`;
    }
    out.addEventListener("click", (event) => {
      const span = event.target.closest(".s");
      if (span) open(span);
    });
    // One tab stop for the whole text; arrows move through it, Enter opens the alternatives.
    out.tabIndex = 0;
    out.setAttribute("role", "group");
    out.setAttribute("aria-label", rnn.text("js.write.empty"));
    let cursor = -1;
    out.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (move && page?.texts.length) {
        event.preventDefault();
        out.querySelector(".cursor")?.classList.remove("cursor");
        cursor = Math.max(0, Math.min(page.texts.length - 1, cursor + move));
        out.querySelector(`[data-i="${cursor}"]`)?.classList.add("cursor");
      } else if (event.key === "Enter" && cursor >= 0) {
        const span = out.querySelector(`[data-i="${cursor}"]`);
        if (span) open(span);
      }
    });
    element.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(false); out.focus(); } });
    document.addEventListener("click", (event) => {
      if (pop && !pop.node.contains(event.target) && !event.target.closest(".s")) close(false);
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("#write, #compare-temperatures")) awaited = true;
      // Write and Stop take each other's place: whoever pressed one goes on at the other.
      if (event.target.closest?.("#write, #write-stop")) rnn.goOn("#write, #write-stop");
    });
    // Stop holds from the click on: a fast network writes a whole text before the server hears of it.
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("#write-stop") && page?.texts?.length && !page.done) stopped = page.id;
    }, true);
    function take() {
      let value = props.value || {};
      if (value.alternatives) { fill(value.alternatives, value.at); return; }
      if (value.language && value.language !== rnn.language) value = { ...value, say: "" }; // of before
      if (!value.texts && !value.columns) return;
      const same = Boolean(page) && value.id !== undefined && value.id === page.id;
      if (same && (page.done || (page.id === stopped && !value.stopped))) return; // this was under way
      if (!same) { shown = 0; cursor = -1; }
      if (awaited && (value.texts?.length || value.columns)) { awaited = false; rnn.reveal(element); }
      close(false);
      // Stop knows what had come when it was clicked; what came meanwhile stays.
      page = same && value.texts.length < page.texts.length ? { ...page, say: value.say, done: value.done } : value;
      draw();
      // It is there again after a reload, as what was filled in is.
      if (page.done || page.columns) rnn.keepForm(["written"], [{ ...page, language: rnn.language }]);
    }
    watch("value", take);
    draw();
    take();
  });

  rnn.widget("bars", (element, props, trigger, watch) => {
    const list = rnn.make("div", { class: "bars", role: "img" });
    element.replaceChildren(rnn.make("h3", { text: rnn.text("js.bars.title") }), list,
      rnn.make("div", { class: "legend", "aria-hidden": "true" }, rnn.make("i", { class: "key-train key-soft" }), rnn.make("span", { text: rnn.text("js.bars.learned") }),
        rnn.make("i", { class: "key-validation" }), rnn.make("span", { text: rnn.text("js.bars.now") })));
    const softmax = (logits, temperature) => {
      if (temperature <= 0) return logits.map((_, i) => (i === 0 ? 1 : 0));
      const powers = logits.map((value) => Math.exp((value - logits[0]) / temperature));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    };
    let rows = [];
    function draw() {
      const { labels = [], logits = [] } = props.value || {};
      element.hidden = !labels.length;
      if (!labels.length) return;
      const temperature = Number(document.querySelector("#temperature input[type=range]")?.value ?? 0.8);
      const learned = softmax(logits, 1), now = softmax(logits, temperature);
      const most = Math.max(...learned.slice(0, 8), ...now.slice(0, 8));
      if (rows.length !== Math.min(8, labels.length)) {
        rows = labels.slice(0, 8).map(() => {
          const row = { name: rnn.make("code"), before: rnn.make("i"), after: rnn.make("i", { class: "after" }), share: rnn.make("span") };
          row.node = rnn.make("div", { class: "bar" }, row.name, row.before, row.after, row.share);
          return row;
        });
        list.replaceChildren(...rows.map((row) => row.node));
      }
      rows.forEach((row, i) => {
        row.name.textContent = labels[i];
        row.before.style.width = `${100 * learned[i] / most}%`;
        row.after.style.width = `${100 * now[i] / most}%`;
        row.share.textContent = rnn.percent(now[i]);
      });
      list.setAttribute("aria-label", rnn.text("js.bars.summary", { list: rows.map((row) => `${row.name.textContent} ${row.share.textContent}`).join(", ") }));
    }
    document.addEventListener("input", (event) => { if (event.target.closest?.("#temperature")) draw(); });
    document.addEventListener("change", (event) => { if (event.target.closest?.("#temperature")) draw(); });
    watch("value", draw);
    draw();
  });
})();

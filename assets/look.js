// Look inside: one widget draws what any view hands over, a list of parts. Symbols, texts and names
// come from people and networks: they are only ever put in with textContent, or escaped for Plotly.
"use strict";
(() => {
  let awaited = false;  // what goes on from a chosen symbol: on a phone it comes below the screen
  // White space at the ends of a symbol is drawn; sentences have none there.
  const named = (text) => text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length));
  const FORMATS = {
    percent: (v) => rnn.percent(v), number: (v) => rnn.number(v, 2), whole: (v) => rnn.number(v), bits: (v) => rnn.number(v, 1),
    tiny: (v) => (v === null ? "–" : v.toExponential(1)),
  };
  const words = (kind, part) => rnn.make("p", { class: kind, text: part.text, dir: "auto" });

  // One row per label, a bar per series; struck out what cannot be drawn, outlined what was.
  function bars(part) {
    const format = FORMATS[part.format || "percent"];
    const values = part.rows.flatMap((row) => row.values).filter((v) => v !== null);
    const most = part.most ?? Math.max(1e-9, ...values.map(Math.abs));
    const signed = values.some((v) => v < 0);
    const rows = part.rows.map((row) => {
      const tracks = row.values.map((value, i) => {
        const bar = rnn.make("i", { class: `look-bar series-${i}` });
        const share = 100 * Math.min(1, Math.abs(value ?? 0) / most);
        bar.style.width = `${signed ? share / 2 : share}%`;
        if (signed) bar.style.marginLeft = value < 0 ? `${50 - share / 2}%` : "50%";
        return bar;
      });
      const figures = row.values.map((v) => (v === null ? "–" : format(v))).join(" · ");
      return rnn.make("div", { class: `look-row${row.mark ? " marked" : ""}${row.gone ? " gone" : ""}` },
        rnn.make("code", { text: named(row.label), dir: "auto" }), rnn.make("span", { class: "look-track" }, ...tracks),
        rnn.make("span", { class: "look-figure", text: row.note ?? figures }));
    });
    const summary = part.rows.map((row) => `${named(row.label)} ${row.note ?? row.values.map((v) => (v === null ? "–" : format(v))).join(" ")}`).join(", ");
    const list = rnn.make("div", { class: `look-bars${part.wide ? " wide" : ""}`, role: "img", "aria-label": `${part.title || ""} ${summary}` }, ...rows);
    return rnn.make("div", {}, part.title ? rnn.make("h3", { text: part.title }) : null, keys(part.series), list);
  }

  // What each colour stands for; nothing to say of a single one.
  function keys(names) {
    if (!names || names.length < 2) return null;
    return rnn.make("div", { class: "legend", "aria-hidden": "true" },
      ...names.flatMap((text, i) => text && [rnn.make("i", { class: `look-key series-${i}` }), rnn.make("span", { text })]));
  }

  function columns(part) {
    return rnn.make("div", { class: `columns${part.wide ? " wide" : ""}` }, ...part.texts.map((each) => rnn.make("section", {},
      rnn.make("h3", { text: each.title, dir: "auto" }),
      rnn.make("pre", { dir: "auto" }, each.prompt ? rnn.make("span", { class: "prompt", text: each.prompt }) : null, each.text),
      each.say ? rnn.make("p", { class: "hint", text: each.say }) : null)));
  }

  function table(part) {
    const cell = (tag, text) => rnn.make(tag, { text, dir: "auto", scope: tag === "th" ? "col" : null });
    return rnn.make("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": part.title || rnn.text("js.look.table") },
      rnn.make("table", { class: `plain-table look-table${part.context ? " context" : ""}` },
        rnn.make("thead", {}, rnn.make("tr", {}, ...part.head.map((text) => cell("th", text)))),
        rnn.make("tbody", {}, ...part.rows.map((row) => rnn.make("tr", {}, ...row.map((text) => cell("td", text)))))));
  }

  function formulas(part) {
    return rnn.make("div", { class: "look-formulas" }, ...part.blocks.map((block) => rnn.make("section", {},
      rnn.make("h3", { text: block.title }),
      ...block.lines.map((line) => rnn.make("div", { class: "look-formula" },
        rnn.make("code", { text: line.name }), rnn.make("code", { text: line.text }), rnn.make("b", { text: line.value }))))));
  }

  const button = (text, onclick) => rnn.make("button", { type: "button", class: "look-go", text, onclick });

  function chapter(part, trigger) {
    return rnn.make("section", { class: "look-chapter" },
      rnn.make("h3", { text: part.title }), rnn.make("p", { text: part.body, dir: "auto" }), formula(part),
      rnn.make("p", { class: "hint", text: part.caption }), strip(part),
      button(part.go, () => trigger("select", { chapter: part.chapter })));
  }

  // Gradio typesets the formulas of the tour out of sight; until one is there it is plain text.
  function formula(part) {
    const slot = rnn.make("p", { class: "look-plain", text: part.formula });
    const take = () => {
      const set = document.querySelector(`#${part.typeset} .katex-display > .katex`);
      if (set) slot.replaceChildren(set.cloneNode(true));
      return Boolean(set);
    };
    if (!take()) {
      const wait = new MutationObserver(() => { if (take()) wait.disconnect(); });
      wait.observe(document.querySelector("#look-views") || document.body, { childList: true, subtree: true });
    }
    return slot;
  }

  // What the tour asks to try in the view that it led to.
  function guide(part, trigger) {
    const node = rnn.make("section", { class: "look-guide" },
      rnn.make("h3", { text: part.title }), rnn.make("p", { text: part.text }),
      rnn.make("div", { class: "look-steps" },
        button(part.back, () => trigger("select", { chapter: -1 })),
        part.next ? button(part.next, () => trigger("select", { chapter: part.chapter + 1 })) : null));
    requestAnimationFrame(() => node.scrollIntoView({ block: "start", behavior: rnn.calm() ? "auto" : "smooth" }));
    return node;
  }

  // Small upright bars beneath a text: one a symbol, from a line that is zero.
  function strip(part) {
    const format = FORMATS[part.format || "percent"];
    const values = part.rows.map((row) => row.values[0]);
    const most = Math.max(1e-9, ...values.map(Math.abs));
    const low = Math.max(0, ...values.map((v) => -v)) / most, high = Math.max(0, ...values) / most;
    const columns = part.rows.map((row, i) => {
      const bar = rnn.make("i", { class: values[i] < 0 ? "below" : "" });
      const share = Math.abs(values[i]) / most / (low + high || 1);
      bar.style.height = `${100 * share}%`;
      bar.style.bottom = `${100 * (values[i] < 0 ? low / (low + high || 1) - share : low / (low + high || 1))}%`;
      return rnn.make("span", { class: "look-column", title: `${named(row.label)}: ${format(values[i])}` },
        rnn.make("small", { text: format(values[i]) }), rnn.make("span", {}, bar), rnn.make("code", { text: named(row.label) }));
    });
    const summary = part.rows.map((row, i) => `${named(row.label)} ${format(values[i])}`).join(", ");
    return rnn.make("div", { class: "look-strip", role: "img", tabindex: "0", "aria-label": summary }, ...columns);
  }

  // A text whose symbols are shaded on a fixed scale. Pointer, touch and keys choose one.
  function symbols(part, trigger) {
    const out = rnn.make("div", { class: "out look-text", dir: "auto", tabindex: "0", role: "group", "aria-label": part.title || rnn.text("js.look.text") });
    const detail = rnn.make("div", { class: `look-detail${part.best ? " tall" : ""}`, "aria-live": "polite" });
    const shade = (span, value) => {
      span.style.setProperty("--s", Math.min(1, Math.abs(value ?? 0)).toFixed(3));
      span.classList.toggle("cool", (value ?? 0) < 0);
      span.classList.toggle("blank", value === null);
    };
    const spans = part.symbols.map((symbol, i) => {
      const span = rnn.make("span", { class: "s", "data-i": i });
      if (symbol.includes("\n")) span.append(rnn.make("i", { class: "look-end", text: "⏎" }), symbol);
      else span.textContent = symbol;
      shade(span, part.shades ? part.shades[i] : 0);
      return span;
    });
    out.append(...spans);
    let cursor = -1, pinned = null;
    function look(i, pin) {
      if (i < 0 || i >= spans.length) return;
      out.querySelector(".chosen")?.classList.remove("chosen");
      if (part.matrix) {
        const row = part.matrix[i];
        spans.forEach((span, k) => shade(span, k < i ? row[k] : 0));
      }
      spans[i].classList.add("chosen");
      if (pin) { pinned = i; }
      describe(i);
    }
    function describe(i) {
      const title = rnn.make("b", { text: rnn.text("js.look.at", { symbol: named(part.symbols[i]), place: rnn.number(i + 1) }) });
      const facts = rnn.make("span", { class: "hint", text: part.titles ? part.titles[i] : "" });
      const line = rnn.make("p", {}, title, " ", facts);
      const best = part.best?.[i] || [];
      if (!best.length) { detail.replaceChildren(line); return; }
      detail.replaceChildren(line, rnn.make("div", { class: "choices" }, ...best.map(([label, chance, id]) => rnn.make("button", {
        type: "button", onclick: () => { awaited = true; trigger("submit", { at: i, choice: id }); },
        "aria-label": rnn.text("js.look.continue", { symbol: label }),
      }, rnn.make("code", { text: label }), rnn.make("span", { text: rnn.percent(chance) })))),
      rnn.make("small", { class: "hint", text: rnn.text("js.look.choose") }));
    }
    const place = (event) => Number(event.target.closest?.(".s")?.dataset.i ?? -1);
    out.addEventListener("pointerover", (event) => { if (pinned === null && event.pointerType !== "touch") look(place(event), false); });
    function choose(i) {
      cursor = Math.max(0, Math.min(spans.length - 1, i));
      look(cursor, true);
      if (part.select) trigger("select", { at: cursor });
    }
    out.addEventListener("click", (event) => {
      const i = place(event);
      if (i >= 0 && i === pinned && !part.select) pinned = null; // let go of it
      else if (i >= 0) choose(i);
    });
    out.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (move) {
        event.preventDefault();
        out.querySelector(".cursor")?.classList.remove("cursor");
        cursor = Math.max(0, Math.min(spans.length - 1, cursor + move));
        spans[cursor]?.classList.add("cursor");
        look(cursor, true);
      } else if (event.key === "Enter" && cursor >= 0 && part.select) trigger("select", { at: cursor });
      else if (event.key === "Escape") { pinned = null; }
    });
    const chosen = part.chosen ?? (part.matrix ? part.symbols.length - 1 : -1);
    detail.append(rnn.make("p", { class: "hint", text: rnn.text(part.select ? "js.look.click" : "js.look.hover") }));
    if (chosen >= 0) look(chosen, false);
    const steps = part.steps ? rnn.make("div", { class: "look-steps" },
      button(`‹ ${rnn.text("js.look.previous")}`, () => choose((cursor < 0 ? chosen : cursor) - 1)),
      button(`${rnn.text("js.look.next")} ›`, () => choose((cursor < 0 ? chosen : cursor) + 1))) : null;
    return rnn.make("div", {}, part.title ? rnn.make("h3", { text: part.title }) : null, legend(part.legend),
      rnn.make("div", { class: "look-beside" }, out, rnn.make("div", { class: "look-side" }, detail, steps)));
  }

  function legend(ends) {
    if (!ends) return null;
    return rnn.make("div", { class: "legend look-scale", "aria-hidden": "true" }, rnn.make("span", { text: ends[0] }),
      rnn.make("i", { class: ends[2] ? "look-ramp both" : "look-ramp" }), rnn.make("span", { text: ends[1] }));
  }

  // Plotly parts: drawn when they come into the page, again when the theme or the width changes.
  const safe = (text) => rnn.plainLabel(named(String(text)));
  function palette(colors) { return [colors.accent, colors.accent2, colors.good, colors.mute, colors.bad]; }

  function lineTraces(part, colors) {
    return part.lines.flatMap((line, i) => {
      const color = line.grey ? colors.base : palette(colors)[line.color ?? i % 5];
      const trace = {
        x: line.x, y: line.y, name: safe(line.name), mode: line.points ? "lines+markers" : "lines", connectgaps: false,
        line: { color, width: 2.2, dash: line.dash || (line.grey ? "dash" : "solid") }, marker: { size: 6, color },
        hovertemplate: `%{y:${part.hover || ".3g"}}`,
      };
      if (!line.band) return [trace];
      const high = line.y.map((y, k) => y + line.band[k]), low = line.y.map((y, k) => y - line.band[k]);
      return [{ x: [...line.x, ...[...line.x].reverse()], y: [...high, ...low.reverse()], mode: "lines", fill: "toself", fillcolor: color,
        opacity: 0.16, line: { width: 0 }, hoverinfo: "skip", showlegend: false }, trace];
    });
  }

  function lineLayout(part, colors, narrow) {
    const log = (axis) => (axis.log ? { type: "log", exponentformat: "power", dtick: axis.dtick } : {});
    const shapes = (part.rules || []).map((rule) => ({
      type: "line", xref: rule.x === undefined ? "paper" : "x", yref: rule.y === undefined ? "paper" : "y",
      x0: rule.x ?? 0, x1: rule.x ?? 1, y0: rule.y ?? 0, y1: rule.y ?? 1, line: { color: colors.base, width: 1.2, dash: "5px,4px" },
    }));
    const annotations = (part.rules || []).filter((rule) => rule.text).map((rule) => ({
      text: safe(rule.text), xref: "paper", x: 1, xanchor: "right", y: rule.y, yanchor: "bottom", showarrow: false, font: { size: 12, color: colors.mute },
    }));
    const below = narrow && part.lines.length > 1 ? 22 * part.lines.length : 0; // a narrow legend needs a row for each
    return rnn.chartLayout(colors, narrow, {
      annotations, height: (narrow ? 250 : 300) + below, showlegend: part.lines.length > 1,
      legend: { orientation: "h", x: 0, font: { size: 12 }, ...(narrow ? { yref: "container", y: 0, yanchor: "bottom" } : { y: 1.14 }) },
      margin: { l: narrow ? 46 : 58, r: 12, t: narrow ? 12 : 30, b: 42 + below }, shapes,
      xaxis: rnn.chartAxis(colors, { title: { text: safe(part.x.title), font: { size: 12 }, standoff: 6 }, tickvals: part.x.ticks, ticktext: part.x.ticks?.map(String), ...log(part.x) }),
      yaxis: rnn.chartAxis(colors, { title: { text: safe(part.y.title), font: { size: 12 }, standoff: 4 }, range: part.y.range, rangemode: part.y.zero ? "tozero" : "normal", ...log(part.y) }),
    });
  }

  function heat(part, colors, narrow) {
    const scale = part.low < 0 ? [[0, colors.accent], [0.5, colors.card], [1, colors.accent2]] : [[0, colors.card], [1, colors.accent]];
    const legible = part.x.length <= (narrow ? 34 : 120); // every n-th letter would read like a text
    const data = [{ type: "heatmap", z: part.z, zmin: part.low, zmax: part.high, colorscale: scale, hoverongaps: false,
      text: part.z.map((row, k) => row.map((_, t) => `${safe(part.y[k])}, ${safe(part.x[t])}`)),
      hovertemplate: "%{text}: %{z:.2f}<extra></extra>", colorbar: { thickness: 8, outlinewidth: 0, tickfont: { color: colors.mute, size: 12 } } }];
    const layout = rnn.chartLayout(colors, narrow, {
      height: part.height || (narrow ? 240 : 280), hovermode: "closest", margin: { l: 46, r: 8, t: 8, b: 40 },
      xaxis: rnn.chartAxis(colors, { tickvals: part.x.map((_, t) => t), ticktext: part.x.map(safe), showticklabels: legible, showgrid: false, tickangle: 0, tickfont: { family: "monospace", size: narrow ? 9 : 11, color: colors.mute } }),
      yaxis: rnn.chartAxis(colors, { title: { text: safe(part.yTitle || ""), font: { size: 12 } }, showticklabels: false, autorange: "reversed", showgrid: false }),
    });
    return [data, layout];
  }

  const GROUPS = (colors) => [colors.accent, colors.accent2, colors.good, colors.mute]; // as .series-0 to .series-3
  function scatter(part, colors, narrow) {
    const kinds = GROUPS(colors);
    const data = [{ x: part.xs, y: part.ys, text: part.labels.map(safe), customdata: part.titles.map(safe), mode: "text", type: "scatter",
      textfont: { family: "monospace", size: part.sizes, color: part.groups.map((group) => kinds[group]) }, hovertemplate: "%{customdata}<extra></extra>" }];
    const plain = { showgrid: false, showticklabels: false, zeroline: false, ticks: "" };
    const layout = rnn.chartLayout(colors, narrow, { height: narrow ? 340 : 460, hovermode: "closest", margin: { l: 10, r: 10, t: 10, b: 10 },
      xaxis: rnn.chartAxis(colors, plain), yaxis: rnn.chartAxis(colors, { ...plain, scaleanchor: undefined }) });
    return [data, layout];
  }

  const PLOTS = {
    lines: (part, colors, narrow) => [lineTraces(part, colors), lineLayout(part, colors, narrow)],
    heat, scatter,
  };

  function plot(part) {
    const holder = rnn.make("div", { class: "plot look-plot", role: "img", "aria-label": part.summary || part.title });
    const names = part.names?.map((name, i) => (part.groups.includes(i) ? name : ""));
    const node = rnn.make("div", {}, part.title ? rnn.make("h3", { text: part.title }) : null, keys(names), holder);
    let width = 0;
    const draw = async () => {
      if (!holder.isConnected || !holder.clientWidth) return;
      await rnn.plotly();
      if (!holder.clientWidth) return; // another view or tab was opened meanwhile
      const [data, layout] = PLOTS[part.kind](part, rnn.colors(), holder.clientWidth < 480);
      await rnn.draw(holder, data, layout);
      holder.dataset.drawn = "true";
    };
    const off = rnn.on("theme", () => (holder.isConnected ? draw() : off()));
    new ResizeObserver(() => {
      if (holder.clientWidth === width) return;
      width = holder.clientWidth;
      if (width) draw();
    }).observe(holder);
    return node;
  }

  const FRAME_MS = 450; // of the film when it plays
  // Frames of a film behind one slider.
  function reel(part) {
    const pre = rnn.make("pre", { dir: "auto" }), caption = rnn.make("figcaption");
    const slider = rnn.make("input", { type: "range", min: "0", max: String(part.frames.length - 1), value: String(part.frames.length - 1), "aria-label": part.title });
    const show = () => {
      const frame = part.frames[Number(slider.value)];
      caption.textContent = frame.title;
      slider.setAttribute("aria-valuetext", frame.title);
      pre.replaceChildren(rnn.make("span", { class: "prompt", text: part.prompt }), frame.text);
    };
    slider.addEventListener("input", show);
    show();
    let timer = 0;
    const play = button(rnn.text("js.look.play"), () => (timer ? stop() : start()));
    function stop() {
      clearInterval(timer);
      timer = 0;
      play.textContent = rnn.text("js.look.play");
    }
    function start() {
      if (slider.value === slider.max) slider.value = "0";
      show();
      play.textContent = rnn.text("js.look.stop");
      timer = setInterval(() => {
        if (!slider.isConnected || slider.value === slider.max) { stop(); return; }
        slider.value = String(Number(slider.value) + 1);
        show();
      }, FRAME_MS);
    }
    slider.addEventListener("pointerdown", stop);
    return rnn.make("div", {}, rnn.make("h3", { text: part.title }),
      rnn.make("div", { class: "look-slide" }, play, slider), rnn.make("figure", { class: "frame look-frame" }, caption, pre));
  }

  // A unit of the network as a slider: let go of it, and the network writes with the unit held there.
  function knob(part, trigger) {
    const shown = rnn.make("output", { class: "look-figure" });
    const slider = rnn.make("input", { type: "range", min: String(part.low), max: String(part.high), step: "any", value: String(part.value), "aria-label": part.title });
    const show = () => {
      shown.textContent = rnn.number(Number(slider.value), 2);
      slider.setAttribute("aria-valuetext", shown.textContent);
    };
    slider.addEventListener("input", show);
    slider.addEventListener("change", () => trigger("submit", { value: Number(slider.value) }));
    show();
    const end = (value) => rnn.make("span", { class: "look-figure hint", text: rnn.number(value, 2) });
    return rnn.make("div", { class: "look-knob" }, rnn.make("h3", {}, part.title, " ", shown), rnn.make("p", { class: "hint", text: part.info }),
      rnn.make("div", { class: "look-slide" }, end(part.low), slider, end(part.high), button(part.curve, () => trigger("select", {}))));
  }

  const grid = (part, trigger) => rnn.make("div", { class: "look-grid" }, ...part.parts.map((each) => PARTS[each.kind](each, trigger)));
  const PARTS = {
    grid, bars, columns, table, formulas, chapter, guide, symbols, reel, knob, lines: plot, heat: plot, scatter: plot,
    hint: (part) => words("hint", part), warning: (part) => words("look-warning", part),
    heading: (part) => rnn.make("h3", { text: part.text }),
  };

  rnn.widget("look", (element, props, trigger, watch) => {
    element.classList.add("look");
    function draw() {
      const value = props.value || {};
      const parts = (value.parts || []).map((part) => {
        try { return PARTS[part.kind](part, trigger); } catch (error) { console.error(part.kind, error); return null; }
      });
      const say = value.say ? rnn.make("p", { class: "say look-say", role: "status", text: value.say, dir: "auto" }) : null;
      element.replaceChildren(...[say, ...parts].filter(Boolean));
      element.classList.toggle("is-empty", !element.children.length);
      element.dataset.view = value.view || "";
      element.dataset.count = String(Number(element.dataset.count || 0) + 1);
    }
    watch("value", () => {
      draw();
      if (awaited && element.closest("#look-branch")) { awaited = false; rnn.reveal(element); }
    });
    draw();
  });
})();

// The curve of a run: losses, reference lines, what to say about it.
"use strict";
(() => {
  const LN2 = Math.log(2);
  const UNITS = {
    bits: { of: (nats) => nats / LN2, digits: 2 },
    nats: { of: (nats) => nats, digits: 2 },
    perplexity: { of: (nats) => Math.exp(nats), digits: 2 },
  };
  const REST = 30, LONGEST_REST = 3000; // after drawing: so many times as long as it took, at most so many ms
  const STATISTICS = ["uniform", "unigram", "xz", "ngram"];
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");

  // A row of choices of which one holds; arrow keys move, as in any radio group.
  rnn.segmented = (name, options, chosen, choose) => {
    const group = rnn.make("div", { class: "seg", role: "radiogroup", "aria-label": name });
    const buttons = Object.entries(options).map(([value, words]) => rnn.make("button", {
      type: "button", role: "radio", "data-value": value, text: words, onclick: () => pick(value),
    }));
    function show(value) {
      for (const button of buttons) {
        const on = button.dataset.value === value;
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
      }
    }
    function pick(value) { show(value); choose(value); }
    group.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      const now = buttons.indexOf(document.activeElement);
      const next = buttons[(now + move + buttons.length) % buttons.length];
      next.focus();
      pick(next.dataset.value);
    });
    group.append(...buttons);
    show(chosen);
    group.show = show;
    return group;
  };

  // A centred mean whose window grows with the run: no lag behind the validation curve.
  function smooth(values) {
    const sums = [0];
    for (const value of values) sums.push(sums.at(-1) + value);
    return values.map((_, i) => {
      const half = Math.max(1, Math.min(24, Math.round(i / 12)));
      const from = Math.max(0, i - half), to = Math.min(values.length, i + half + 1);
      return (sums[to] - sums[from]) / (to - from);
    });
  }
  rnn.smooth = smooth;
  rnn.units = UNITS;

  function references(data, unit) {
    const measured = rnn.last(data, "BaselinesMeasured");
    if (!measured) return [];
    return STATISTICS.filter((name) => Number.isFinite(measured.nats_per_char[name])).map((name) => ({
      name,
      value: UNITS[unit].of(measured.nats_per_char[name]),
      label: rnn.text(`js.chart.${name}`, { order: measured.ngram_order }),
    }));
  }

  function best(data) {
    const { nats, step, seconds } = data.evaluated;
    if (!nats.length) return null;
    const at = nats.reduce((low, value, i) => (value < nats[low] ? i : low), 0);
    return { nats: nats[at], step: step[at], seconds: seconds[at] };
  }

  rnn.best = best;

  // The highest value worth showing: the first noisy points would squeeze everything else, but the
  // letter frequencies, which every network soon leaves behind, are always in sight.
  function top(values, lines) {
    const sorted = [...values].sort((a, b) => a - b);
    const most = sorted.length ? sorted[Math.floor(0.985 * (sorted.length - 1))] : 0;
    return Math.max(most, lines.find((line) => line.name === "unigram")?.value ?? 0);
  }

  const touch = matchMedia("(pointer: coarse)").matches;  // a finger on a plot scrolls the page
  function layout(colors, narrow, extra) {
    return {
      margin: { l: narrow ? 36 : 46, r: narrow ? 8 : 14, t: 12, b: 34 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.querySelector(".gradio-container")).fontFamily, size: 12, color: colors.mute },
      showlegend: false, hovermode: "x unified", dragmode: narrow || touch ? false : "zoom",
      hoverlabel: { bgcolor: colors.card, bordercolor: colors.line, font: { color: colors.ink, size: 12 } },
      separators: ".,", uirevision: "keep",
      ...extra,
    };
  }
  const axis = (colors, extra) => ({
    gridcolor: colors.line, linecolor: colors.line, zeroline: false, tickfont: { color: colors.mute, size: 12.5 },
    automargin: false, fixedrange: touch || matchMedia("(max-width: 700px)").matches, ...extra,
  });
  rnn.chartLayout = layout;
  rnn.chartAxis = axis;
  rnn.plainLabel = plain;

  function traces(data, view, colors) {
    const unit = UNITS[view.unit];
    const x = view.axis === "time" ? "seconds" : "step";
    const { progress, evaluated } = data;
    const hover = "%{y:.3f}";
    return [
      { x: progress[x], y: progress.nats.map(unit.of), name: rnn.text("js.chart.raw"), mode: progress.nats.length > 1 ? "lines" : "markers",
        line: { color: colors.accent, width: 1 }, marker: { size: 6, color: colors.accent }, opacity: progress.nats.length > 1 ? 0.28 : 1, hoverinfo: "skip" },
      { x: progress[x], y: smooth(progress.nats).map(unit.of), name: rnn.text("js.chart.smooth"), mode: "lines",
        line: { color: colors.accent, width: 2.2 }, hovertemplate: hover },
      { x: evaluated[x], y: evaluated.nats.map(unit.of), name: rnn.text("js.chart.validation"), mode: "lines+markers",
        line: { color: colors.accent2, width: 2.2, shape: "linear" }, marker: { size: 6.5, color: colors.accent2 },
        hovertemplate: hover },
    ];
  }

  // Where the words of each reference line go: at the right or left end, above or below it, where
  // the fewest points of the curves and of other lines' words are. (heights in the chart's unit)
  function free(values, data, view, range, height, share) {
    const of = UNITS[view.unit].of, x = view.axis === "time" ? "seconds" : "step";
    const across = (value) => ((view.axis === "log" ? Math.log10(Math.max(1, value)) : value) - range[0]) / (range[1] - range[0]);
    const points = [data.progress, data.evaluated].flatMap((curve, k) => {
      const smoothed = k ? curve.nats : smooth(curve.nats);
      return curve[x].map((value, i) => [across(value), of(smoothed[i])]);
    });
    const taken = [];
    return values.map((value) => {
      const options = [[false, false], [false, true], [true, false], [true, true]].map(([left, below]) => {
        const from = below ? value - height : value, to = from + height;
        const met = points.filter(([at, y]) => (left ? at < share : at > 1 - share) && y > from && y < to).length;
        const words = taken.filter((other) => other.left === left && other.from < to && other.to > from).length;
        const lines = values.filter((other) => other !== value && other > from && other < to).length;
        return { left, below, from, to, cost: met + 1000 * words + 20 * lines };
      });
      const best = options.reduce((a, b) => (b.cost < a.cost ? b : a));
      taken.push(best);
      return best;
    });
  }

  function drawn(data, view, colors, width) {
    const narrow = width < 480;
    const unit = UNITS[view.unit];
    const lines = references(data, view.unit);
    const low = best(data);
    const all = [...data.progress.nats, ...data.evaluated.nats].map(unit.of);
    const high = top(all, lines);
    const floor = Math.min(...all, ...lines.map((line) => line.value).filter((value) => value <= high));
    const pad = (high - floor) * 0.06 || 0.1;
    const shown = lines.filter((line) => line.value <= high + pad).sort((a, b) => b.value - a.value);
    const steps = data.progress.step;
    const end = view.axis === "time" ? data.run?.total_seconds : data.run?.total_steps;
    const last = (view.axis === "time" ? data.progress.seconds : steps).at(-1) || 1;
    const range = view.axis === "log" ? [0, Math.log10(Math.max(10, last * 1.02))]
      : [0, Math.max(last * 1.02, data.run?.active && end ? Math.min(end, last * 3) : 0)];
    const shapes = shown.map((line) => ({
      type: "line", xref: "paper", x0: 0, x1: 1, y0: line.value, y1: line.value, layer: "below",
      line: { color: colors.base, width: 1.2, dash: "5px,4px" },
    }));
    const places = free(shown.map((line) => line.value), data, view, range, (high - floor) * (narrow ? 0.1 : 0.07), narrow ? 0.4 : 0.25);
    const annotations = shown.map((line, i) => ({
      xref: "paper", x: places[i].left ? 0.008 : 1, xanchor: places[i].left ? "left" : "right", y: line.value,
      yanchor: places[i].below ? "top" : "bottom", showarrow: false,
      text: plain(`${line.label} ${rnn.number(line.value, unit.digits)}`), font: { size: 12.5, color: colors.mute }, bgcolor: colors.card, borderpad: 0,
    }));
    if (low && low.step > 0 && view.axis !== "log") {
      const at = view.axis === "time" ? low.seconds : low.step;
      shapes.push({ type: "line", yref: "paper", y0: 0, y1: 1, x0: at, x1: at, layer: "below",
        line: { color: colors.accent2, width: 1.2, dash: "2px,3px" } });
    }
    return layout(colors, narrow, {
      height: narrow ? 230 : 330,
      uirevision: `${view.axis}-${view.unit}`,
      xaxis: axis(colors, { type: view.axis === "log" ? "log" : "linear", range, showgrid: false,
        tickformat: view.axis === "log" ? "~s" : ",d", ticksuffix: view.axis === "time" ? rnn.text("js.chart.suffix") : "",
        nticks: narrow ? 5 : 8, exponentformat: "none",
        dtick: view.axis === "log" || range[1] - range[0] < 8 ? 1 : undefined }),  // no step twice
      yaxis: axis(colors, { range: [floor - pad * 1.5, high + pad * 1.6], tickformat: "~g", nticks: 7 }),
      shapes, annotations,
    });
  }

  // Plotly keeps the width that it drew with first, unless it is told another one.
  rnn.draw = async (holder, data, layout, more = {}) => (await rnn.plotly())
    .react(holder, data, { ...layout, width: holder.clientWidth }, { displayModeBar: false, responsive: false, ...more });

  async function small(holder, data, view, colors) {
    const x = view.axis === "time" ? "seconds" : "step";
    const clip = data.run?.clip_norm;
    const width = holder.clientWidth;
    const narrow = width < 480;
    const log = view.axis === "log";
    const xaxis = axis(colors, { type: log ? "log" : "linear", dtick: log ? 1 : undefined, showgrid: false, tickformat: "~s" });
    const shapes = clip ? [{ type: "line", xref: "paper", yref: "y2", x0: 0, x1: 1, y0: clip, y1: clip,
      line: { color: colors.base, width: 1.2, dash: "5px,4px" } }] : [];
    const words = clip ? [{ xref: "paper", yref: "y2", x: 1, y: Math.log10(clip), xanchor: "right", yanchor: "bottom", showarrow: false,
      text: plain(`${rnn.text("js.chart.clip")} ${rnn.number(clip, 1)}`), font: { size: 12, color: colors.mute } }] : [];
    const title = (text, y) => ({ xref: "paper", yref: "paper", x: 0, y, xanchor: "left", yanchor: "bottom",
      showarrow: false, text: plain(text), font: { size: 12, color: colors.ink } });
    await rnn.draw(holder, [
      { x: data.progress[x], y: data.progress.rate, mode: "lines", line: { color: colors.accent, width: 1.8 },
        name: rnn.text("js.chart.rate"), hovertemplate: "%{y:.2e}" },
      { x: data.progress[x], y: data.progress.norm, mode: "lines", yaxis: "y2", line: { color: colors.accent2, width: 1.2 },
        name: rnn.text("js.chart.norm"), hovertemplate: "%{y:.3f}" },
    ], layout(colors, narrow, {
      height: 250, margin: { l: 46, r: 14, t: 22, b: 30 }, xaxis: { ...xaxis, anchor: "y2" },
      yaxis: axis(colors, { domain: [0.6, 1], nticks: 3, exponentformat: "e", rangemode: "tozero" }),
      yaxis2: axis(colors, { domain: [0, 0.4], nticks: 3, type: "log", tickformat: "~g" }),
      shapes, annotations: [...words, title(rnn.text("js.chart.rate"), 1), title(rnn.text("js.chart.norm"), 0.41)],
    }));
  }

  function table(data, unit) {
    const { step, seconds, nats } = data.evaluated;
    const head = ["step", "seconds"].map((key) => rnn.text(`js.chart.${key}`));
    head.push(`${rnn.text("js.chart.validation")}, ${rnn.text(`js.chart.${unit}`)}`);
    const body = step.map((value, i) => rnn.make("tr", {},
      rnn.make("td", { text: rnn.number(value) }), rnn.make("td", { text: rnn.number(seconds[i], 1) }),
      rnn.make("td", { text: rnn.number(UNITS[unit].of(nats[i]), 3) })));
    return rnn.make("table", { class: "plain-table" },
      rnn.make("thead", {}, rnn.make("tr", {}, ...head.map((text) => rnn.make("th", { scope: "col", text })))),
      rnn.make("tbody", {}, ...body.slice(-100)));
  }

  function remarkOf(data) {
    const run = data.run || {};
    if (run.state === "queued") return rnn.text("js.remark.queued", { position: run.position || 1 });
    if (run.state === "stopping") return rnn.text(run.position ? "js.remark.stopping.behind" : "js.remark.stopping", { position: run.position });
    const said = run.message?.[rnn.language] || ""; // why it failed, or how its worker ended
    if (run.state === "interrupted" || run.state === "paused") {
      const anew = run.state === "interrupted" && run.saved_step === null ? ".anew" : "";
      const words = rnn.text(`js.remark.${run.state}${anew}`, { step: rnn.number(run.step || 0), saved: rnn.number(run.saved_step) });
      return `${words}${rnn.language === "zh" ? "" : " "}${said}`.trim();
    }
    if (run.state === "failed" && said) return said;
    if (run.state === "stopped" && !data.evaluated.nats.length) return rnn.text("js.remark.stopped.early");
    if (!data.remark) return "";
    const values = Object.fromEntries(Object.entries(data.remark.values)
      .map(([name, value]) => [name, typeof value === "number" ? rnn.number(value) : value?.[rnn.language] ?? value]));
    return rnn.text(data.remark.key, values);
  }
  rnn.remarkOf = remarkOf;

  function summary(data, unit) {
    const low = best(data);
    if (!low) return rnn.text("js.chart.summary.none");
    const show = (nats) => rnn.number(UNITS[unit].of(nats), 2);
    return rnn.text("js.chart.summary", {
      name: data.run?.name || "", step: rnn.number(data.progress.step.at(-1) || 0), unit: rnn.text(`js.chart.${unit}`),
      validation: show(data.evaluated.nats.at(-1)), best: show(low.nats), best_step: rnn.number(low.step),
      training: show(smooth(data.progress.nats).at(-1)),
    });
  }

  const legend = () => rnn.make("div", { class: "legend", "aria-hidden": "true" },
    ...[["train", "smooth"], ["validation", "validation"], ["statistics", "statistics"]].map(([key, words]) =>
      rnn.make("span", {}, rnn.make("i", { class: `key-${key}` }), rnn.text(`js.chart.${words}`))));

  const view = rnn.view = {
    unit: UNITS[rnn.store.get("rnn-unit")] ? rnn.store.get("rnn-unit") : "bits",
    axis: "step",
  };

  rnn.widget("chart", (element, props, trigger, watch) => {
    const units = rnn.segmented(rnn.text("js.chart.unit"), {
      bits: rnn.text("js.chart.bits"), nats: rnn.text("js.chart.nats"), perplexity: rnn.text("js.chart.perplexity"),
    }, view.unit, (unit) => { view.unit = unit; rnn.store.set("rnn-unit", unit); rnn.emit("unit", unit); });
    const axes = rnn.segmented(rnn.text("js.chart.axis"), {
      step: rnn.text("js.chart.steps"), log: rnn.text("js.chart.log"), time: rnn.text("js.chart.time"),
    }, view.axis, (value) => { view.axis = value; draw(); });
    const plot = rnn.make("div", { class: "plot", role: "img", "aria-label": rnn.text("js.chart.summary.none") });
    const nothing = rnn.make("p", { class: "nothing", text: rnn.text("js.chart.empty") });
    const lost = rnn.make("p", { class: "lost", role: "status", hidden: true, text: rnn.text("js.chart.lost") });
    const say = rnn.make("p", { class: "say", hidden: true });
    const heard = rnn.make("p", { class: "for-readers", "aria-live": "polite" });
    const more = rnn.make("div", { class: "plot-small" });
    const moreBox = rnn.make("details", {}, rnn.make("summary", { text: rnn.text("js.chart.more") }), more);
    const rows = rnn.make("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": rnn.text("js.chart.table") });
    const tableBox = rnn.make("details", {}, rnn.make("summary", { text: rnn.text("js.chart.table") }), rows);
    const key = legend();
    element.replaceChildren(rnn.make("div", { class: "chart-head" },
      rnn.make("h3", { text: rnn.text("js.chart.title") }), units, axes),
      lost, plot, nothing, key, say, heard, moreBox, tableBox);

    let data = null, feed = null, busy = false, again = false, waiting = null, spoken = 0, rested = 0, later = null;
    const figure = () => [traces(data, view, rnn.colors()), drawn(data, view, rnn.colors(), plot.clientWidth)];
    function describe() {
      plot.setAttribute("aria-label", summary(data, view.unit));
      plot.dataset.points = data.progress.nats.length;
      plot.dataset.run = feed?.id || "";
    }
    async function draw() {
      clearTimeout(later);
      const some = Boolean(data && (data.progress.nats.length || data.evaluated.nats.length));
      nothing.hidden = some;
      plot.hidden = key.hidden = moreBox.hidden = tableBox.hidden = !some;
      lost.hidden = !feed?.lost;
      lost.textContent = rnn.text(feed?.active() ? "js.chart.lost" : "js.chart.lost.still");
      element.classList.toggle("is-lost", Boolean(feed?.lost));
      const words = data ? remarkOf(data) : "";
      say.hidden = !words;
      if (say.textContent !== words) say.textContent = words;
      if (words && words !== heard.textContent && Date.now() - spoken > 10000) { heard.textContent = words; spoken = Date.now(); }
      if (!element.offsetParent) return;
      if (data) rnn.emit("drawn", element);
      if (!some) return;
      if (busy) { again = true; return; }
      busy = true;
      try {
        if (!window.Plotly) {
          rnn.sketch(plot, ...figure());
          describe();
          waiting ??= rnn.plotly().then(() => { plot.replaceChildren(); draw(); }, () => { waiting = null; });
          return;
        }
        if (!plot.clientWidth) return; // another tab was opened meanwhile
        const begin = performance.now();
        await rnn.draw(plot, ...figure(), { doubleClick: "reset" });
        describe();
        if (moreBox.open) await small(more, data, view, rnn.colors());
        if (tableBox.open) rows.replaceChildren(table(data, view.unit));
        rested = performance.now() + Math.min(LONGEST_REST, REST * (performance.now() - begin));
      } finally {
        busy = false;
        if (again) { again = false; draw(); }
      }
    }
    rnn.follow(element, props, watch, (news, from) => {
      const more = from === feed && from?.active() && !from.lost && !plot.hidden;
      data = news;
      feed = from;
      if (feed && element.closest("#chart")) rnn.lookAt(feed.id);
      if (!more) return draw();
      clearTimeout(later);
      later = setTimeout(draw, Math.max(0, rested - performance.now()));
    });
    moreBox.addEventListener("toggle", draw);
    tableBox.addEventListener("toggle", draw);
    rnn.on("theme", draw);
    rnn.on("unit", (unit) => { units.show(unit); draw(); });
    let width = 0;
    new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth; // none while another tab is open
      if (width) draw();
    }).observe(element);
    // The buttons on the left follow the run's state; Gradio asks the server for them.
    rnn.on("state", (changed) => { if (changed.id === props.value && element.isConnected) trigger("change"); });
    rnn.on("gone", (id) => { if (id === props.value && element.isConnected) trigger("change"); });
  });
})();

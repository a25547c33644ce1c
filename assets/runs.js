// The Runs tab: the table of runs and the overlay of their curves.
"use strict";
(() => {
  let packing = false; // a run to download
  // Called when an action is done, with the file that was packed last.
  rnn.takeFile = (file) => {
    if (!packing || !file) return;
    packing = false;
    rnn.make("a", { href: file.url, download: file.orig_name }).click();
    rnn.reveal("#run-file");
  };
  let chosen = null; // ids whose curves are drawn
  let ticked = false; // by somebody; until then, the run that is looked at is drawn
  const choose = (ids) => { chosen = ids; rnn.emit("overlay", ids); };

  rnn.widget("runs", (element, props, trigger, watch) => {
    let asking = null; // {id, what} of the row that asks for a name or a confirmation
    const without = (id) => { if (chosen?.includes(id)) choose(chosen.filter((other) => other !== id)); };
    rnn.on("gone", without);
    const act = (run, action, more = {}) => {
      asking = null;
      if (action === "delete") without(run.id);
      trigger("select", { action, run: run.id, ...more });
    };
    const button = (words, click, more = {}) => rnn.make("button", { type: "button", class: "small-button", text: words, onclick: click, ...more });

    function question(run) {
      const cancel = button(rnn.text("js.runs.cancel"), () => { asking = null; draw(); });
      if (asking.what === "delete") {
        return rnn.make("div", { class: "ask", role: "alertdialog", "aria-label": rnn.text("js.runs.delete.sure", { name: run.name }) },
          rnn.make("span", { text: rnn.text("js.runs.delete.sure", { name: run.name }) }),
          button(rnn.text("js.runs.delete.yes"), () => act(run, "delete"), { class: "small-button danger", "data-action": "delete-sure" }), cancel);
      }
      const input = rnn.make("input", { type: "text", maxlength: "80", "aria-label": rnn.text("js.runs.new.name") });
      input.value = run.name;
      const save = () => act(run, "rename", { name: input.value });
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") save(); if (event.key === "Escape") { asking = null; draw(); } });
      return rnn.make("div", { class: "ask" }, input, button(rnn.text("js.runs.save"), save), cancel);
    }
    function actions(run) {
      if (asking?.id === run.id) return question(run);
      return rnn.make("div", { class: "row-actions" },
        button(rnn.text("js.runs.open"), () => act(run, "open"), { "data-action": "open", "aria-label": `${rnn.text("js.runs.open")}: ${run.name}` }),
        ...run.actions.map((name) => button(rnn.text(`js.runs.${name}`), () => {
          if (name === "rename" || name === "delete") {
            asking = { id: run.id, what: name };
            draw();
            element.querySelector(".ask input, .ask button")?.focus();
          } else {
            packing = name === "download";
            act(run, name);
          }
        }, { "data-action": name, "aria-label": `${rnn.text(`js.runs.${name}`)}: ${run.name}` })));
    }
    function row(run) {
      const box = rnn.make("input", { type: "checkbox", "aria-label": rnn.text("js.runs.show", { name: run.name }) });
      box.checked = (chosen || []).includes(run.id);
      box.addEventListener("change", () => {
        ticked = true;
        const others = (chosen || []).filter((id) => id !== run.id);
        choose(box.checked ? [...others, run.id] : others);
      });
      const cell = (label, ...content) => rnn.make("td", { "data-label": label }, ...content);
      const words = (text, more) => rnn.make("span", { text, ...more });
      return rnn.make("tr", { class: run.selected ? "selected" : null, "data-run": run.id },
        cell(rnn.text("js.runs.curve"), box),
        cell(rnn.text("js.runs.name"), rnn.make("b", { text: run.name, dir: "auto" }), words(run.text, { class: "hint", dir: "auto" })),
        cell(rnn.text("js.runs.model"), words(run.cell || "–"), words(run.parameters ? rnn.text("js.runs.weights", { count: rnn.number(run.parameters) }) : "", { class: "hint" })),
        cell(rnn.text("js.runs.bits"), words(run.bits === null ? "–" : rnn.number(run.bits, 2), { class: "figure" })),
        cell(rnn.text("js.runs.time"), words(rnn.duration(run.seconds), { class: "figure" })),
        cell(rnn.text("js.runs.state"), words(rnn.text(`js.state.${run.state}`, { position: run.position || 1 }), { class: run.active ? "state live" : `state ${run.state}` })),
        cell(rnn.text("js.runs.actions"), actions(run)));
    }
    function draw() {
      const runs = Array.isArray(props.value) ? props.value : [];
      if (!ticked && runs.length) {
        const looked = (runs.find((run) => run.selected) || runs[0]).id;
        if (chosen?.join() !== looked) choose([looked]);
      }
      if (!runs.length) {
        element.replaceChildren(rnn.make("h3", { text: rnn.text("js.runs.title") }), rnn.make("p", { class: "nothing", text: rnn.text("js.runs.empty") }));
        return;
      }
      const names = ["curve", "name", "model", "bits", "time", "state", "actions"];
      const head = names.map((name) => rnn.make("th", { scope: "col", text: rnn.text(`js.runs.${name}`) }));
      element.replaceChildren(rnn.make("h3", { text: rnn.text("js.runs.title") }), rnn.make("table", { class: "runs-table" },
        rnn.make("thead", {}, rnn.make("tr", {}, ...head)), rnn.make("tbody", {}, ...runs.map(row))));
    }
    watch("value", () => { if (!asking) draw(); });
    draw();
    // While something is trained, the table asks for news every few seconds, if anybody sees it.
    const refresh = () => { if (element.isConnected && element.offsetParent && !document.hidden && !asking) trigger("change"); };
    setInterval(() => { if ((props.value || []).some?.((run) => run.active)) refresh(); }, 4000);
    rnn.on("state", refresh);
  });

  const PALETTE = ["#2f5da8", "#b96412", "#2e7d4f", "#8a4fa8", "#b03a5b", "#4f7c8a", "#7a6a2b", "#5d6778"];
  const DARK = ["#7ea6e8", "#e79a4b", "#6cc290", "#c39be0", "#ef8fa9", "#8fc3d3", "#cdbb6a", "#a5aebb"];
  const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

  rnn.widget("overlay", (element, props, trigger, watch) => {
    const plot = rnn.make("div", { class: "plot", role: "img", hidden: true, "aria-label": rnn.text("js.overlay.title") });
    const nothing = rnn.make("p", { class: "nothing", text: rnn.text("js.overlay.empty") });
    let unit = rnn.store.get("rnn-unit") || "bits", axis = "step", compared = false;
    const axes = rnn.segmented(rnn.text("js.chart.axis"), {
      step: rnn.text("js.chart.steps"), log: rnn.text("js.chart.log"), time: rnn.text("js.chart.time"),
    }, axis, (value) => { axis = value; draw(); });
    const legend = rnn.make("div", { class: "legend" });
    element.replaceChildren(rnn.make("div", { class: "chart-head" }, rnn.make("h3", { text: rnn.text("js.overlay.title") }), axes), nothing, plot, legend);
    let ids = [], shown = new Map(), timer = null;
    const marks = new Map(); // one invisible listener per feed, so that a feed can be left
    function select(next) {
      for (const id of ids) if (!next.includes(id)) { rnn.feed(id).leave(marks.get(id)); marks.get(id)?.remove(); shown.delete(id); }
      const fresh = next.filter((id) => !ids.includes(id));
      ids = [...next];
      for (const id of fresh) {
        const mark = rnn.make("i", { hidden: true });
        element.append(mark);
        marks.set(id, mark);
        rnn.feed(id).listen(mark, (data) => { shown.set(id, data); soon(); });
      }
      soon();
    }
    const soon = () => { timer ??= setTimeout(() => { timer = null; draw(); }, 60); };
    async function draw() {
      const runs = ids.map((id) => [id, shown.get(id)]).filter(([, data]) => data?.evaluated.nats.length);
      nothing.hidden = runs.length > 0;
      nothing.textContent = rnn.text(ids.length ? "js.overlay.soon" : "js.overlay.empty");
      plot.hidden = legend.hidden = !runs.length;
      if (!runs.length || !element.offsetParent) return;
      await rnn.plotly();
      if (!plot.clientWidth) return; // another tab was opened meanwhile
      const colors = rnn.colors(), palette = rnn.dark() ? DARK : PALETTE;
      const x = axis === "time" ? "seconds" : "step";
      const narrow = plot.clientWidth < 480;
      const places = runs.flatMap(([, data]) => data.evaluated[x]);
      const few = Math.max(...places) - Math.min(...places) < 8;  // no step twice
      await rnn.draw(plot, runs.map(([, data], i) => ({
        x: data.evaluated[x], y: data.evaluated.nats.map(rnn.units[unit].of), name: rnn.plainLabel(data.run?.name || ""),
        mode: "lines+markers", marker: { size: 5, color: palette[i % palette.length] },
        line: { width: 2.2, color: palette[i % palette.length], dash: DASHES[Math.floor(i / palette.length) % DASHES.length] },
        hovertemplate: "%{y:.3f}",
      })), rnn.chartLayout(colors, narrow, {
        height: narrow ? 230 : 320, uirevision: `${axis}${ids}`,
        xaxis: rnn.chartAxis(colors, { type: axis === "log" ? "log" : "linear", showgrid: false, tickformat: axis === "log" ? "~s" : ",d", nticks: 8, dtick: few && axis !== "log" ? 1 : undefined,
          title: { text: rnn.text(`js.chart.${axis === "time" ? "seconds" : "step"}`), font: { size: 12 }, standoff: 4 } }),
        yaxis: rnn.chartAxis(colors, { nticks: 7, tickformat: "~g", title: { text: rnn.text("js.overlay.axis", { unit: rnn.text(`js.chart.${unit}`) }), font: { size: 12 }, standoff: 4 } }),
        margin: { l: narrow ? 48 : 58, r: narrow ? 8 : 14, t: 12, b: 46 },
      }));
      plot.dataset.curves = runs.length;
      plot.setAttribute("aria-label", rnn.text("js.overlay.summary", { list: runs.map(([, data]) => data.run?.name).join(", ") }));
      legend.replaceChildren(...runs.map(([, data], i) => {
        const key = rnn.make("i");
        key.style.background = palette[i % palette.length];
        return rnn.make("span", { dir: "auto" }, key, data.run?.name || "");
      }));
    }
    rnn.on("overlay", select);
    rnn.on("theme", soon);
    rnn.on("unit", (next) => { unit = next; soon(); });
    watch("value", () => {
      if (!Array.isArray(props.value) || !props.value.length) return;
      ticked = true; // a comparison was started: its runs stay, and it is of equal times
      if (!compared) { compared = true; axis = "time"; axes.show(axis); }
      choose([...props.value]);
    });
    if (chosen) select(chosen);
    let width = 0;
    new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      if (width) soon();
    }).observe(element);
  });
})();

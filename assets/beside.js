// What goes with the curve: tiles, the film of samples, the strip's chip of the running run.
"use strict";
(() => {
  rnn.widget("tiles", (element, props, trigger, watch) => {
    const tile = () => {
      const number = rnn.make("b"), words = rnn.make("span");
      element.append(rnn.make("div", { class: "tile" }, number, words));
      return (value, text) => {
        if (number.textContent !== value) number.textContent = value;
        if (words.textContent !== text) words.textContent = text;
      };
    };
    element.replaceChildren();
    const [loss, speed, time, last] = [tile(), tile(), tile(), tile()];
    let data = null;
    function draw() {
      element.hidden = !data; // nothing to show yet, or nothing at all
      const run = data?.run || {};
      const low = data && rnn.best(data);
      const unit = rnn.units[rnn.view.unit];
      const end = ["finished", "stopped"].includes(run.state) ? rnn.last(data, "Finished") : null;
      const best = end?.best_step ? unit.of(end.validation_nats_per_char) : low ? unit.of(low.nats) : NaN; // the end's is of the whole part
      const exploded = best >= 1e5 && Number.isFinite(best); // too long for a tile
      loss(exploded ? best.toExponential(1) : rnn.number(best, 2), rnn.text(`js.tile.${rnn.view.unit}`));
      const measured = data ? rnn.last(data, "TokenizerLearned") : null;
      const pace = data?.progress.speed.slice(-5) || [];
      const mean = pace.length ? pace.reduce((a, b) => a + b) / pace.length * (measured?.characters_per_token || 1) : NaN;
      speed(rnn.number(Number(mean.toPrecision(3))), rnn.text("js.tile.speed"));
      const spent = run.seconds ?? data?.progress.seconds.at(-1);
      time(rnn.duration(spent), run.total_seconds ? rnn.text("js.tile.time", { total: rnn.duration(run.total_seconds) }) : rnn.text("js.tile.elapsed"));
      if (end && end.copied_share !== null) last(rnn.percent(end.copied_share, 0), rnn.text("js.tile.copied"));
      else last(low ? rnn.number(low.step) : "–", rnn.text("js.tile.best.step"));
    }
    draw();
    rnn.follow(element, props, watch, (news) => { data = news; draw(); });
    rnn.on("unit", draw);
  });

  rnn.widget("film", (element, props, trigger, watch) => {
    const frames = rnn.make("div", { class: "film" });
    const slider = rnn.make("input", { type: "range", min: "0", max: "0", value: "0", "aria-label": rnn.text("js.film.slider") });
    const nothing = rnn.make("p", { class: "nothing", text: rnn.text("js.film.empty") });
    element.replaceChildren(rnn.make("h3", { text: rnn.text("js.film.title") }), nothing, frames, slider);
    let samples = [], following = true, count = -1, id = null;
    function frame(sample, now) {
      const text = rnn.make("pre", { dir: "auto" });
      const prompt = sample.text.startsWith(sample.prompt) ? "" : sample.prompt;
      text.append(rnn.make("span", { class: "prompt", text: prompt }), sample.text);
      return rnn.make("figure", { class: now ? "frame" : "frame old" },
        rnn.make("figcaption", { text: rnn.text("js.film.step", { step: rnn.number(sample.step) }) }), text);
    }
    function draw() {
      nothing.hidden = samples.length > 0;
      frames.hidden = slider.hidden = samples.length === 0;
      if (!samples.length) return;
      const at = Number(slider.value);
      slider.setAttribute("aria-valuetext", rnn.text("js.film.step", { step: rnn.number(samples[at].step) }));
      const shown = [...new Set([0, Math.floor(at / 2), at])].filter((i) => i < at);
      frames.replaceChildren(...shown.map((i) => frame(samples[i], false)), frame(samples[at], true));
    }
    draw();
    slider.addEventListener("input", () => { following = Number(slider.value) === samples.length - 1; draw(); });
    rnn.follow(element, props, watch, (data, feed) => {
      samples = data?.samples || [];
      if ((feed?.id || null) !== id) { id = feed?.id || null; following = true; count = -1; }
      if (samples.length === count) return;
      count = samples.length;
      slider.max = String(Math.max(0, samples.length - 1));
      if (following || Number(slider.value) >= samples.length) slider.value = slider.max;
      draw();
    });
  });

  // The chip in the strip: the run that is being trained, on every tab.
  rnn.widget("chip", (element, props, trigger, watch) => {
    const button = rnn.make("button", { type: "button", class: "chip chip-run", onclick: () => { trigger("select", { run: props.value }); rnn.openTab("train"); } });
    element.replaceChildren(button);
    rnn.follow(element, props, watch, (data, feed) => {
      const run = data?.run;
      if (props.value) rnn.store.set("rnn-run", props.value); // for other tabs, and the next page (arrival.js)
      const shown = Boolean(run) && props.value !== "bundled";
      button.hidden = !shown;
      if (!shown) return;
      const name = run.name || rnn.text("js.strip.unnamed"), comma = rnn.language === "zh" ? "\uff0c" : ", ";
      const parts = [rnn.text(`js.state.${run.state}`, { position: run.position || 1 })];
      if (feed.active() && run.share > 0) parts[0] = rnn.percent(Math.floor(100 * run.share) / 100, 0);
      if (run.state === "running" && run.seconds_left !== null) parts.push(rnn.text("js.left", { time: rnn.duration(run.seconds_left) }));
      button.classList.toggle("live", feed.active());
      button.replaceChildren(rnn.make("i", { "aria-hidden": "true" }), rnn.make("span", { text: name }), comma + parts.join(comma));
      button.title = [name, ...parts].join(comma);
      button.setAttribute("aria-label", button.title);
    });
    const next = () => { if (element.isConnected) trigger("change"); };
    rnn.on("state", (changed) => { if (changed.id === props.value) next(); });
    addEventListener("storage", ({ key }) => { if (key === "rnn-run") next(); }); // begun in another tab of the browser
  });
})();

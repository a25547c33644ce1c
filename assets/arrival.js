// How a page arrives: on the tab where it was left, or on Train while something is trained.
// Gradio takes a second or more to build the page, a busy phone ten. The curve does not wait for
// it: the Train tab's widgets, which need no Gradio, stand in its place until its own are drawn.
"use strict";
(() => {
  const TABS = ["text", "train", "write", "look", "share", "runs"];
  const PATIENCE = 10000; // ms that Gradio gets to draw the curve once it has made the tabs,
  const MOST_PATIENCE = 60000; // and to make them: then whatever it has to say is shown, if it came at all
  const here = (name) => document.getElementById(`tab-${name}`)?.offsetParent;
  const tabs = () => document.querySelector("#tabs [role=tab]");
  let first = TABS.find((name) => name === rnn.session.get("rnn-tab")); // the tab to open
  let stand = null, built;
  rnn.built = new Promise((resolve) => { built = resolve; });
  addEventListener("pagehide", () => {
    const open = TABS.find(here);
    if (open) rnn.session.set("rnn-tab", open);
  });

  function part(name, value) {
    const box = rnn.make("div", { class: "widget" });
    rnn.mount(name, box, { value }, () => {}, () => {});
    return rnn.make("div", { class: `widget-box widget-${name}` }, box);
  }
  function build({ id, name }, facts) {
    const tab = (wanted) => rnn.make("button", {
      type: "button", class: wanted === "train" && "selected", text: rnn.text(`tab.${wanted}`),
      onclick: () => {
        if (wanted === "train") return;
        first = wanted;
        if (tabs()) rnn.openTab(wanted);
        leave();
      },
    });
    const strip = [part("name"), part("facts", facts), part("chip", rnn.feed(id).active() ? id : ""), part("language"), part("theme")];
    const hint = rnn.make("p", { class: "hint", text: rnn.text("js.arrival.soon") });
    const card = (kind, ...parts) => rnn.make("div", { class: `card ${kind}` }, ...parts);
    stand = rnn.make("div", { class: "gradio-container" }, rnn.make("div", { class: "main fillable arrival" },
      rnn.make("div", { class: "strip" }, ...strip),
      rnn.make("nav", { class: "tabs" }, rnn.make("div", { class: "tab-wrapper" }, rnn.make("div", { class: "tab-container" }, ...TABS.map(tab)))),
      rnn.make("div", { class: "two" },
        rnn.make("div", { class: "side" },
          card("in-chart", rnn.make("h3", { text: rnn.text("train.this").replace("### ", "") }),
            rnn.make("b", { text: `${name}${rnn.language === "zh" ? "。" : "."}` }), hint),
          card("film-card", part("film", id))),
        rnn.make("div", { class: "main" }, card("", part("chart", id)), part("tiles", id)))));
    document.body.prepend(stand);
    document.body.classList.add("arriving");
    setTimeout(() => {
      if (document.querySelector("gradio-app").childElementCount) leave();
      else hint.textContent = rnn.text("js.arrival.never");
    }, MOST_PATIENCE);
  }
  function leave() {
    const hadFocus = stand?.contains(document.activeElement);
    stand?.remove();
    stand = null;
    document.body.classList.remove("arriving");
    if (hadFocus) document.querySelector("#tabs [role=tab][aria-selected=true]")?.focus({ preventScroll: true });
    built();
  }
  // Gradio draws that tab at once when its settings, which stand in the page, say so.
  function choose() {
    const tabs = window.gradio_config?.components?.find(({ props }) => props.elem_id === "tabs");
    if (tabs && first) tabs.props.selected = first;
  }
  document.addEventListener("readystatechange", choose);
  rnn.on("drawn", (element) => { if (element.closest("#chart")) leave(); });

  const body = new Promise((resolve) => {
    const look = () => document.body && (watch.disconnect(), resolve());
    const watch = new MutationObserver(look);
    watch.observe(document.documentElement, { childList: true });
    look();
  });
  async function ask() {
    const runs = new URLSearchParams({ looked_at: rnn.lookedAt(), known: rnn.store.get("rnn-run") || "" });
    const answer = await fetch(`live?${runs}`, { cache: "no-store" });
    if (answer.status === 404) { // it was deleted
      rnn.lookAt("");
      rnn.store.set("rnn-run", "");
    }
    if (!answer.ok) return;
    const rows = await answer.json(), feed = rnn.feed(rows.run.id);
    feed.take(rows);
    await body;
    if (tabs()) return; // Gradio was quicker
    first ??= feed.active() ? "train" : undefined;
    choose();
    if (first === "train") build(rows.run, rows.facts);
  }
  if (!first || first === "train") ask().catch(() => {});

  const look = setInterval(() => {
    if (!tabs()) return;
    clearInterval(look);
    if (first && first !== "text") rnn.openTab(first);
    setTimeout(leave, stand && first === "train" ? PATIENCE : 0);
  }, 50);
  // Plotly takes a second to start: better while the first screen is read than before a chart,
  // but not in the way of somebody who goes to one at once, and sees a sketch.
  rnn.built.then(() => setTimeout(() => (window.requestIdleCallback || setTimeout)(() => rnn.plotly().catch(() => {})), 2000));
})();

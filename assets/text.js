// The Text tab: cards of samples, and the report of a text. All words of the text are textContent.
"use strict";
let sampleTaken = false;  // then its report is shown: on a phone it lies below the screen
rnn.widget("samples", (element, props, trigger) => {
  element.replaceChildren(rnn.make("h3", { text: rnn.text("js.text.samples") }),
    rnn.make("div", { class: "sample-cards" }, ...(props.value || []).map((name) => rnn.make("button", {
      type: "button", class: "sample", "data-sample": name, onclick: () => { sampleTaken = true; trigger("select", { sample: name, language: rnn.language }); },
    }, rnn.make("b", { text: rnn.text(`js.text.${name}`) }), rnn.make("span", { text: rnn.text(`js.text.${name}.about`) })))));
});

rnn.widget("report", (element, props, trigger, watch) => {
  const figure = (value, words) => rnn.make("div", {}, rnn.make("b", { text: value }), rnn.make("span", { text: words }));
  function sizes(card) {
    return rnn.make("p", { class: "sizes" }, rnn.make("span", { text: rnn.text("js.text.enough") }),
      ...card.sizes.map(([name, enough]) => rnn.make("span", { class: enough ? "size yes" : "size no" },
        rnn.make("span", { text: rnn.text(`js.text.${name}`) }),
        rnn.make("span", { "aria-hidden": "true", text: enough ? " ✓" : " ✗" }),
        rnn.make("span", { class: "for-readers", text: rnn.text(enough ? "js.text.yes" : "js.text.no") }))));
  }
  function finding(found) {
    return rnn.make("li", {}, rnn.make("span", { text: found.words }), found.fix ? rnn.make("button", {
      type: "button", class: "small-button", "data-fix": found.fix, text: found.button, onclick: () => trigger("select", { fix: found.fix }),
    }) : null);
  }
  function bar(shares) {
    const names = ["train", "validation", "test"];
    return rnn.make("div", { class: "split", role: "img",
      "aria-label": names.map((name, i) => rnn.text(`js.text.${name}`, { share: rnn.percent(shares[i], 0) })).join(", ") },
      ...names.map((name, i) => rnn.make("span", { class: `part ${name}`, style: `flex:${Math.max(shares[i], 0.001)}`,
        text: shares[i] > 0.15 ? rnn.text(`js.text.${name}`, { share: rnn.percent(shares[i], 0) }) : "" })));
  }
  function splitLegend(shares) {
    return rnn.make("p", { class: "hint", text: ["train", "validation", "test"].filter((_, i) => shares[i] > 0)
      .map((name, i) => rnn.text(`js.text.${name}`, { share: rnn.percent(shares[i], shares[i] * 100 % 1 ? 1 : 0) })).join(" · ") });
  }
  function draw() {
    const card = props.value || {};
    if (!card.characters) {
      element.replaceChildren(rnn.make("p", { class: "nothing", text: rnn.text("js.text.empty") }));
      return;
    }
    element.replaceChildren(
      rnn.make("div", { class: "report-head" }, rnn.make("h3", { dir: "auto", text: card.name }),
        card.encoding === "Unicode" ? null : rnn.make("span", { class: "hint", text: rnn.text("js.text.encoding", { encoding: card.encoding }) })),
      rnn.make("div", { class: "figures" }, figure(rnn.number(card.characters), rnn.text("js.text.characters")),
        figure(rnn.number(card.symbols), rnn.text("js.text.symbols")), figure(rnn.number(card.lines), rnn.text("js.text.lines")),
        figure(rnn.percent(card.duplicates, 0), rnn.text("js.text.duplicates"))),
      sizes(card), ...(card.verdict ? [rnn.make("p", { class: "hint", text: card.verdict })] : []),
      ...(card.findings.length ? [rnn.make("ul", { class: "findings" }, ...card.findings.map(finding))] : []),
      rnn.make("h3", { text: rnn.text("js.text.preview") }),
      rnn.make("div", { class: "tokens", dir: "auto", role: "img", "aria-label": card.vocabulary },
        ...card.tokens.map(([label, id]) => rnn.make("span", { class: `token t${(id * 7) % 6}`, text: label }))),
      rnn.make("p", { class: "hint", text: card.vocabulary }),
      rnn.make("h3", { text: rnn.text("js.text.split") }), bar(card.shares), splitLegend(card.shares));
  }
  watch("value", () => {
    draw();
    if (sampleTaken && props.value?.characters) { sampleTaken = false; rnn.reveal(element); }
  });
  draw();
});

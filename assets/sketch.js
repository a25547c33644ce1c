// A Plotly figure without Plotly, which takes a second to start on a busy computer: a curve is
// there at once, and what can be pointed at takes its place.
"use strict";
(() => {
  function part(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // What an axis is marked with: at most so many round numbers, or the powers of ten of a logarithmic one.
  function ticks({ type, range: [from, to] }, most) {
    const rough = type === "log" ? 1 : (to - from) / most, ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((k) => k * ten).find((size) => size >= rough);
    const first = Math.ceil(from / step);
    const marks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
    return type === "log" ? marks.map((power) => 10 ** power) : marks;
  }

  // traces: x, y, mode, line, marker; layout: height, margin, both axes, shapes that are lines, annotations.
  rnn.sketch = (holder, traces, { height, margin, xaxis, yaxis, shapes, annotations }) => {
    const wide = holder.clientWidth - margin.l - margin.r, high = height - margin.t - margin.b;
    const share = ({ type, range: [from, to] }, value) => ((type === "log" ? Math.log10(Math.max(value, 1e-9)) : value) - from) / (to - from);
    const across = (value, reference) => wide * (reference === "paper" ? value : share(xaxis, value));
    const down = (value, reference) => high * (1 - (reference === "paper" ? value : share(yaxis, value)));
    const stroke = ({ color, width, dash }) => ({ stroke: color, "stroke-width": width, "stroke-dasharray": dash });
    const words = (x, y, anchor, { color, size }, text) => part("text", { x, y, fill: color, "font-size": size, "text-anchor": anchor }, text);
    const said = (value) => value.toLocaleString(rnn.locale, { maximumSignificantDigits: 4 });
    const levels = ticks(yaxis, yaxis.nticks).map((value) => [down(value), said(value)]);
    const marks = ticks(xaxis, xaxis.nticks).map((value) => [across(value), said(value)]);
    holder.replaceChildren(part("svg", { width: holder.clientWidth, height },
      ...levels.map(([y, text]) => words(margin.l - 4, margin.t + y + 4, "end", yaxis.tickfont, text)),
      ...marks.map(([x, text]) => words(margin.l + x, margin.t + high + 15, "middle", xaxis.tickfont, text)),
      part("svg", { x: margin.l, y: margin.t, width: wide, height: high }, // what leaves it is cut off
        ...levels.map(([y]) => part("line", { stroke: yaxis.gridcolor, x1: 0, x2: wide, y1: y, y2: y })),
        ...shapes.map(({ line, xref, yref, x0, x1, y0, y1 }) => part("line", {
          ...stroke(line), x1: across(x0, xref), x2: across(x1, xref), y1: down(y0, yref), y2: down(y1, yref),
        })),
        ...traces.map(({ x, y, line, opacity }) => part("polyline", {
          ...stroke(line), fill: "none", opacity, points: x.map((value, i) => `${across(value)},${down(y[i])}`).join(" "),
        })),
        ...traces.filter(({ mode }) => mode.includes("markers")).flatMap(({ x, y, marker }) => x.map((value, i) =>
          part("circle", { cx: across(value), cy: down(y[i]), r: marker.size / 2, fill: marker.color }))),
        ...annotations.map(({ x, xref, xanchor, y, yanchor, text, font }) =>
          words(across(x, xref), down(y) + (yanchor === "top" ? font.size : -4), xanchor === "right" ? "end" : "start", font, text)))));
  };
})();

// The lines of a Plotly figure without Plotly, which takes a second to start on a busy computer:
// a curve is there at once, and what can be pointed at takes its place.
"use strict";
(() => {
  function part(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // traces: x, y, line; layout: height, margin, ranges of both axes, shapes that are lines, annotations.
  rnn.sketch = (holder, traces, { height, margin, xaxis, yaxis, shapes, annotations }) => {
    const wide = holder.clientWidth - margin.l - margin.r, high = height - margin.t - margin.b;
    const share = ({ type, range: [from, to] }, value) => ((type === "log" ? Math.log10(Math.max(value, 1e-9)) : value) - from) / (to - from);
    const across = (value, reference) => wide * (reference === "paper" ? value : share(xaxis, value));
    const down = (value, reference) => high * (1 - (reference === "paper" ? value : share(yaxis, value)));
    const stroke = ({ color, width, dash }) => ({ stroke: color, "stroke-width": width, "stroke-dasharray": dash });
    holder.replaceChildren(part("svg", { width: holder.clientWidth, height },
      part("svg", { x: margin.l, y: margin.t, width: wide, height: high }, // what leaves it is cut off
        ...shapes.map(({ line, xref, yref, x0, x1, y0, y1 }) => part("line", {
          ...stroke(line), x1: across(x0, xref), x2: across(x1, xref), y1: down(y0, yref), y2: down(y1, yref),
        })),
        ...traces.map(({ x, y, line, opacity }) => part("polyline", {
          ...stroke(line), fill: "none", opacity, points: x.map((value, i) => `${across(value)},${down(y[i])}`).join(" "),
        })),
        ...annotations.map(({ x, xref, xanchor, y, yanchor, text, font }) => part("text", {
          x: across(x, xref), y: down(y) + (yanchor === "top" ? font.size : -4), fill: font.color, "font-size": font.size,
          "text-anchor": xanchor === "right" ? "end" : "start",
        }, text)))));
  };
})();

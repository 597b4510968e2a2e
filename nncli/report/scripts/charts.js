// SVG charts as wide as their containers, redrawn when the width changes, with the values under the pointer.

const MARGIN = { left: 52, right: 14, top: 22, bottom: 34 };

function svg(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

// Round numbers between two limits, about `count` of them, at least `least` apart.
function ticks(low, high, count, least = 0) {
  const rough = Math.max(least, (high - low) / count) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(Number((i * step).toPrecision(9)));
  return found;
}

// chart: {label, x: [low, high], y: [low, high], xLabel, xFormat, yFormat, lines: [{name, className, points}], bars, diagonal,
// best, read(x) -> [text of the reading, x at which it is shown, [[className, y], ...]]}
function drawChart(place, chart) {
  const draw = () => {
    const width = place.clientWidth, height = place.clientHeight;
    if (!width) return;
    const right = width - MARGIN.right, bottom = height - MARGIN.bottom;
    const x = (value) => MARGIN.left + ((value - chart.x[0]) / (chart.x[1] - chart.x[0])) * (right - MARGIN.left);
    const y = (value) => bottom - ((value - chart.y[0]) / (chart.y[1] - chart.y[0])) * (bottom - MARGIN.top);
    const root = svg("svg", { role: "img", "aria-label": chart.label, viewBox: `0 0 ${width} ${height}` });
    for (const value of ticks(...chart.y, 5)) {
      root.append(svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }));
      root.append(svg("text", { x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, chart.yFormat(value)));
    }
    for (const value of ticks(...chart.x, width < 400 ? 4 : 8, chart.least)) {
      root.append(svg("text", { x: x(value), y: bottom + 18, "text-anchor": "middle" }, chart.xFormat(value)));
    }
    root.append(svg("line", { class: "axis", x1: MARGIN.left, x2: right, y1: bottom, y2: bottom }));
    root.append(svg("text", { x: right, y: height - 1, "text-anchor": "end" }, chart.xLabel));
    for (const { low, high, value } of chart.bars || []) {
      const box = { x: x(low) + 1, width: x(high) - x(low) - 2, y: y(value), height: bottom - y(value) };
      root.append(svg("rect", { class: "bar", ...box }));
    }
    if (chart.diagonal) {
      root.append(svg("line", { class: "diagonal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }));
    }
    if (chart.best !== undefined) {
      root.append(svg("line", { class: "best", x1: x(chart.best), x2: x(chart.best), y1: MARGIN.top, y2: bottom }));
    }
    // An inner svg clips the lines at its edges, and keeps the coordinates of the outer one.
    const [insideWidth, insideHeight] = [right - MARGIN.left + 6, bottom - MARGIN.top];
    const inside = svg("svg", {
      x: MARGIN.left - 3, y: MARGIN.top, width: insideWidth, height: insideHeight,
      viewBox: `${MARGIN.left - 3} ${MARGIN.top} ${insideWidth} ${insideHeight}`,
    });
    root.append(inside);
    let legend = MARGIN.left;
    for (const { name, className, points } of chart.lines || []) {
      const path = points.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
      inside.append(svg("path", { class: `line ${className}`, d: path }));
      if (points.length === 1) root.append(svg("circle", { class: className, cx: x(points[0][0]), cy: y(points[0][1]), r: 3.5 }));
      if (name) root.append(svg("text", { class: className, x: legend, y: 12 }, name));
      legend += 10 + 7.4 * name.length;
    }
    place.replaceChildren(root);
    attachReading(place, root, chart, x, y, bottom);
  };
  new ResizeObserver(draw).observe(place);
  draw();
}

// Show the values under the pointer; with the keyboard, the arrow keys move from value to value.
function attachReading(place, root, chart, x, y, bottom) {
  const marks = svg("g");
  const reading = element("div", { className: "reading", hidden: true, "aria-live": "polite" });
  root.append(marks);
  place.append(reading);
  const show = (value) => {
    const [text, at, points] = chart.read(Math.min(chart.x[1], Math.max(chart.x[0], value)));
    marks.replaceChildren(svg("line", { class: "axis", x1: x(at), x2: x(at), y1: MARGIN.top, y2: bottom }));
    for (const [className, level] of points) marks.append(svg("circle", { class: className, cx: x(at), cy: y(level), r: 4 }));
    reading.textContent = text;
    reading.hidden = false;
    const left = x(at) > place.clientWidth / 2 ? x(at) - reading.offsetWidth - 10 : x(at) + 10;
    reading.style.left = `${Math.max(0, left)}px`;
    place.dataset.at = at;
  };
  const hide = () => {
    marks.replaceChildren();
    reading.hidden = true;
  };
  const scale = (chart.x[1] - chart.x[0]) / (x(chart.x[1]) - x(chart.x[0]));
  place.onpointermove = (event) => show(chart.x[0] + (event.clientX - place.getBoundingClientRect().left - x(chart.x[0])) * scale);
  place.onpointerdown = place.onpointermove;
  place.onpointerleave = hide;
  place.onblur = hide;
  place.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(Number(place.dataset.at ?? chart.x[0]) + step * chart.step);
  };
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", `${chart.label}; the arrow keys show its values`);
}

function drawCurves(place, train, validation, format, label) {
  const epochs = VALUES.epochs;
  const last = epochs.length ? epochs[epochs.length - 1].epoch : 1;
  const lines = [
    { name: "training", className: "second", points: epochs.map((each) => [each.epoch, each[train]]) },
    { name: "validation", className: "first", points: epochs.filter((each) => each[validation] !== null).map((each) => [each.epoch, each[validation]]) },
  ].filter((line) => line.points.length);
  const values = lines.flatMap((line) => line.points.map((point) => point[1])).sort((a, b) => a - b);
  const spread = values[Math.floor(0.98 * (values.length - 1))];
  const best = epochs.filter((each) => each.improved).pop();
  drawChart(place, {
    label, lines, step: 1, least: 1, xLabel: "epoch", xFormat: String, yFormat: format,
    x: [Math.min(1, last - 1), last], y: [0, 1.05 * Math.max(values[values.length - 1] < 3 * spread ? values[values.length - 1] : spread, 1e-9)],
    best: best && lines.length > 1 ? best.epoch : undefined,
    read(x) {
      const each = epochs.reduce((a, b) => (Math.abs(b.epoch - x) < Math.abs(a.epoch - x) ? b : a));
      const points = [["second", each[train]], ["first", each[validation]]].filter(([, value]) => value !== null);
      const names = { first: "validation", second: "training" };
      const shown = points.map(([name, value]) => `${names[name].padEnd(11)}${format(value, true)}`);
      return [[`epoch ${each.epoch}${each === best ? " (best)" : ""}`, ...shown].join("\n"), each.epoch, points];
    },
  });
}

function drawSchedule(place) {
  const points = VALUES.schedule;
  const format = (value) => String(Number(value.toPrecision(3)));
  drawChart(place, {
    label: "Learning rate", lines: [{ name: "", className: "first", points }], step: points[points.length - 1][0] / 50,
    least: 1, xLabel: "epoch", xFormat: String, yFormat: format, x: [0, points[points.length - 1][0]],
    y: [0, 1.05 * Math.max(...points.map((point) => point[1]))],
    read(x) {
      const [epoch, rate] = points.reduce((a, b) => (Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a));
      return [`epoch ${epoch.toFixed(1)}\nlearning rate ${format(rate)}`, epoch, [["first", rate]]];
    },
  });
}

function drawCalibration(place) {
  const { counts, confidences, accuracies } = VALUES.calibration;
  const bins = counts.length;
  const bars = counts.map((count, i) => ({ low: i / bins, high: (i + 1) / bins, value: count ? accuracies[i] : 0, count }));
  drawChart(place, {
    label: "Calibration", bars: bars.filter((bar) => bar.count), diagonal: true, step: 1 / bins, xLabel: "predicted probability",
    xFormat: (value) => percent(value, 0), yFormat: (value) => percent(value, 0), x: [0, 1], y: [0, 1],
    read(x) {
      const i = Math.min(bins - 1, Math.floor(x * bins)), at = (i + 0.5) / bins;
      const range = `${percent(i / bins, 0)} to ${percent((i + 1) / bins, 0)}`;
      if (!counts[i]) return [`${range}\nno images`, at, []];
      return [`${range}: ${counts[i].toLocaleString("en")} images\naccuracy    ${percent(accuracies[i])}\nprobability ${percent(confidences[i])}`, at, [["first", accuracies[i]]]];
    },
  });
}

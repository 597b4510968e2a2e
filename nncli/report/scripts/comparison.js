// The learning curves of the groups of runs, with the values under the pointer.

function drawGroups(place, name, label) {
  const groups = VALUES.groups.filter((group) => group[name].mean.length);
  const points = groups.flatMap((group) => [group[name].mean, ...group[name].seeds].flat());
  if (!points.length) {
    place.replaceChildren(element("p", { className: "about" }, "There are no such errors."));
    return;
  }
  const last = Math.max(...points.map((point) => point[0]));
  const errors = points.map((point) => point[1]).sort((a, b) => a - b);
  const spread = 1.5 * errors[Math.floor(0.9 * (errors.length - 1))];
  const lines = groups.flatMap((group) => [
    ...group[name].seeds.map((seed) => ({ name: "", className: `series seed series-${group.series}`, points: seed })),
    { name: "", className: `series series-${group.series}`, points: group[name].mean },
  ]);
  drawChart(place, {
    label, lines, step: 1, xLabel: "epoch", xFormat: (value) => (Number.isInteger(value) ? String(value) : ""),
    yFormat: (value) => percent(value, spread < 0.1 ? 1 : 0),
    x: [Math.min(1, last - 1), last], y: [0, 1.05 * Math.max(Math.min(errors[errors.length - 1], spread), 1e-9)],
    read(x) {
      const epoch = Math.round(x);
      const found = groups.map((group) => [group, group[name].mean.find((point) => point[0] === epoch)]).filter(([, point]) => point);
      const width = Math.max(0, ...found.map(([group]) => group.label.length));
      const shown = found.map(([group, point]) => `${group.label.padEnd(width + 2)}${percent(point[1], 2)}`);
      return [[`epoch ${epoch}`, ...shown].join("\n"), epoch, found.map(([group, point]) => [`series series-${group.series}`, point[1]])];
    },
  });
}

drawGroups(document.getElementById("validation"), "validation", "Validation error by epoch");
drawGroups(document.getElementById("train"), "training", "Training error by epoch");

// Galleries of test images, and the confusion matrix that fills one of them.

const BATCH = 120; // images that a gallery shows at once

class Images {
  constructor(pixels, confidences) {
    const { shape, labels, predictions, indices } = VALUES.images;
    this.shape = shape;
    this.size = shape[0] * shape[1];
    this.count = labels.length;
    this.pixels = pixels;
    this.confidences = confidences;
    this.labels = labels;
    this.predictions = predictions;
    this.indices = indices;
  }

  index(i) {
    return this.indices ? this.indices[i] : i;
  }

  of(i) {
    return this.pixels.subarray(i * this.size, (i + 1) * this.size);
  }

  describe(i) {
    const [label, prediction] = [this.labels[i], this.predictions[i]];
    const verdict = label === prediction ? `${label}` : `${label} as ${prediction}`;
    return { verdict, probability: percent(this.confidences[i]) };
  }
}

// Show images in a gallery; selecting one calls `choose` with its position.
function showImages(place, images, chosen, choose) {
  place.replaceChildren();
  const add = (start) => {
    for (const i of chosen.slice(start, start + BATCH)) {
      const canvas = imageCanvas(images.shape, "ink");
      const { verdict, probability } = images.describe(i);
      paintInk(canvas, images.of(i));
      const tile = element("button", { type: "button", className: "tile", title: `test image ${images.index(i)}` }, canvas,
        element("span", {}, verdict), element("span", { className: "note" }, probability));
      tile.dataset.index = images.index(i);
      tile.onclick = () => choose(i);
      place.append(tile);
    }
    const rest = chosen.length - start - BATCH;
    if (rest <= 0) return;
    const more = element("button", { type: "button", className: "more" }, `Show ${Math.min(rest, BATCH)} more of ${rest.toLocaleString("en")}`);
    more.onclick = () => {
      more.remove();
      add(start + BATCH);
    };
    place.append(more);
  };
  add(0);
}

function setUpMatrix(images, choose) {
  const cells = [...document.querySelectorAll("#matrix button")];
  const counts = VALUES.confusion;
  const highest = Math.max(1, ...counts.map((row, i) => Math.max(...row.filter((_, j) => j !== i))));
  const select = (cell) => {
    const [label, prediction] = [cell.dataset.true, cell.dataset.predicted];
    const count = counts[label][prediction];
    const chosen = [];
    for (let i = 0; i < images.count; i++) {
      if (images.labels[i] === label && images.predictions[i] === prediction) chosen.push(i);
    }
    chosen.sort((a, b) => (label === prediction ? images.confidences[a] - images.confidences[b] : images.confidences[b] - images.confidences[a]));
    for (const each of cells) each.setAttribute("aria-pressed", each === cell);
    document.getElementById("cell-title").textContent = label === prediction ? `${label}, recognized as ${label}` : `${label}, mistaken for ${prediction}`;
    const missing = chosen.length < count ? `; the page has ${chosen.length.toLocaleString("en")} of them` : "";
    const order = label === prediction ? "least" : "most";
    const verb = count === 0 ? "No images" : count === 1 ? "One image" : `${count.toLocaleString("en")} images, the ${order} confident prediction first`;
    document.getElementById("cell-about").textContent = `${verb}${missing}.`;
    showImages(document.getElementById("cell"), images, chosen, choose);
  };
  const focus = (cell) => {
    for (const each of cells) each.tabIndex = each === cell ? 0 : -1;
  };
  cells.forEach((cell, i) => {
    const [row, column] = [Math.floor(i / 10), i % 10];
    const count = counts[row][column];
    const strength = row === column ? 0.16 + 0.3 * (count / Math.max(1, counts[row].reduce((a, b) => a + b))) : count && 0.12 + 0.4 * (count / highest);
    if (count) cell.style.backgroundColor = `rgba(var(${row === column ? "--good" : "--bad"}), ${strength.toFixed(2)})`;
    cell.setAttribute("aria-label", `true ${row}, predicted ${column}: ${count}`);
    cell.onclick = () => {
      focus(cell);
      select(cell);
    };
    cell.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 }[event.key];
      const target = cells[i + step];
      if (!target || (Math.abs(step) === 1 && Math.floor((i + step) / 10) !== row)) return;
      event.preventDefault();
      focus(target);
      target.focus();
    };
  });
  const errors = cells.filter((cell) => cell.dataset.true !== cell.dataset.predicted);
  const most = errors.reduce((a, b) => (counts[b.dataset.true][b.dataset.predicted] > counts[a.dataset.true][a.dataset.predicted] ? b : a));
  focus(most);
  select(most);
}

// Run the network on the drawing, and show both passes.

const RESPONDING = 12; // units shown
const DOUBTFUL = 0.5; // as in nncli/cli/predict.py

class Recognizer {
  constructor(network, images, tensors) {
    this.network = network;
    this.images = images;
    this.input = VALUES.network.images;
    this.first = VALUES.features.layer;
    this.weights = tensors(`${this.first}.weights`);
    this.limits = new Map();
    this.target = null; // the class chosen by the user; null for the prediction
    this.last = null;
    this.board = new Board(document.getElementById("board"), () => this.schedule());
    this.canDraw = this.input.shape.every((side) => side === FRAME);
    this.seen = imageCanvas(this.input.frame, "ink");
    document.getElementById("seen").append(this.seen);
    this.setUpProbabilities();
    this.setUpLayers();
    this.setUpSignals();
    document.getElementById("clear").onclick = () => this.board.clear();
    document.getElementById("undo").onclick = () => this.board.undo();
    document.getElementById("random").onclick = () => this.showImage(Math.floor(Math.random() * images.count));
    if (!this.canDraw) {
      this.board.begin = this.board.move = () => {};
      document.getElementById("hint").textContent = `This network reads images of ${this.input.shape.join(" x ")} pixels, which cannot be drawn here; select a test image.`;
    }
  }

  showImage(i) {
    this.target = null;
    this.number = i;
    this.board.show({ shape: this.images.shape, pixels: this.images.of(i) });
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.board.paint();
      this.answer();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.showBackward(), 30);
    });
  }

  // Recognize the drawing: the forward pass runs after every stroke, the backward pass when the pen rests.
  answer() {
    const { board } = this, began = performance.now();
    document.getElementById("hint").hidden = !board.empty;
    try {
      this.last = board.empty ? null : this.recognize(board.picture());
      this.show(this.last);
    } catch (error) {
      this.last = null;
      this.show(null, error.message);
    }
    this.milliseconds = performance.now() - began;
  }

  // Browsers compile a script while it runs, so recognize a few drawings before the first real one.
  warmUp() {
    const pixels = Float32Array.from({ length: BOARD * BOARD }, (_, k) => {
      const radius = Math.hypot(Math.floor(k / BOARD) - BOARD / 2, (k % BOARD) - BOARD / 2) - BOARD / 4;
      return 255 * Math.min(1, Math.max(0, PEN - Math.abs(radius)));
    });
    for (let i = 0; this.canDraw && i < 10; i++) this.recognize(grid(BOARD, BOARD, pixels));
  }

  recognize(picture) {
    const { pixels, marks } = this.canDraw ? framePicture(picture) : { pixels: Uint8Array.from(picture.data), marks: 1 };
    const { framed, x } = prepare(pixels, this.input);
    const values = this.network.forward(x);
    const probabilities = this.network.probabilities(values);
    return { pixels, marks, framed, values, probabilities, digit: probabilities.indexOf(Math.max(...probabilities)) };
  }

  show(last, fault = "") {
    const answer = document.getElementById("answer"), remark = document.getElementById("remark");
    const inside = document.getElementById("inside");
    if (inside.hidden && last) inside.hidden = false;
    if (!last) {
      answer.textContent = fault ? "?" : "";
      remark.textContent = fault ? `${fault[0].toUpperCase()}${fault.slice(1)}.` : "";
      paintInk(this.seen, new Uint8Array(this.seen.width * this.seen.height));
      this.bars.forEach(({ bar, number }) => {
        bar.style.width = "0";
        number.textContent = "";
      });
      return;
    }
    const highest = last.probabilities[last.digit], remarks = [];
    if (last.marks > 1) remarks.push(`${last.marks} marks found, reading only the largest.`);
    if (highest < DOUBTFUL) remarks.push("Low confidence: this may not be a digit.");
    if (this.board.image) remarks.unshift(`Test image ${this.images.index(this.number)}, labelled ${this.images.labels[this.number]}.`);
    answer.textContent = `${last.digit}`;
    answer.setAttribute("aria-label", `The network reads ${last.digit}, ${percent(highest)}`);
    remark.textContent = remarks.join(" ");
    paintInk(this.seen, last.framed);
    this.bars.forEach(({ bar, number, row }, i) => {
      bar.style.width = `${100 * last.probabilities[i]}%`;
      number.textContent = percent(last.probabilities[i]);
      row.classList.toggle("chosen", i === last.digit);
    });
    for (const { canvas, name, note } of this.layers) {
      const values = last.values.get(name), limit = largest(values);
      paintSigned(canvas, values, limit);
      note.textContent = `${values.reduce((count, each) => count + (each > 0), 0).toLocaleString("en")} of ${values.length.toLocaleString("en")} above 0; largest ${limit.toPrecision(3)}`;
    }
    this.showResponding(last.values.get(`${this.first}.norm`) ?? last.values.get(`${this.first}.z`));
  }

  setUpProbabilities() {
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const bar = element("span", { className: "bar" }), number = element("span", { className: "number" });
      const row = element("li", {}, element("span", { className: "digit" }, String(digit)), element("span", { className: "track" }, bar), number);
      document.getElementById("probabilities").append(row);
      return { bar, number, row };
    });
  }

  setUpLayers() {
    const shown = this.network.operations.filter((each) => each.kind === "activation");
    this.layers = shown.map(({ name, units, function: activation }) => {
      const canvas = unitsCanvas(units, name), note = element("span", { className: "about" });
      const title = element("span", {}, element("strong", {}, name.replace(/\.y$/, "")), ` ${activation.replace("_", " ")}`);
      document.getElementById("activations").append(element("div", {}, title, canvas, note));
      readUnits(canvas, () => this.last?.values.get(name));
      return { canvas, name, note };
    });
    this.responding = Array.from({ length: RESPONDING }, () => {
      const canvas = imageCanvas(this.input.frame, "signed"), label = element("span");
      const tile = element("div", { className: "tile" }, canvas, label);
      document.getElementById("responding").append(tile);
      return { canvas, label, tile, unit: -1 };
    });
  }

  showResponding(z) {
    const units = [];
    for (let unit = 0; unit < z.length; unit++) {
      if (units.length === RESPONDING && z[unit] <= z[units[RESPONDING - 1]]) continue;
      const at = units.findIndex((other) => z[other] < z[unit]);
      units.splice(at < 0 ? units.length : at, 0, unit);
      units.length = Math.min(units.length, RESPONDING);
    }
    this.responding.forEach((place, i) => {
      place.tile.hidden = i >= units.length;
      if (place.tile.hidden) return;
      if (place.unit !== units[i]) {
        paintUnit(place.canvas, this.weights, units[i]);
        place.unit = units[i];
      }
      place.label.textContent = `${units[i]}: ${z[units[i]].toPrecision(3)}`;
    });
  }

  setUpSignals() {
    this.targets = Array.from({ length: 10 }, (_, digit) => {
      const button = element("button", { type: "button", "aria-pressed": "false" }, String(digit));
      button.onclick = () => {
        this.target = digit;
        this.showBackward();
      };
      document.getElementById("targets").append(button);
      return button;
    });
    this.signals = signalRows(this.network).map((row) => {
      const canvas = row.units ? (row.name === "input" ? imageCanvas(this.input.frame, "signed units-map") : unitsCanvas(row.units, `error signal of ${row.name}`)) : "";
      const [value, error] = [element("td"), element("td")];
      const formula = element("td", {}, row.formula);
      document.getElementById("signals").append(element("tr", {}, element("th", { scope: "row" }, row.name), formula, value, error, element("td", {}, canvas)));
      if (canvas && row.name !== "input") readUnits(canvas, () => this.back?.errors.get(row.name));
      return { ...row, canvas, value, error };
    });
  }

  // The error signals for the chosen class; by default, the second most probable one.
  showBackward() {
    if (!this.last) return;
    const { network, last } = this;
    const target = this.target ?? this.labelOr(last.digit);
    this.back = network.backward(last.values, target);
    this.targets.forEach((button, i) => button.setAttribute("aria-pressed", i === target));
    document.getElementById("target-name").textContent = target;
    const loss = network.loss.value(network.outputs(last.values), target);
    document.getElementById("loss").textContent = loss.toPrecision(4);
    const number = (value) => (value === 0 ? "0" : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? value.toPrecision(4) : value.toExponential(2));
    for (const { name, canvas, value, error } of this.signals) {
      const signal = this.back.errors.get(name), values = last.values.get(name);
      if (values) value.textContent = number(norm(values));
      if (name === "loss") value.textContent = number(loss);
      error.textContent = number(this.back.norms.get(name) ?? norm(signal));
      if (canvas) paintSigned(canvas, signal, largest(signal));
    }
  }

  labelOr(digit) {
    return this.board.image ? Number(this.images.labels[this.number]) : digit;
  }
}

// A canvas with a pixel for each unit, in rows that are about three times as long as there are rows, and full if possible.
function unitsCanvas(units, label) {
  const least = units <= 16 ? units : Math.ceil(Math.sqrt(3 * units));
  let columns = least;
  while (units % columns && columns < 1.5 * least) columns++;
  if (units % columns) columns = least;
  return element("canvas", { width: columns, height: Math.ceil(units / columns), className: units <= 16 ? "units-map few" : "units-map", role: "img", "aria-label": label });
}

// Show the number and the value of the unit under the pointer.
function readUnits(canvas, values) {
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
    const unit = Math.floor(((event.clientY - box.top) / box.height) * canvas.height) * canvas.width + column;
    const value = values()?.[unit];
    canvas.title = value === undefined ? "" : `unit ${unit}: ${value.toPrecision(4)}`;
  };
}

// The nodes from the loss to the input, each with the formula of its error signal.
function signalRows(network) {
  const children = (name) => network.operations.filter((each) => each.inputs.includes(name));
  const rule = { affine: "Wᵀ z̄", activation: "ȳ φ′(z)", batchnorm: "ȳ γ / √(σ² + ε)", concatenate: "its part" };
  const from = (name) => {
    const terms = children(name).map((child) => `${rule[child.kind]} of ${child.name}`);
    if (name === network.output) terms.unshift("∂L/∂y");
    return terms.join(" + ");
  };
  const rows = [{ name: "loss", formula: `1, with L = ${network.loss.formula}`, units: 0 }];
  for (const operation of [...network.operations].reverse()) {
    rows.push({ name: operation.name, formula: from(operation.name), units: operation.units });
    if (operation.kind !== "affine") continue;
    const layer = operation.name.replace(/\.z$/, "");
    const penalty = network.penalties.l1 || network.penalties.l2 ? " + penalty" : "";
    rows.push({ name: `${layer}.weights`, formula: `z̄ xᵀ of ${operation.name}${penalty}`, units: 0 });
    rows.push({ name: `${layer}.bias`, formula: `z̄ of ${operation.name}`, units: 0 });
  }
  rows.push({ name: "input", formula: from("input"), units: 1 });
  return rows;
}

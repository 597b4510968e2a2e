// The drawing board: strokes of a mouse, a finger, a pen or the keyboard as pixels of ink.

const BOARD = 56; // rows and columns of its pixels, two for each of the network's; framing takes milliseconds for four
const PEN = 2.4; // radius of the pen, in these pixels

class Board {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.strokes = [];
    this.image = null;
    this.pixels = new Float32Array(BOARD * BOARD);
    this.cursor = [BOARD / 2, BOARD / 2];
    this.down = false; // the pen of the keyboard
    this.keyboard = false; // whether its place is shown
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.down = this.keyboard = false;
      this.begin(this.place(event));
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== this.pointer) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) this.move(this.place(each));
      this.changed();
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.pointerId === this.pointer) this.pointer = null;
    };
    canvas.onkeydown = (event) => this.key(event);
    canvas.onblur = () => {
      this.down = false;
      this.paint();
    };
    canvas.onfocus = () => this.paint();
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * BOARD, ((event.clientY - box.top) / box.height) * BOARD];
  }

  begin(point) {
    if (this.image) this.clear();
    this.strokes.push([point]);
    this.ink(point, point);
    this.changed();
  }

  move(point) {
    const stroke = this.strokes[this.strokes.length - 1];
    this.ink(stroke[stroke.length - 1], point);
    stroke.push(point);
  }

  key(event) {
    const step = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] }[event.key];
    if (step) {
      this.cursor = this.cursor.map((each, i) => Math.min(BOARD - 1, Math.max(1, each + step[i])));
      if (this.down) this.move(this.cursor);
    } else if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this.begin(this.cursor);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.keyboard = true;
    this.changed();
  }

  // Add a round pen's ink along a line; a pixel at its edge is partly inked.
  ink([x0, y0], [x1, y1]) {
    const [dx, dy] = [x1 - x0, y1 - y0], squared = dx * dx + dy * dy;
    const limits = (a, b) => [Math.max(0, Math.floor(Math.min(a, b) - PEN - 1)), Math.min(BOARD - 1, Math.ceil(Math.max(a, b) + PEN + 1))];
    const [[left, right], [top, bottom]] = [limits(x0, x1), limits(y0, y1)];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const [x, y] = [column + 0.5 - x0, row + 0.5 - y0];
        const along = squared ? Math.min(1, Math.max(0, (x * dx + y * dy) / squared)) : 0;
        const ink = Math.round(255 * Math.min(1, Math.max(0, PEN + 0.5 - Math.hypot(x - along * dx, y - along * dy))));
        const k = row * BOARD + column;
        if (ink > this.pixels[k]) this.pixels[k] = ink;
      }
    }
  }

  clear() {
    this.image = null;
    this.strokes = [];
    this.pixels.fill(0);
    this.down = false;
    this.changed();
  }

  undo() {
    const rest = this.image ? [] : this.strokes.slice(0, -1);
    this.clear();
    for (const stroke of rest) {
      this.strokes.push(stroke);
      stroke.forEach((point, i) => this.ink(stroke[Math.max(0, i - 1)], point));
    }
  }

  // Show an image {shape, pixels} instead of a drawing.
  show(image) {
    this.clear();
    this.image = image;
    this.changed();
  }

  get empty() {
    return !this.image && !this.strokes.length;
  }

  // The pixels as `nncli predict` would read them from a file.
  picture() {
    if (!this.image) return grid(BOARD, BOARD, this.pixels);
    const [rows, columns] = this.image.shape;
    return grid(rows, columns, Float32Array.from(this.image.pixels));
  }

  paint() {
    const size = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!size) return;
    if (this.canvas.width !== size) this.canvas.width = this.canvas.height = size;
    const context = this.canvas.getContext("2d"), scale = size / BOARD;
    context.clearRect(0, 0, size, size);
    if (this.image) {
      const [rows, columns] = this.image.shape, small = imageCanvas(this.image.shape, "");
      const fitted = size / Math.max(rows, columns);
      paintInk(small, this.image.pixels);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, (size - columns * fitted) / 2, (size - rows * fitted) / 2, columns * fitted, rows * fitted);
    }
    Object.assign(context, { lineWidth: 2 * PEN * scale, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    for (const stroke of this.strokes) {
      context.beginPath();
      stroke.forEach(([x, y]) => context.lineTo(x * scale, y * scale));
      if (stroke.length === 1) context.lineTo(stroke[0][0] * scale + 0.01, stroke[0][1] * scale);
      context.stroke();
    }
    if (document.activeElement === this.canvas && this.keyboard) {
      Object.assign(context, { lineWidth: 1.5, strokeStyle: this.down ? "#000" : "#888" });
      context.beginPath();
      context.arc(this.cursor[0] * scale, this.cursor[1] * scale, PEN * scale, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}

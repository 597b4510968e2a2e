// Elements and small pictures. Pixels are painted as ink of varying opacity, so they suit a light and a dark page.

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

function imageCanvas(shape, className) {
  const [rows, columns] = shape;
  const canvas = element("canvas", { width: columns, height: rows, className: `image ${className}` });
  if (rows !== columns) canvas.classList.add("other-shape");
  return canvas;
}

// Paint bytes, 0 background and 255 ink.
function paintInk(canvas, pixels) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < pixels.length; i++) image.data[4 * i + 3] = pixels[i];
  context.putImageData(image, 0, 0);
}

const POSITIVE = [222, 98, 24], NEGATIVE = [52, 120, 210];

// Paint numbers, positive ones in orange and negative ones in blue, with full colour at `limit`.
function paintSigned(canvas, values, limit) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < values.length; i++) {
    const strength = limit > 0 ? values[i] / limit : 0, colour = strength > 0 ? POSITIVE : NEGATIVE;
    for (let channel = 0; channel < 3; channel++) image.data[4 * i + channel] = colour[channel];
    image.data[4 * i + 3] = 255 * Math.abs(strength);
  }
  context.putImageData(image, 0, 0);
}

// Paint the weights of one unit of a layer, (units, inputs), with full colour at the largest of them.
function paintUnit(canvas, weights, unit) {
  const size = canvas.width * canvas.height;
  const row = weights.subarray(unit * size, (unit + 1) * size);
  paintSigned(canvas, row, largest(row));
}

function largest(values) {
  let found = 0;
  for (const value of values) found = Math.max(found, Math.abs(value));
  return found;
}

function percent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)}%`;
}

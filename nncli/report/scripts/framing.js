// From ink to the inputs of the network, as nncli/data/picture.py, digit.py and preparation.py do it.
//
// Pixels are light ink on a dark ground: 0 background, 255 ink. A grid is {rows, columns, data}.

const FRAME = 28, BOX = 20, CENTRE = 14;
const WINDOWS = [0.08, 0.12, 0.18, 0.25, 0.35];
const STABLE = 1.1, NOISE = 3, FAINTEST = 0.06, EDGE = 0.35, PART = 0.15, GAP = 0.15, RIVAL = 0.25, WEAKEST = 0.2, THINNEST = 2.2;

function grid(rows, columns, data) {
  return { rows, columns, data: data || new Float32Array(rows * columns) };
}

// Python rounds halves to even.
function roundEven(value) {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down & 1) : Math.round(value);
}

// Return {pixels: bytes (28, 28), marks}; marks is the number of about equally strong marks. Throws if there is no ink.
function framePicture(picture) {
  if (picture.rows === FRAME && picture.columns === FRAME && isFramed(picture)) {
    return { pixels: Uint8Array.from(picture.data), marks: 1 };
  }
  const { ink, marks } = findDigit(picture);
  return { pixels: centred(fit(ink)), marks };
}

function isFramed(image) {
  const bounds = boundsOf(image.data, image.rows, image.columns);
  if (!bounds) return false;
  const longest = Math.max(bounds.bottom - bounds.top, bounds.right - bounds.left);
  return Math.abs(longest - BOX) <= 3 && centreOfMass(image).every((centre) => Math.abs(centre - CENTRE) <= 1.5);
}

function boundsOf(mask, rows, columns) {
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (!mask[i * columns + j]) continue;
      top = Math.min(top, i);
      bottom = i + 1;
      left = Math.min(left, j);
      right = Math.max(right, j + 1);
    }
  }
  return bottom < 0 ? null : { top, bottom, left, right };
}

function centreOfMass({ rows, columns, data }) {
  let [mass, row, column] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const ink = data[i * columns + j];
      mass += ink;
      row += ink * i;
      column += ink * j;
    }
  }
  return [row / mass, column / mass];
}

// The digit's bounding box, {ink, marks}.
function findDigit(picture) {
  const first = look(picture);
  if (!first || first.strength < WEAKEST) throw new Error("no ink found");
  const margin = 0.3 * first.extent + 2;
  const { top, bottom, left, right } = first.bounds;
  const closer = crop(picture, Math.trunc(Math.max(0, top - margin)), Math.trunc(bottom + margin), Math.trunc(Math.max(0, left - margin)), Math.trunc(right + margin));
  const found = look(closer) || first;
  const around = dilatedCross(dilatedCross(found.digit, found.ink), found.ink);
  const ink = grid(found.ink.rows, found.ink.columns);
  for (let k = 0; k < ink.data.length; k++) ink.data[k] = around[k] ? found.ink.data[k] / found.darkness : 0;
  const thick = thickened(ink, found);
  thick.data = thick.data.map((each) => Math.min(1, Math.max(0, each)));
  return { ink: thick, marks: first.marks };
}

function crop({ rows, columns, data }, top, bottom, left, right) {
  [bottom, right] = [Math.min(bottom, rows), Math.min(right, columns)];
  const part = grid(bottom - top, right - left);
  for (let i = top; i < bottom; i++) part.data.set(data.subarray(i * columns + left, i * columns + right), (i - top) * part.columns);
  return part;
}

// Look through windows that grow until a larger one finds no more ink.
function look(picture) {
  const smooth = smoothed(picture);
  const side = Math.max(picture.rows, picture.columns);
  const widths = [...new Set(WINDOWS.map((window) => Math.max(3, roundEven(window * side))))].sort((a, b) => a - b);
  let last = null;
  for (const width of widths) {
    const found = lookThrough(smooth, width);
    if (last && found && found.strength >= WEAKEST && found.strength < STABLE * last.strength) return found;
    last = found;
  }
  return last;
}

function lookThrough(smooth, width) {
  const ink = inkOf(smooth, width);
  const { rows, columns, data } = ink;
  const grain = quantile(data, 0.2);
  for (let k = 0; k < data.length; k++) data[k] -= grain;
  const threshold = Math.max(NOISE * grain, FAINTEST);
  const strongest = strongestOf(ink, labelled(above(data, threshold), rows, columns));
  if (!strongest) return null;
  const darkness = quantile(chosen(data, strongest), 0.9);
  const inked = labelled(above(data, Math.max(threshold, EDGE * darkness)), rows, columns);
  const seed = strongestOf(ink, inked);
  if (!seed) return null;
  const { digit, marks } = withItsParts(ink, inked, seed);
  let strength = 0;
  for (let k = 0; k < data.length; k++) if (digit[k]) strength += data[k] * data[k] * data[k];
  const bounds = boundsOf(digit, rows, columns);
  return { ink, digit, strength, darkness, marks, bounds, extent: Math.max(bounds.bottom - bounds.top, bounds.right - bounds.left) };
}

function chosen(data, mask) {
  const values = [];
  for (let k = 0; k < data.length; k++) if (mask[k]) values.push(data[k]);
  return Float32Array.from(values);
}

function above(data, threshold) {
  const limit = Math.fround(threshold);
  const mask = new Uint8Array(data.length);
  for (let k = 0; k < data.length; k++) mask[k] = data[k] > limit;
  return mask;
}

// Linear interpolation between the two nearest ranks.
function quantile(data, share) {
  const at = share * (data.length - 1), below = Math.floor(at);
  let zeros = 0, negative = false;
  for (let k = 0; k < data.length; k++) {
    if (data[k] === 0) zeros++;
    else if (data[k] < 0) negative = true;
  }
  if (!negative && zeros > below + 1) return 0; // most of a page is blank, and sorting takes time
  const sorted = Float32Array.from(data).sort();
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}

// A Gaussian of 0.7 pixels, reflected at the borders.
function smoothed({ rows, columns, data }) {
  const weights = [-3, -2, -1, 0, 1, 2, 3].map((d) => Math.exp((-0.5 * d * d) / 0.49));
  const total = weights.reduce((a, b) => a + b);
  const kernel = weights.map((each) => each / total);
  const pass = (source, length, stride, lines, step) => {
    const result = new Float32Array(source.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let d = -3; d <= 3; d++) {
          const at = i + d;
          const inside = at >= 0 && at < length ? at : reflected(at, length);
          sum += kernel[d + 3] * source[line * step + inside * stride];
        }
        result[line * step + i * stride] = sum;
      }
    }
    return result;
  };
  return grid(rows, columns, pass(pass(Float32Array.from(data), rows, columns, columns, 1), columns, 1, rows, columns));
}

function reflected(at, length) {
  const period = 2 * length;
  const place = ((at % period) + period) % period;
  return place < length ? place : period - 1 - place;
}

// The difference of each pixel from the paper, relative to the white around it; see digit._ink.
function inkOf(smooth, width) {
  const { rows, columns, data } = smooth;
  const { top, left, bottom, right } = boundsOf(data, rows, columns) || { top: 0, left: 0, bottom: rows, right: columns };
  const blankBorder = top > 0 && left > 0 && bottom < rows && right < columns;
  const [part, at] = blankBorder ? [crop(smooth, top, bottom, left, right), [top, left]] : [padded(smooth, width), [-width, -width]];
  const paper = slide(slide(part, width, 0, false, blankBorder), width, width & 1 ? 0 : -1, true, blankBorder);
  const white = slide(part, width, 0, true, blankBorder);
  const ink = grid(rows, columns);
  for (let i = top; i < bottom; i++) {
    for (let j = left; j < right; j++) {
      const k = (i - at[0]) * part.columns + j - at[1];
      ink.data[i * columns + j] = Math.fround(data[i * columns + j] - paper.data[k]) / Math.max(white.data[k], 64);
    }
  }
  return ink;
}

// A picture with `width` pixels around it that repeat its border, without strokes that reach the border.
function padded({ rows, columns, data }, width) {
  const wide = grid(rows + 2 * width, columns + 2 * width);
  for (let i = 0; i < wide.rows; i++) {
    const row = Math.min(rows - 1, Math.max(0, i - width)) * columns;
    for (let j = 0; j < wide.columns; j++) {
      wide.data[i * wide.columns + j] = data[row + Math.min(columns - 1, Math.max(0, j - width))];
    }
  }
  withoutStrokesAtTheBorder(wide, width);
  return wide;
}

// Open the padding along each side, in the order of numpy.rot90: top, right, bottom, left.
function withoutStrokesAtTheBorder({ rows, columns, data }, width) {
  const sides = [
    [columns, 0, 1, columns],
    [rows, columns - 1, columns, -1],
    [columns, rows * columns - 1, -1, -columns],
    [rows, (rows - 1) * columns, -columns, 1],
  ];
  for (const [length, corner, stride, inwards] of sides) {
    const along = Math.max(1, roundEven(0.9 * (length - 2 * width)));
    for (let line = 0; line < width; line++) {
      const start = corner + line * inwards;
      slideLine(data, data, start, stride, length, along, 0, false, false);
      slideLine(data, data, start, stride, length, along, along & 1 ? 0 : -1, true, false);
    }
  }
}

// The largest or smallest value in a square window around each pixel; outside, the picture is blank or reflected.
function slide({ rows, columns, data }, size, origin, largestOnes, blank) {
  const result = grid(rows, columns);
  for (let i = 0; i < rows; i++) slideLine(data, result.data, i * columns, 1, columns, size, origin, largestOnes, blank);
  for (let j = 0; j < columns; j++) slideLine(result.data, result.data, j, columns, rows, size, origin, largestOnes, blank);
  return result;
}

const WIDE = new Float32Array(4096), AHEAD = new Float32Array(4096); // scratch: a new array for each line is slow

// The same along a line, in time independent of the window (van Herk, 1992).
function slideLine(source, result, start, stride, length, size, origin, largestOnes, blank) {
  let constant = !blank || source[start] === 0;
  for (let i = 1; constant && i < length; i++) constant = source[start + i * stride] === source[start];
  if (constant) {
    for (let i = 0, value = source[start]; i < length; i++) result[start + i * stride] = value;
    return;
  }
  const sign = largestOnes ? 1 : -1, before = (size >> 1) + origin, total = length + size - 1;
  for (let i = 0; i < total; i++) {
    const at = i - before;
    if (at >= 0 && at < length) WIDE[i] = sign * source[start + stride * at];
    else WIDE[i] = blank ? 0 : sign * source[start + stride * reflected(at, length)];
  }
  for (let i = total - 1, left = total % size; i >= 0; i--) {
    if (left === 0) left = size;
    AHEAD[i] = i === total - 1 || left === size || WIDE[i] > AHEAD[i + 1] ? WIDE[i] : AHEAD[i + 1];
    left--;
  }
  for (let i = 0, behind = 0, next = 0; i < total; i++) {
    if (i === next) next += size;
    if (i === next - size || WIDE[i] > behind) behind = WIDE[i];
    if (i >= size - 1) {
      const ahead = AHEAD[i - size + 1];
      result[start + stride * (i - size + 1)] = sign * (behind > ahead ? behind : ahead);
    }
  }
}

// Number the connected components of a mask, diagonals included or not, from 1 in the order of their first pixels.
function labelled(mask, rows, columns, diagonals = true) {
  const labels = new Int32Array(mask.length), stack = new Int32Array(mask.length);
  let count = 0, height = 0;
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start]) continue;
    labels[start] = ++count;
    stack[height++] = start;
    while (height) {
      const k = stack[--height], row = Math.floor(k / columns), column = k % columns;
      for (let i = Math.max(0, row - 1); i <= Math.min(rows - 1, row + 1); i++) {
        for (let j = Math.max(0, column - 1); j <= Math.min(columns - 1, column + 1); j++) {
          const next = i * columns + j;
          if (mask[next] && !labels[next] && (diagonals || i === row || j === column)) {
            labels[next] = count;
            stack[height++] = next;
          }
        }
      }
    }
  }
  return { labels, count };
}

// Return the sum of the cubed ink of each component, from number 0 on, which is the background.
function strengthsOf(data, { labels, count }) {
  const strengths = new Float64Array(count + 1);
  for (let k = 0; k < data.length; k++) if (labels[k]) strengths[labels[k]] += data[k] * data[k] * data[k];
  return strengths;
}

function strongestOf(ink, components) {
  if (!components.count) return null;
  const strengths = strengthsOf(ink.data, components);
  let number = 1;
  for (let i = 2; i <= components.count; i++) if (strengths[i] > strengths[number]) number = i;
  const mask = new Uint8Array(ink.data.length);
  for (let k = 0; k < mask.length; k++) mask[k] = components.labels[k] === number;
  return mask;
}

// Add the marks near the strongest one, except specks, and count those that are about as strong.
function withItsParts(ink, components, seed) {
  if (components.count === 1) return { digit: seed, marks: 1 };
  const { rows, columns, data } = ink;
  const extents = extentsOf(components, rows, columns);
  const number = components.labels[seed.indexOf(1)], extent = extents[number];
  const kept = new Uint8Array(data.length), near = new Uint8Array(data.length), keptInk = new Float32Array(data.length);
  for (let k = 0; k < kept.length; k++) {
    const label = components.labels[k];
    kept[k] = label > 0 && (label === number || extents[label] >= PART * extent);
    if (kept[k]) keptInk[k] = data[k];
  }
  const reach = ((GAP * extent) / 2) ** 2;
  const distances = squaredDistances(kept, rows, columns, reach + 1);
  for (let k = 0; k < near.length; k++) near[k] = distances[k] <= reach;
  const groups = labelled(near, rows, columns, false);
  const strengths = strengthsOf(keptInk, groups);
  const own = groups.labels[seed.indexOf(1)];
  for (let k = 0; k < kept.length; k++) if (groups.labels[k] !== own) kept[k] = 0;
  let marks = 0;
  for (let i = 1; i <= groups.count; i++) marks += strengths[i] > RIVAL * strengths[own];
  return { digit: kept, marks };
}

function extentsOf({ labels, count }, rows, columns) {
  const bounds = Array.from({ length: count + 1 }, () => [rows, 0, columns, 0]);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) {
      if (!labels[k]) continue;
      const box = bounds[labels[k]];
      box[0] = Math.min(box[0], i);
      box[1] = Math.max(box[1], i + 1);
      box[2] = Math.min(box[2], j);
      box[3] = Math.max(box[3], j + 1);
    }
  }
  return bounds.map(([top, bottom, left, right]) => Math.max(bottom - top, right - left));
}

// The squared distance of each pixel to the nearest one of a mask, or `limit`, by columns and then by rows.
function squaredDistances(mask, rows, columns, limit = Infinity) {
  const far = 1e6, down = new Float64Array(mask.length), result = new Float64Array(mask.length);
  for (let j = 0; j < columns; j++) {
    for (let i = 0, d = far; i < rows; i++) down[i * columns + j] = d = mask[i * columns + j] ? 0 : d + 1;
    for (let i = rows - 1, d = far; i >= 0; i--) {
      d = mask[i * columns + j] ? 0 : d + 1;
      down[i * columns + j] = Math.min(d, down[i * columns + j]);
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let best = Math.min(limit, down[i * columns + j] ** 2);
      for (let d = 1; d * d < best && d < columns; d++) {
        if (j >= d) best = Math.min(best, d * d + down[i * columns + j - d] ** 2);
        if (j + d < columns) best = Math.min(best, d * d + down[i * columns + j + d] ** 2);
      }
      result[i * columns + j] = best;
    }
  }
  return result;
}

function dilatedCross(mask, { rows, columns }) {
  const wider = Uint8Array.from(mask);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) {
      if (!mask[k]) continue;
      if (i) wider[k - columns] = 1;
      if (i < rows - 1) wider[k + columns] = 1;
      if (j) wider[k - 1] = 1;
      if (j < columns - 1) wider[k + 1] = 1;
    }
  }
  return wider;
}

// The digit's bounding box, with wider strokes if they would vanish in MNIST's frame.
function thickened(ink, { digit, bounds, extent }) {
  const { rows, columns, data } = ink;
  const distances = squaredDistances(digit.map((each) => !each), rows, columns);
  let [sum, count] = [0, 0];
  for (let k = 0; k < digit.length; k++) {
    if (!digit[k]) continue;
    sum += Math.sqrt(distances[k]);
    count++;
  }
  const radius = ((THINNEST * extent) / BOX - (4 * sum) / count) / 2;
  const { top, bottom, left, right } = bounds;
  if (radius < 0.3) return crop(ink, top, bottom, left, right);
  const reach = Math.ceil(radius), offsets = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) if (Math.hypot(y, x) <= radius + 0.3) offsets.push([y, x]);
  }
  const wider = grid(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let highest = -Infinity;
      for (const [y, x] of offsets) {
        const value = data[reflected(i + y, rows) * columns + reflected(j + x, columns)];
        if (value > highest) highest = value;
      }
      wider.data[i * columns + j] = highest;
    }
  }
  return crop(wider, Math.max(0, top - reach), bottom + reach, Math.max(0, left - reach), right + reach);
}

// Scale ink so that its longer side has 20 pixels and its darkest one is 1.
function fit(ink) {
  const scale = BOX / Math.max(ink.rows, ink.columns);
  const [rows, columns] = [ink.rows, ink.columns].map((length) => Math.max(1, roundEven(length * scale)));
  const scaled = resized(ink, rows, columns);
  const darkest = scaled.data.reduce((a, b) => Math.max(a, b), 0);
  return grid(rows, columns, scaled.data.map((each) => each / darkest));
}

// Pillow's BOX filter: the mean of the pixels whose centres are in the box.
function resized({ rows, columns, data }, newRows, newColumns) {
  const wide = grid(rows, newColumns), result = grid(newRows, newColumns);
  boxes(columns, newColumns).forEach(([start, end], j) => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let k = start; k < end; k++) sum += data[i * columns + k] / (end - start);
      wide.data[i * newColumns + j] = sum;
    }
  });
  boxes(rows, newRows).forEach(([start, end], i) => {
    for (let j = 0; j < newColumns; j++) {
      let sum = 0;
      for (let k = start; k < end; k++) sum += wide.data[k * newColumns + j] / (end - start);
      result.data[i * newColumns + j] = sum;
    }
  });
  return result;
}

function boxes(length, newLength) {
  const scale = length / newLength, filterScale = Math.max(scale, 1), support = filterScale / 2;
  return Array.from({ length: newLength }, (_, i) => {
    const centre = (i + 0.5) * scale;
    let start = Math.max(0, Math.trunc(centre - support + 0.5)), end = Math.min(length, Math.trunc(centre + support + 0.5));
    const inside = (x) => {
      const place = (x - centre + 0.5) * (1 / filterScale);
      return place > -0.5 && place <= 0.5;
    };
    while (start < end - 1 && !inside(start)) start++;
    while (end > start + 1 && !inside(end - 1)) end--;
    return [start, end];
  });
}

// Move a digit by whole pixels until its centre of mass is in the middle of a 28x28 image.
function centred(digit) {
  const image = new Uint8Array(FRAME * FRAME);
  const sides = [digit.rows, digit.columns];
  const [top, left] = centreOfMass(digit).map((centre, i) => Math.min(Math.max(roundEven(CENTRE - centre), 0), FRAME - sides[i]));
  for (let i = 0; i < digit.rows; i++) {
    for (let j = 0; j < digit.columns; j++) {
      image[(top + i) * FRAME + left + j] = roundEven(Math.fround(255 * digit.data[i * digit.columns + j]));
    }
  }
  return image;
}

// Deskew, frame and scale an image of bytes: what the network reads, and its pixels before scaling.
function prepare(pixels, { shape: [rows, columns], frame: [outerRows, outerColumns], deskew, factor, shift }) {
  const upright = deskew ? deskewed(pixels, rows, columns) : pixels;
  const framed = new Uint8Array(outerRows * outerColumns);
  const [top, left] = [(outerRows - rows) >> 1, (outerColumns - columns) >> 1];
  for (let i = 0; i < rows; i++) framed.set(upright.subarray(i * columns, (i + 1) * columns), (top + i) * outerColumns + left);
  return { framed, x: Float64Array.from(framed, (pixel) => factor * pixel - shift) };
}

// Shear an image along its rows until row and column of its ink are uncorrelated; see preparation.deskewed.
function deskewed(pixels, rows, columns) {
  const [row, column] = centreOfMass({ rows, columns, data: pixels }).map((centre) => centre || 0);
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const ink = pixels[i * columns + j];
      covariance += ink * (i - row) * (j - column);
      variance += ink * (i - row) ** 2;
    }
  }
  const slope = variance > 0 ? covariance / Math.max(variance, 1e-6) : 0;
  const result = new Uint8Array(pixels.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = Math.min(columns, Math.max(-1, j + slope * (i - row))), left = Math.floor(at);
      const value = (k) => (k >= 0 && k < columns ? pixels[i * columns + k] : 0);
      result[i * columns + j] = roundEven(value(left) + (at - left) * (value(left + 1) - value(left)));
    }
  }
  return result;
}

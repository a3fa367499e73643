// A small QR code, drawn as SVG: versions 1 to 3, correction level M, alphanumeric mode, one mask. A reply code
// of 20 signs fits version 1; whatever does not fit version 3 (61 signs) gets no drawing.

const QR_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const QR_SIZES = [{ data: 16, check: 10, signs: 20 }, { data: 28, check: 16, signs: 38 }, { data: 44, check: 26, signs: 61 }];
// The mask turns over every second place; any mask is valid, because the format bits say which it is.
const QR_FORMAT = 0b101010000010010; // level M, mask 0, with its own check bits

/** Rows of booleans (true = dark), or null when the text is too long or has other signs. */
export function qrRows(text) {
  const version = QR_SIZES.findIndex((size) => text.length <= size.signs) + 1;
  if (!version || [...text].some((sign) => !QR_SIGNS.includes(sign))) return null;
  const size = 17 + 4 * version, { data, check } = QR_SIZES[version - 1];
  const words = qrData(text, data);
  const grid = Array.from({ length: size }, () => Array(size).fill(null));
  qrPatterns(grid, version);
  qrFill(grid, [...words, ...qrCheck(words, check)]);
  return grid.map((row) => row.map(Boolean));
}

/** An `<svg>` element of the code, with a quiet margin; null where there is none. */
export function qrPicture(text, title) {
  const rows = qrRows(text);
  if (!rows) return null;
  const side = rows.length + 8, path = [];
  rows.forEach((row, y) => row.forEach((dark, x) => dark && path.push(`M${x + 4} ${y + 4}h1v1h-1z`)));
  const space = "http://www.w3.org/2000/svg", picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", `0 0 ${side} ${side}`);
  picture.setAttribute("class", "qr");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", title);
  const ground = document.createElementNS(space, "rect"), dots = document.createElementNS(space, "path");
  for (const [name, value] of [["width", side], ["height", side], ["fill", "#fff"]]) ground.setAttribute(name, value);
  dots.setAttribute("d", path.join(""));
  dots.setAttribute("shape-rendering", "crispEdges");
  picture.append(ground, dots);
  return picture;
}

function qrData(text, capacity) {
  let bits = "0010" + text.length.toString(2).padStart(9, "0");
  for (let at = 0; at < text.length; at += 2) {
    const values = [...text.slice(at, at + 2)].map((sign) => QR_SIGNS.indexOf(sign));
    bits += values.length === 2 ? (values[0] * 45 + values[1]).toString(2).padStart(11, "0") : values[0].toString(2).padStart(6, "0");
  }
  bits += "0".repeat(Math.min(4, capacity * 8 - bits.length));
  bits += "0".repeat((8 - (bits.length % 8)) % 8);
  const words = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2));
  for (let pad = 0; words.length < capacity; pad ^= 1) words.push(pad ? 0x11 : 0xec);
  return words;
}

// Reed-Solomon over GF(256) with 0x11d: the remainder of words * x^n by the product of (x - 2^i).
function qrCheck(words, n) {
  const times = (a, b) => {
    let product = 0;
    for (let bit = 7; bit >= 0; bit--) {
      product = (product << 1) ^ ((product >> 7) * 0x11d);
      product ^= ((b >> bit) & 1) * a;
    }
    return product;
  };
  let generator = [1], root = 1;
  for (let i = 0; i < n; i++, root = times(root, 2)) {
    const next = [...generator, 0];
    generator.forEach((value, place) => (next[place + 1] ^= times(value, root)));
    generator = next;
  }
  const rest = [...words, ...Array(n).fill(0)];
  words.forEach((_, place) => {
    const lead = rest[place];
    generator.forEach((value, step) => (rest[place + step] ^= times(value, lead)));
  });
  return rest.slice(-n);
}

function qrPatterns(grid, version) {
  const size = grid.length;
  const square = (row, column, reach, dark) => {
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++)
        if (grid[row + y]?.[column + x] !== undefined) grid[row + y][column + x] = dark(Math.max(Math.abs(y), Math.abs(x)));
  };
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]]) square(row, column, 4, (d) => d !== 2 && d !== 4);
  for (let i = 8; i < size - 8; i++) grid[6][i] = grid[i][6] = i % 2 === 0;
  if (version > 1) square(size - 7, size - 7, 2, (d) => d !== 1);
  grid[size - 8][8] = true;
  qrFormat(grid);
}

function qrFormat(grid) {
  const size = grid.length, bit = (i) => ((QR_FORMAT >> i) & 1) === 1;
  for (let i = 0; i < 8; i++) {
    grid[8][size - 1 - i] = bit(i);
    grid[i < 6 ? i : i + 1][8] = bit(i);
  }
  for (let i = 8; i < 15; i++) {
    grid[size - 15 + i][8] = bit(i);
    grid[8][i === 8 ? 7 : 14 - i] = bit(i);
  }
}

function qrFill(grid, words) {
  const size = grid.length, bits = words.map((word) => word.toString(2).padStart(8, "0")).join("");
  let next = 0, up = true;
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (grid[row][column] !== null) continue;
        const flip = (row + column) % 2 === 0;
        grid[row][column] = (bits[next++] === "1") !== flip;
      }
    }
  }
}

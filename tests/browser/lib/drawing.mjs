// A small real PNG, as a phone might send one of a floor plan: no file lies in the repository for it.
import * as zlib from "node:zlib";

const chunk = (kind, body) => {
  const name = Buffer.from(kind, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(checksum(Buffer.concat([name, body])));
  return Buffer.concat([length, name, body, check]);
};

/** CRC-32, where Node does not bring it. */
function checksum(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

/** A PDF of several pages, as a drawing office sends one: walls, a counter, the page's number; the second lies across. */
export function plan(name, { pages = 3 } = {}) {
  const sheet = (page) => {
    const [width, height] = page === 2 ? [842, 595] : [595, 842];
    const walls = `2 w 60 60 ${width - 120} ${height - 120} re S 60 ${height / 2} m ${width / 2} ${height / 2} l S 1 w ${width / 2} 60 140 50 re S`;
    return { box: `[0 0 ${width} ${height}]`, draw: `${walls} BT /F 24 Tf 70 70 Td (Sheet ${page}) Tj ET` };
  };
  const sheets = Array.from({ length: pages }, (_, at) => sheet(at + 1));
  const font = "<< /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${sheets.map((_, at) => `${3 + 2 * at} 0 R`).join(" ")}] /Count ${pages} >>`,
    ...sheets.flatMap(({ box, draw }, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Contents ${4 + 2 * at} 0 R /Resources << /Font ${font} >> >>`,
      `<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`,
    ]),
  ];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return { name, mimeType: "application/pdf", buffer: Buffer.from(text, "latin1") };
}

/** A white sheet with walls, `width` by `height` pixels, in a shade that tells two drawings apart. */
export function drawing(name, { width = 320, height = 220, shade = 90 } = {}) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = [];
  for (let y = 0; y < height; y += 1) {
    const row = Buffer.alloc(width + 1, 255);
    row[0] = 0;
    for (let x = 0; x < width; x += 1) {
      const wall = x < 6 || y < 6 || x > width - 7 || y > height - 7 || (x > 150 && x < 156 && y > 70);
      if (wall) row[x + 1] = shade;
    }
    rows.push(row);
  }
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = zlib.deflateSync(Buffer.concat(rows));
  return { name, mimeType: "image/png", buffer: Buffer.concat([start, chunk("IHDR", head), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))]) };
}

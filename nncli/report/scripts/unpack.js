// The data of the page: JSON values, and arrays packed by nncli/report/payload.py.

const VALUES = JSON.parse(document.getElementById("values").textContent);

async function unpackBytes(name) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser is too old to unpack the data of the page (it has no DecompressionStream)");
  }
  const text = atob(document.getElementById(name).textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Three bytes of each float32, all first ones first; the fourth is 0.
async function unpackFloats(name) {
  const planes = await unpackBytes(name);
  const count = planes.length / 3;
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    words[i] = (planes[i] << 24) | (planes[count + i] << 16) | (planes[2 * count + i] << 8);
  }
  return new Float32Array(words.buffer);
}

// The units of the first layer as their weights, and the test images that excite a unit most.

const UNITS = 60; // shown at first

function setUpFeatures(images, tensors, shape, choose) {
  const { layer, units, images: exciting } = VALUES.features;
  const weights = tensors(`${layer}.weights`);
  const place = document.getElementById("units");
  const select = (button, unit) => {
    for (const each of place.children) each.setAttribute("aria-pressed", each === button);
    document.getElementById("unit-title").textContent = `Unit ${unit}`;
    document.getElementById("unit-about").textContent = "The test images that excite it most, in order.";
    showImages(document.getElementById("unit"), images, exciting[unit], choose);
  };
  const add = (chosen) => {
    for (const unit of chosen) {
      const canvas = imageCanvas(shape, "signed");
      paintUnit(canvas, weights, unit);
      const button = element("button", { type: "button", title: `unit ${unit}`, "aria-label": `unit ${unit}` }, canvas);
      button.onclick = () => select(button, unit);
      place.append(button);
    }
  };
  add(units.slice(0, UNITS));
  const more = document.getElementById("more-units");
  more.hidden = units.length <= UNITS;
  more.textContent = `Show all ${units.length.toLocaleString("en")} units`;
  more.onclick = () => {
    add(units.slice(UNITS));
    more.hidden = true;
  };
  select(place.children[0], units[0]);
}

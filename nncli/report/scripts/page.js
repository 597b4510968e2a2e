// Start the page.

let recognizer; // also for tests of the page

async function start() {
  if (VALUES.epochs.length) {
    drawCurves(document.getElementById("errors"), "train_error", "validation_error", (value, exact) => (exact ? percent(value, 2) : `${Number((100 * value).toPrecision(2))}%`), "Error by epoch");
    drawCurves(document.getElementById("losses"), "train_loss", "validation_loss", (value, exact) => (exact ? value.toFixed(4) : String(Number(value.toPrecision(2)))), "Loss by epoch");
  }
  drawSchedule(document.getElementById("rates"));
  drawCalibration(document.getElementById("calibration"));
  const [pixels, confidences, weights] = await Promise.all([unpackBytes("pixels"), unpackFloats("confidences"), unpackFloats("weights")]);
  const images = new Images(pixels, confidences);
  const tensors = (name) => {
    const { shape, offset } = VALUES.network.tensors[name];
    return weights.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));
  };
  let choose = () => {};
  try {
    recognizer = new Recognizer(new Network(VALUES.network, tensors), images, tensors);
    choose = (i) => {
      recognizer.showImage(i);
      document.getElementById("draw").scrollIntoView();
    };
    recognizer.showImage(0);
    setTimeout(() => recognizer.warmUp());
  } catch (error) {
    sayFault(`the network cannot run: ${error.message}`);
  }
  setUpMatrix(images, choose);
  showImages(document.getElementById("worst-images"), images, VALUES.worst, choose);
  setUpFeatures(images, tensors, VALUES.network.images.frame, choose);
}

start();

// Reading a square with the camera or from a photo. Loaded at the tap, never before.
import decodeQR from "qr/decode.js";

const EVERY = 120; // milliseconds between two looks
const SLOW = 20_000; // then typing is offered
const SIDE = 720;

/** @typedef {"denied" | "none" | "busy" | "old"} Trouble */
/** @typedef {{text(text: string): void, slow(): void}} Tell */
/** @typedef {{stop(): void, torch: ((on: boolean) => Promise<void>) | null}} Watching */

/** What went wrong with the camera, by name. @param {unknown} error @returns {Trouble} */
export function trouble(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  return navigator.mediaDevices ? "busy" : "old";
}

/**
 * Looks through the rear camera until it reads something or is stopped. Throws what getUserMedia throws.
 * @param {HTMLVideoElement} video @param {Tell} tell @returns {Promise<Watching>}
 */
export async function watch(video, tell) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
  });
  const [track] = stream.getVideoTracks();
  const started = performance.now();
  let running = true;
  let slow = false;
  const stop = () => {
    running = false;
    for (const one of stream.getTracks()) one.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  const read = await reader();
  const look = async () => {
    if (!running) return;
    const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight).catch(() => null) : null;
    if (!running) return;
    if (text) {
      stop();
      tell.text(text);
      return;
    }
    if (!slow && performance.now() - started > SLOW) {
      slow = true;
      tell.slow();
    }
    setTimeout(look, EVERY);
  };
  void look();
  const able = /** @type {{torch?: boolean}} */ (track.getCapabilities?.() ?? {});
  const torch = (/** @type {boolean} */ on) =>
    track.applyConstraints({ advanced: [/** @type {object} */ ({ torch: on })] });
  return { stop, torch: able.torch ? torch : null };
}

/** What the square in a chosen photo says, or null. @param {Blob} file */
export async function photo(file) {
  const picture = await createImageBitmap(file);
  const read = await reader();
  try {
    // A square may fill the photo or be small in it: the whole at two sizes, then its middle.
    for (const [part, side] of [[1, 1200], [1, 600], [0.5, 1000], [1, 2400]]) {
      const text = await read(picture, picture.width, picture.height, part, side).catch(() => null);
      if (text) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}

/** @typedef {(source: CanvasImageSource & ImageBitmapSource, width: number, height: number, part?: number, side?: number) => Promise<string | null>} Read */

/** The browser's own reader where it reads this kind of code, ours otherwise. @returns {Promise<Read>} */
async function reader() {
  const Native = /** @type {any} */ (globalThis).BarcodeDetector;
  const known = await Native?.getSupportedFormats?.().catch(() => []);
  if (known?.includes("qr_code")) {
    const detector = new Native({ formats: ["qr_code"] });
    return async (source) => (await detector.detect(source))[0]?.rawValue || null;
  }
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return async (source, width, height, part = 0, side = SIDE) => {
    // part 0: the middle square of a frame, as it is shown; otherwise that share of a photo.
    const [w, h] = part ? [width * part, height * part] : [Math.min(width, height), Math.min(width, height)];
    const scale = Math.min(1, side / Math.max(w, h));
    [canvas.width, canvas.height] = [Math.round(w * scale), Math.round(h * scale)];
    paper?.drawImage(source, (width - w) / 2, (height - h) / 2, w, h, 0, 0, canvas.width, canvas.height);
    const frame = paper?.getImageData(0, 0, canvas.width, canvas.height);
    if (!frame) return null;
    try {
      return decodeQR({ width: frame.width, height: frame.height, data: frame.data });
    } catch {
      return null;
    }
  };
}

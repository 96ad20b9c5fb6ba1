// A file of each kind, as small as can be: what matters is how it is sent.
export const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAIBAQAYW2nXAAAAAElFTkSuQmCC", "base64");
export const files = {
  image: { type: "image/png", name: "a.png", bytes: png },
  document: { type: "application/pdf", name: "a.pdf", bytes: Buffer.from("%PDF-1.4\n%%EOF\n") },
  audio: { type: "audio/mpeg", name: "a.mp3", bytes: Buffer.from("ID3\u0003\u0000\u0000\u0000\u0000\u0000\u0000", "latin1") },
  video: { type: "video/mp4", name: "a.mp4", bytes: Buffer.from("\u0000\u0000\u0000\u0018ftypmp42\u0000\u0000\u0000\u0000mp42isom", "latin1") },
  sticker: { type: "image/webp", name: "a.webp", bytes: Buffer.from("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA", "base64") },
};
export const link = "https://files.example.com/a";

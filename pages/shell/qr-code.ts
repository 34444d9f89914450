import { element } from "./element.ts";

/** A QR code that the service has drawn. @param label what screen readers say of it */
export function qrCode(svg: string, label: string): HTMLElement {
  // Read as XML, in which nothing of HTML's happens, and shown without scripts: the page's policy runs only its own.
  const drawn = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  return element("div", { class: "qr", role: "img", "aria-label": label }, drawn);
}

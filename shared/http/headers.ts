/**
 * What pages may ask a browser for, and neither ours nor the frame of a captcha does. Passkeys are for our own pages
 * alone. Chromium complains on every page of a feature that it does not know.
 */
const permissions = [
  "accelerometer",
  "camera",
  "clipboard-read",
  "display-capture",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "screen-wake-lock",
  "serial",
  "usb",
  "window-management",
  "xr-spatial-tracking",
]
  .map((feature) => `${feature}=()`)
  .concat("publickey-credentials-create=(self)", "publickey-credentials-get=(self)")
  .join(", ");

/**
 * The headers of every answer: opened as a page it runs, frames and loads nothing, no other window holds on to it, no
 * other site loads it, and nobody keeps a copy. A format says where its answers differ.
 */
export const commonHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": permissions,
  "Referrer-Policy": "no-referrer",
  Vary: "Origin",
  "X-Content-Type-Options": "nosniff",
} as const;

import { element } from "./element.ts";

/** Has a button wait, and counts down on it. @returns when the time is over, or the button is gone */
export async function holdBack(button: HTMLButtonElement, seconds: number): Promise<void> {
  // By elapsed time: timers stand still while a device sleeps.
  const end = Date.now() + seconds * 1000;
  // Not for screen readers, which the message beside it has told.
  const count = element("span", { "aria-hidden": "true" });
  button.append(count);
  button.ariaDisabled = "true";
  for (let left = seconds; left > 0 && button.isConnected; left = Math.ceil((end - Date.now()) / 1000)) {
    count.textContent = ` · ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  count.remove();
  button.ariaDisabled = null;
}

import type { Notice } from "../shell/notice.ts";
import type { App } from "./app.ts";
import { explain } from "./explain.ts";

/** Does something, and says what came of it; meanwhile it says so. @param work returns what to say */
export async function perform(app: App, notice: Notice, work: () => Promise<string>): Promise<void> {
  notice.say(app.words.loading);
  try {
    notice.say(await work());
  } catch (error) {
    notice.fail(explain(app, error));
  }
}

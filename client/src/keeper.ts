import { createPause, persistently } from "./persistence.ts";
import { dueInMs, remainingMs, type Session } from "./session.ts";
import { joinTabs, type Knowledge, type Tabs } from "./tabs.ts";

/** How often it is looked whether a renewal is due: timers stand still while a device sleeps. And the rest after a failure. */
const lookEveryMs = 30_000;

const wakeEvents = ["focus", "online", "pageshow", "visibilitychange"];

export type Listener = (session: Session | undefined) => void;

/** Keeps somebody signed in: renews the session before its access token expires, once for all tabs. */
export class Keeper {
  readonly #renew: () => Promise<Session | undefined>;
  readonly #tabs: Tabs;
  readonly #listeners = new Set<Listener>();
  readonly #jitter = Math.random();
  readonly #pause = createPause();
  readonly #open = new AbortController();
  #known: Knowledge = { session: undefined, at: 0 };
  #refreshing: Promise<Session | undefined> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param name the same in all tabs of an application
   * @param isShared whether these have one session
   * @param renew asks the service for a new access token
   */
  constructor(
    { name, isShared }: { readonly name: string; readonly isShared: boolean },
    renew: () => Promise<Session | undefined>,
  ) {
    this.#renew = renew;
    this.#tabs = joinTabs({ name, isShared }, () => this.#known, this.#learn);
    for (const event of wakeEvents) globalThis.addEventListener?.(event, this.#freshen, { signal: this.#open.signal });
  }

  get session(): Session | undefined {
    return this.#known.session;
  }

  /** Renews now. @returns undefined when nobody is signed in @throws LatchkeyError */
  refresh = (): Promise<Session | undefined> =>
    (this.#refreshing ??= persistently(this.#refreshInTurn)
      .catch(this.#pause.note)
      .finally(() => {
        this.#refreshing = undefined;
      }));

  /** An access token that is good for now; undefined when nobody is signed in. @throws LatchkeyError */
  accessToken = async (): Promise<string | undefined> => {
    const { session, at } = this.#known;
    if (session && remainingMs(session, Date.now()) > 0) {
      if (this.#dueInMs(session) === 0) this.#freshen();
      return session.accessToken;
    }
    // Known to be signed out, which only a sign-in changes.
    if (!session && at > 0) return undefined;
    return (await this.refresh())?.accessToken;
  };

  /** Changes who is signed in. @param task gives the session from now on */
  change<T extends Session | undefined>(task: () => Promise<T>): Promise<T> {
    return this.#tabs.inTurn(async () => this.#set(await task()));
  }

  /** Calls the listener with every new session, and with undefined when it has ended. @returns stops that */
  onChange = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close = (): void => {
    this.#open.abort();
    clearTimeout(this.#timer);
    this.#listeners.clear();
    this.#tabs.close();
  };

  #refreshInTurn = () =>
    this.#tabs.inTurn(async (hasNews) => {
      if (hasNews) return this.session;
      this.#pause.check();
      return this.#set(await this.#renew());
    });

  #set<T extends Session | undefined>(session: T): T {
    this.#learn({ session, at: Date.now() });
    this.#tabs.tell();
    return session;
  }

  #learn = (known: Knowledge): void => {
    this.#known = known;
    this.#lookAgain();
    // Each by itself: what a listener throws is not for the caller of ours.
    for (const listener of this.#listeners) queueMicrotask(() => listener(known.session));
  };

  #dueInMs(session: Session): number {
    return dueInMs(session, Date.now(), this.#jitter);
  }

  /** Renews in the background when it is due. A failure shows when a token is needed and none is left. */
  #freshen = (): void => {
    if (this.session && this.#dueInMs(this.session) === 0) this.refresh().catch(() => this.#lookAgain(lookEveryMs));
    else this.#lookAgain();
  };

  #lookAgain(afterMs = 0): void {
    clearTimeout(this.#timer);
    if (!this.session || this.#open.signal.aborted) return;
    this.#timer = setTimeout(this.#freshen, Math.max(afterMs, Math.min(this.#dueInMs(this.session), lookEveryMs)));
    // In Node a timer keeps the process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

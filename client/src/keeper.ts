import { ifAllowed, LatchkeyError } from "./errors.ts";
import { createPause, persistently } from "./persistence.ts";
import { dueInMs, remainingMs, type Session } from "./session.ts";
import { joinTabs, type Knowledge, type Tabs } from "./tabs.ts";

/**
 * How often to check whether a renewal is due, because timers stand still while a device sleeps; also the pause after a
 * failure.
 */
const lookEveryMs = 30_000;

const wakeEvents = ["focus", "online", "pageshow", "visibilitychange"];

export type Listener = (session: Session | undefined) => void;

/** Keeps a person signed in: renews the session before its access token expires, once for all tabs. */
export class Keeper {
  readonly #renew: (isFirst: boolean) => Promise<Session | undefined>;
  readonly #tabs: Tabs;
  readonly #listeners = new Set<Listener>();
  /** For the next renewal, so that clients do not all come at once. */
  #jitter = 0;
  readonly #pause = createPause();
  readonly #open = new AbortController();
  #known: Knowledge = { session: undefined, at: 0 };
  /** Counts changes of what is known, so that a caller that waited notices if another was faster. */
  #version = 0;
  #refreshing: Promise<Session | undefined> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param name the same in all tabs of an application
   * @param isShared whether those tabs share one session
   * @param renew asks the service for a new access token; `isFirst` is false for a repeat
   */
  constructor(
    { name, isShared }: { readonly name: string; readonly isShared: boolean },
    renew: (isFirst: boolean) => Promise<Session | undefined>,
  ) {
    this.#renew = renew;
    const { signal } = this.#open;
    this.#tabs = joinTabs({ name, isShared, signal }, () => this.#known, this.#learn);
    for (const event of wakeEvents) ifAllowed(() => addEventListener(event, this.#freshen, { signal }));
  }

  get untilClosed(): AbortSignal {
    return this.#open.signal;
  }

  get session(): Session | undefined {
    return this.#known.session;
  }

  /** Renews now. @returns undefined if nobody is signed in @throws LatchkeyError */
  refresh = (): Promise<Session | undefined> => {
    const version = this.#version;
    const isOver = () => this.#open.signal.aborted;
    return (this.#refreshing ??= persistently((send) => this.#refreshInTurn(version, send), isOver)
      .catch(this.#pause.note)
      .finally(() => {
        this.#refreshing = undefined;
      }));
  };

  /** A valid access token; undefined if nobody is signed in. @throws LatchkeyError */
  accessToken = async (): Promise<string | undefined> => {
    const { session, at } = this.#known;
    if (session && remainingMs(session, Date.now()) > 0) {
      if (this.#dueInMs(session) === 0) this.#freshen();
      return session.accessToken;
    }
    // Known to be signed out; only a sign-in changes that.
    if (!session && at > 0) return undefined;
    return (await this.refresh())?.accessToken;
  };

  /** Changes who is signed in. @param task returns the new session */
  change<T extends Session | undefined>(task: () => Promise<T>): Promise<T> {
    return this.#tabs.inTurn(async () => this.#set(await task()));
  }

  /** Runs a task that must not overlap a renewal, here or in another tab. @throws LatchkeyError */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#tabs.inTurn(task);
  }

  /**
   * Calls the listener with every new session, and with undefined when it ends. @returns a function that removes the
   * listener
   */
  onChange = (listener: Listener): (() => void) => {
    if (typeof listener !== "function") throw new LatchkeyError("INVALID_OPTIONS", "The listener must be a function");
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A page that the tabs do not hear from has ended the session or begun one. */
  hearElsewhere = (isEnd: boolean): void => {
    if (isEnd) this.#learn({ session: undefined, at: Date.now() });
    else if (!this.session) this.refresh().catch(() => undefined);
  };

  close = (): void => {
    this.#open.abort();
    clearTimeout(this.#timer);
    this.#listeners.clear();
  };

  #refreshInTurn(askedAt: number, send: () => boolean): Promise<Session | undefined> {
    return this.#tabs.inTurn(async () => {
      if (this.#version !== askedAt) return this.session;
      this.#pause.check();
      const session = await this.#renew(send());
      // Another tab got tired of waiting and went ahead, so this result is outdated: ask again with the token that the
      // browser has now.
      return this.#set(this.#version === askedAt ? session : await this.#renew(true));
    });
  }

  #set<T extends Session | undefined>(session: T): T {
    this.#learn({ session, at: Date.now() });
    this.#tabs.tell();
    return session;
  }

  #learn = (known: Knowledge): void => {
    this.#known = known;
    this.#version += 1;
    this.#jitter = Math.random();
    this.#pause.lift();
    this.#lookAgain();
    // Each in its own task, so that what a listener throws does not reach our caller.
    for (const listener of this.#listeners) queueMicrotask(() => listener(known.session));
  };

  #dueInMs(session: Session): number {
    return dueInMs(session, Date.now(), this.#jitter);
  }

  /** Renews in the background if due. A failure shows when a token is needed and none is left. */
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

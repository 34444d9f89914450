import type { AuditEvent } from "../audit.ts";
import { eventTypeOf, type AuditEventType } from "../event-types.ts";

/** How many events of a type were left out. */
export interface LeftOut {
  readonly about: AuditEventType;
  readonly count: number;
}

/** How much of what happens a process keeps, so that nobody fills the audit log. */
export interface Bounds {
  /** Whether an event is to be kept. One that is not is counted. */
  admits(event: AuditEvent, now: Date): boolean;
  /** What was left out in hours that are over. It counts as told, unless it is given back. */
  takeLeftOut(now: Date): LeftOut[];
  giveBack(leftOut: readonly LeftOut[]): void;
}

export interface Limits {
  /** Of a type that anyone can cause: how many an hour of one account or typed address, and of all together. */
  readonly few: { readonly perSubject: number; readonly inAll: number };
  /** Of any other type: how many a day of one account or client, and how many of those are counted at once. */
  readonly all: { readonly perSubject: number; readonly subjects: number };
}

export const defaultLimits: Limits = {
  few: { perSubject: 10, inAll: 20_000 },
  all: { perSubject: 500, subjects: 20_000 },
};

/**
 * Counts in memory: a count in the database would make it uncertain whether a row is added, and the next record of its
 * chain must know. Each process counts by itself.
 */
export function createBounds({ few, all }: Limits = defaultLimits): Bounds {
  const hour = createWindow(hourMilliseconds);
  const day = createWindow(24 * hourMilliseconds);
  const leftOut = createLeftOut();
  const hasRoomFor = (event: AuditEvent, now: Date): boolean => {
    const subject = subjectOf(event);
    if (eventTypeOf(event.type).kept === "few") {
      hour.moveTo(now);
      if (hour.total() >= few.inAll || hour.countOf(subject) >= few.perSubject) return false;
      hour.add(subject);
    } else {
      day.moveTo(now);
      if (day.countOf(subject) >= all.perSubject) return false;
      day.add(subject, all.subjects);
    }
    return true;
  };
  return {
    admits(event, now) {
      const isAdmitted = hasRoomFor(event, now);
      if (!isAdmitted) leftOut.count(event.type, now);
      return isAdmitted;
    },
    takeLeftOut: (now) => leftOut.take(now),
    giveBack: (told) => leftOut.giveBack(told),
  };
}

const hourMilliseconds = 3_600_000;

/** Counts what was left out, by type. */
function createLeftOut() {
  let hour = 0;
  const inThisHour = new Map<AuditEventType, number>();
  const before = new Map<AuditEventType, number>();
  const add = (counts: Map<AuditEventType, number>, type: AuditEventType, count: number) =>
    counts.set(type, (counts.get(type) ?? 0) + count);
  const moveTo = (now: Date) => {
    const current = Math.floor(now.getTime() / hourMilliseconds);
    if (current === hour) return;
    hour = current;
    for (const [type, count] of inThisHour) add(before, type, count);
    inThisHour.clear();
  };
  return {
    count(type: AuditEventType, now: Date): void {
      moveTo(now);
      add(inThisHour, type, 1);
    },
    take(now: Date): LeftOut[] {
      moveTo(now);
      const leftOut = [...before].map(([about, count]) => ({ about, count }));
      before.clear();
      return leftOut;
    },
    giveBack(leftOut: readonly LeftOut[]): void {
      for (const { about, count } of leftOut) add(before, about, count);
    },
  };
}

/** Whom events are counted for. An address without an account counts as one, so that both are limited alike. */
function subjectOf({ type, accountId, clientId, email = "" }: AuditEvent): string {
  return JSON.stringify([type, accountId ?? clientId ?? email.trim().toLowerCase()]);
}

/** Counts by key within a span of time; begins anew with the next, and if the clock was set back. */
function createWindow(milliseconds: number) {
  const counts = new Map<string, number>();
  let span = 0;
  let total = 0;
  return {
    moveTo(at: Date): void {
      const next = Math.floor(at.getTime() / milliseconds);
      // A call that began in the span before counts in this one: otherwise each would begin the other's span anew.
      if (next === span || next === span - 1) return;
      span = next;
      total = 0;
      counts.clear();
    },
    countOf: (key: string) => counts.get(key) ?? 0,
    total: () => total,
    /** @param most how many keys to count; the one that was counted the longest ago is forgotten */
    add(key: string, most = Infinity): void {
      const count = (counts.get(key) ?? 0) + 1;
      counts.delete(key);
      counts.set(key, count);
      total += 1;
      const [oldest] = counts.size > most ? counts.keys() : [];
      if (oldest !== undefined) counts.delete(oldest);
    },
  };
}

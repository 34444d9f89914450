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
  /** What was admitted, or left out, did not happen: it does not count. */
  takeBack(event: AuditEvent, outcome: { readonly wasAdmitted: boolean }): void;
  /** What was left out in hours that are over. It counts as told, unless it is given back. */
  takeLeftOut(now: Date): LeftOut[];
  giveBack(leftOut: readonly LeftOut[]): void;
}

export interface Limits {
  /** Of a type that anyone can cause: how many an hour of one account or typed address, and of all together. */
  readonly few: { readonly perSubject: number; readonly ofType: number };
  /** Of any other type: how many a day of one account or client and reason, and how many of those are counted at once. */
  readonly all: { readonly perSubject: number; readonly subjects: number };
}

export const defaultLimits: Limits = {
  few: { perSubject: 10, ofType: 5000 },
  all: { perSubject: 500, subjects: 20_000 },
};

/** The form in which an address counts: its spellings are one, as they are for an account. */
export type AddressForm = (email: string) => string;

/**
 * Counts in memory: a count in the database would make it uncertain whether a row is added, and the next record of its
 * chain must know. Each process counts by itself.
 */
export function createBounds(addressForm: AddressForm, { few, all }: Limits = defaultLimits): Bounds {
  const hour = createWindow(hourMilliseconds);
  const day = createWindow(24 * hourMilliseconds);
  const leftOut = createLeftOut();
  /** Whom an event is counted for. An address without an account counts as one, so that both are limited alike. */
  const subjectOf = ({ type, accountId, clientId, email = "", reason }: AuditEvent): string => {
    const whom = accountId ?? clientId ?? addressForm(email);
    // Nobody can use up what is kept of one thing that owners do by doing another.
    return JSON.stringify(isFew(type) ? [type, whom] : [type, whom, reason]);
  };
  const hasRoomFor = (event: AuditEvent, now: Date): boolean => {
    const { type } = event;
    const subject = subjectOf(event);
    if (isFew(type)) {
      hour.moveTo(now);
      // Of each type by itself: who causes many of one leaves room for the others.
      if (hour.countOf(type) >= few.ofType || hour.countOf(subject) >= few.perSubject) return false;
      hour.add(type);
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
    takeBack(event, { wasAdmitted }) {
      const { type } = event;
      if (!wasAdmitted) leftOut.takeBack(type);
      else if (isFew(type)) for (const key of [type, subjectOf(event)]) hour.takeBack(key);
      else day.takeBack(subjectOf(event));
    },
    takeLeftOut: (now) => leftOut.take(now),
    giveBack: (told) => leftOut.giveBack(told),
  };
}

const isFew = (type: AuditEventType): boolean => eventTypeOf(type).kept === "few";

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
    takeBack(type: AuditEventType): void {
      const count = inThisHour.get(type) ?? 0;
      if (count > 1) inThisHour.set(type, count - 1);
      else inThisHour.delete(type);
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

/** Counts by key within a span of time; begins anew with the next, and if the clock was set back. */
function createWindow(milliseconds: number) {
  const counts = new Map<string, number>();
  let span = 0;
  return {
    moveTo(at: Date): void {
      const next = Math.floor(at.getTime() / milliseconds);
      // A call that began in the span before counts in this one: otherwise each would begin the other's span anew.
      if (next === span || next === span - 1) return;
      span = next;
      counts.clear();
    },
    countOf: (key: string) => counts.get(key) ?? 0,
    /** @param most how many keys to count; the one that was counted the longest ago is forgotten */
    add(key: string, most = Infinity): void {
      const count = (counts.get(key) ?? 0) + 1;
      counts.delete(key);
      counts.set(key, count);
      const [oldest] = counts.size > most ? counts.keys() : [];
      if (oldest !== undefined) counts.delete(oldest);
    },
    takeBack(key: string): void {
      const count = counts.get(key) ?? 0;
      if (count > 1) counts.set(key, count - 1);
      else counts.delete(key);
    },
  };
}

import { Cron } from "croner";
import { parseTimeSpan } from "./time-span.ts";

/** The first instant after `from` at which a timer is due; `undefined` if it never is again. */
export type Schedule = (from: Date) => Date | undefined;

/** NCRONTAB's syntax: lists of `*`, numbers, names and ranges, each with a step. Croner would accept more. */
const FIELD = /^(?:(?:\*|(?:\d{1,2}|[a-z]{3})(?:-(?:\d{1,2}|[a-z]{3}))?)(?:\/\d+)?(?:,(?!$)|$))+$/i;

/**
 * Parses the schedule of a timer trigger: NCRONTAB with six fields, seconds first (or five, without seconds), in UTC;
 * or a time span such as `00:05:00`. As in NCRONTAB, both day and weekday must match. @throws Error on anything else
 */
export function parseSchedule(text: string): Schedule {
  const interval = parseTimeSpan(text);
  if (interval) return (from) => new Date(from.getTime() + interval);
  const isNcrontab = text
    .trim()
    .split(/\s+/)
    .every((field) => FIELD.test(field));
  if (!isNcrontab) throw new Error(`the schedule "${text}" is neither NCRONTAB nor a time span`);
  const cron = new Cron(text.trim(), {
    mode: "5-or-6-parts",
    timezone: "UTC",
    domAndDow: true,
    sloppyRanges: true, // `5/15` means from 5 on, every 15
    paused: true,
  });
  return (from) => cron.nextRun(from) ?? undefined;
}

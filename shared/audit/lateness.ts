/**
 * How much later than its time an event may appear, in seconds: it has the instant at which its call began, calls take
 * minutes, and clocks differ. Anchors and exports look back that far.
 */
export const lateSeconds = 15 * 60;

import { LatchkeyError } from "@latchkey/client";
import { useEffect, useState } from "react";

/** Counts down after a refusal of too many attempts. @returns the seconds that are left, and a function that takes errors */
export function useWait(): readonly [seconds: number, note: (error: unknown) => void] {
  const [seconds, setSeconds] = useState(0);

  useEffect(() => {
    if (seconds <= 0) return undefined;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);

  return [
    seconds,
    (error) => {
      if (error instanceof LatchkeyError && error.status === 429) setSeconds(error.retryAfterSeconds ?? 0);
    },
  ];
}

import { cookieName, newDevice, refreshed, type Device } from "./people.ts";
import type { TestService } from "./service.ts";

const graceSeconds = 10;
const day = 86_400;

export interface RefreshSituation {
  readonly name: string;
  /** Brings it about. @returns the cookie to present, and the device with the newest token of its session */
  arrange(): Promise<{ cookie: string; latest: Device }>;
  readonly answered: boolean;
  readonly sessionLives: boolean;
}

/** The situations in which a refresh token may be presented. */
export function refreshSituations({ api, clock }: TestService): readonly RefreshSituation[] {
  return [
    {
      name: "current",
      arrange: async () => {
        const device = await newDevice(api);
        return { cookie: device.cookie, latest: device };
      },
      answered: true,
      sessionLives: true,
    },
    {
      name: "previous within grace",
      arrange: async () => {
        const device = await newDevice(api);
        const latest = await refreshed(api, device);
        clock.advance(graceSeconds);
        return { cookie: device.cookie, latest };
      },
      answered: true,
      sessionLives: true,
    },
    {
      name: "previous within grace, its successor used already (15.5)",
      arrange: async () => {
        const device = await newDevice(api);
        const latest = await refreshed(api, await refreshed(api, device));
        return { cookie: device.cookie, latest };
      },
      answered: false,
      sessionLives: true,
    },
    {
      name: "previous late",
      arrange: async () => {
        const device = await newDevice(api);
        const latest = await refreshed(api, device);
        clock.advance(graceSeconds + 0.001);
        return { cookie: device.cookie, latest };
      },
      answered: false,
      sessionLives: false,
    },
    {
      name: "ancient",
      arrange: async () => {
        const device = await newDevice(api);
        let latest = device;
        for (let round = 0; round < 5; round += 1) {
          clock.advance(60);
          latest = await refreshed(api, latest);
        }
        return { cookie: device.cookie, latest };
      },
      answered: false,
      sessionLives: false,
    },
    {
      name: "forged",
      arrange: async () => ({ cookie: `${cookieName}=${"A".repeat(43)}`, latest: await newDevice(api) }),
      answered: false,
      sessionLives: true,
    },
    {
      name: "expired",
      arrange: async () => {
        const device = await newDevice(api);
        clock.advance(7 * day);
        return { cookie: device.cookie, latest: await newDevice(api) };
      },
      answered: false,
      sessionLives: true,
    },
  ];
}

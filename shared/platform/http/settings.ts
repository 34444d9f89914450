import { isWebViewOnHttp } from "../origins.ts";
import type { Runtime } from "../runtime/settings.ts";
import type { Service } from "../service/settings.ts";
import { section } from "../settings/section.ts";
import { onOff, origins, whole } from "../settings/types.ts";

/** Who may call the service, and with what. */
export const httpSettings = section({
  title: "Requests",
  settings: {
    allowedOrigins: {
      name: "ALLOWED_ORIGINS",
      type: origins,
      default: "",
      about:
        "Further origins that may call the service, separated by commas, each exactly as the browser sends it; WebView origins such as `capacitor://localhost` too. In production, plain http only for `localhost` and names below it. No wildcard, never `null`.",
    },
    trustedProxyHops: {
      name: "TRUSTED_PROXY_HOPS",
      type: whole(0, 10),
      default: "1",
      about:
        "Which entry of `X-Forwarded-For`, counted from the right, is the caller's address. `GET /health` and `npm run doctor` show whether it fits.",
    },
    bodyLimitKib: {
      name: "BODY_LIMIT_KIB",
      type: whole(1, 256),
      default: "64",
      unit: "KiB",
      about: "The largest request body.",
    },
    apiDocs: {
      name: "API_DOCS",
      type: onOff,
      defaultText: "`on` in development, else `off`",
      about: "Whether the service offers `/openapi.json`, `/docs` and `/redoc`.",
    },
  },
  productionRules: ({ allowedOrigins }) => [
    [
      allowedOrigins.some((origin) => origin.startsWith("http:") && !isWebViewOnHttp(origin)),
      "ALLOWED_ORIGINS",
      "must be https origins in production, except for a WebView's http://localhost and http://NAME.localhost",
    ],
  ],
  complete: (
    { allowedOrigins, trustedProxyHops, bodyLimitKib, apiDocs },
    { runtime, service }: { readonly runtime: Runtime; readonly service: Service },
  ) => ({
    allowedOrigins: new Set([...[service.issuer, service.frontendUrl].flatMap(originOf), ...allowedOrigins]),
    trustedProxyHops,
    bodyLimitBytes: bodyLimitKib * 1024,
    apiDocs: apiDocs ?? runtime.isDevelopment,
  }),
});

function originOf(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).origin];
}

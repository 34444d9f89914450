const details = {
  type: "object",
  description: "What more there is to say: `fields` of a VALIDATION_ERROR lists `{field, message}`",
};

/** What many operations share. */
export const components = {
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "An access token (RFC 9068): the `access_token` of `POST /auth/login`",
    },
    refresh_token: {
      type: "apiKey",
      in: "cookie",
      name: "refresh_token",
      description:
        "The refresh token; over https the cookie is `__Host-refresh_token`. Logging in sets it, and browsers send it by themselves",
    },
    client: { type: "http", scheme: "basic", description: "Id and secret of an OAuth client; or both in the form" },
  },
  headers: {
    RequestId: { description: "What the operator finds the call by", schema: { type: "string", format: "uuid" } },
    Challenge: { description: "How to authenticate (RFC 9110, section 11.6.1)", schema: { type: "string" } },
    RetryAfter: { description: "Seconds to wait", schema: { type: "string" } },
    Location: { description: "Where the browser goes; with `?error=CODE` when it failed", schema: { type: "string" } },
    ETag: { description: "For `If-None-Match`", schema: { type: "string" } },
  },
  schemas: {
    Error: {
      type: "object",
      required: ["success", "status_code", "message", "error_code", "details", "timestamp"],
      properties: {
        success: { const: false },
        status_code: { type: "integer" },
        message: { type: "string" },
        error_code: { type: "string" },
        details,
        timestamp: { type: "string", format: "date-time" },
      },
    },
    Problem: {
      type: "object",
      description: "RFC 9457; for callers that ask for `application/problem+json`",
      required: ["type", "title", "status", "detail", "instance", "error_code", "details"],
      properties: {
        type: { type: "string" },
        title: { type: "string" },
        status: { type: "integer" },
        detail: { type: "string", description: "What to do about it" },
        instance: { type: "string" },
        error_code: { type: "string" },
        details,
      },
    },
    OAuthError: {
      type: "object",
      description: "RFC 6749, section 5.2",
      required: ["error", "error_description"],
      additionalProperties: false,
      properties: { error: { type: "string" }, error_description: { type: "string" } },
    },
  },
};

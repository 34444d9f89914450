const details = {
  type: "object",
  description: "Further details; for VALIDATION_ERROR, `fields` lists `{field, message}`",
};

/** Shared by many operations. */
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
        "The refresh token. Logging in sets the cookie, and browsers send it automatically. Over https its name is `__Host-refresh_token`",
    },
    client: {
      type: "http",
      scheme: "basic",
      description: "The id and secret of an OAuth client; the form may carry them instead",
    },
  },
  headers: {
    RequestId: {
      description: "Identifies this call in the service's logs",
      schema: { type: "string", format: "uuid" },
    },
    Challenge: { description: "How to authenticate (RFC 9110, section 11.6.1)", schema: { type: "string" } },
    RetryAfter: { description: "Seconds to wait", schema: { type: "string" } },
    RateLimit: {
      description:
        "What is left of each rate limit that the call counted under, and in how many seconds its window ends",
      schema: { type: "string" },
      example: '"credentials";r=4;t=60;pk=:mXwV0gq6Zn8u:',
    },
    RateLimitPolicy: {
      description: "The rate limits that the call counted under: attempts, and seconds of a window",
      schema: { type: "string" },
      example: '"credentials";q=5;w=60;pk=:mXwV0gq6Zn8u:',
    },
    Location: {
      description: "Where the browser is sent; with `?error=CODE` if the call failed",
      schema: { type: "string" },
    },
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
      description: "Problem details (RFC 9457), for requests that accept `application/problem+json`",
      required: ["type", "title", "status", "detail", "instance", "error_code", "details"],
      properties: {
        type: { type: "string" },
        title: { type: "string" },
        status: { type: "integer" },
        detail: { type: "string", description: "What to do about it" },
        instance: { type: "string" },
        error_code: { type: "string" },
        details,
        "violated-policies": {
          type: "array",
          items: { type: "string" },
          description: "For RATE_LIMITED: the rate limits that are used up",
        },
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

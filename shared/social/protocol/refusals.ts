import { ApiError } from "../../platform/errors/api-error.ts";

/** A provider does not answer, or not as documented. The message is one line that an operator can act on. */
export class ProviderUnavailable extends ApiError {
  constructor(reason: string, cause?: unknown) {
    super("PROVIDER_UNAVAILABLE", { cause, retryAfterSeconds: 5 });
    this.message += `: ${reason}`;
  }
}

/** A provider rejected our client credentials, or the way they were sent. */
export class ClientRefused extends ProviderUnavailable {}

/** The code or token was rejected. Only the log says why. */
export class ProviderTokenInvalid extends ApiError {
  constructor(reason: string, cause?: unknown) {
    super("PROVIDER_TOKEN_INVALID", { cause });
    this.message += `: ${reason}`;
  }
}

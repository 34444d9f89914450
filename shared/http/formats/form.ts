import type { ApiError } from "../../platform/errors/api-error.ts";
import type { Locale } from "../../platform/locale.ts";
import type { Answer, Exchange } from "../answer.ts";
import { jsonOrFormBody } from "../json-or-form-body.ts";
import { envelope } from "./envelope.ts";
import type { Format } from "./format.ts";
import { page, pageAnswer, prefersPage, type Page } from "./page.ts";

/** How an endpoint tells errors to people, unless its handler says otherwise (`showErrors`). */
export type FailurePage = (error: ApiError, locale: Locale) => Page;

/**
 * The envelope for a program that sends JSON; a page for a person who sends a form. A form's page has no script, so it is
 * answered with the next page.
 */
export function envelopeOrForm<T>(pages: {
  readonly shown: (reply: T, locale: Locale) => Page;
  readonly failed: FailurePage;
  /** Fields that a person types: one that a form lacks counts as left empty, which the handler tells. */
  readonly typed?: readonly string[];
}): Format<T> {
  return {
    ...envelope,
    body: jsonOrFormBody(pages.typed),
    contents: { ...envelope.contents, ...page.contents },
    showsErrors: true,
    answer: (exchange, outcome) =>
      exchange.isForm
        ? pageAnswer(pages.shown(outcome.shown(), exchange.locale), outcome.status)
        : envelope.answer(exchange, outcome),
    tellError: (exchange, error) =>
      exchange.isForm ? errorPage(exchange, error, pages.failed) : envelope.tellError(exchange, error),
  };
}

/** A page that a mailed link opens. Its errors are pages too, for browsers. */
export function linkedPage(failed: FailurePage): Format<Page> {
  return {
    ...page,
    showsErrors: true,
    tellError(exchange, error) {
      const answer = prefersPage(exchange.accept)
        ? errorPage(exchange, error, failed)
        : envelope.tellError(exchange, error);
      return { ...answer, headers: { ...answer.headers, Vary: "Origin, Accept" } };
    },
  };
}

function errorPage(exchange: Exchange, error: ApiError, failed: FailurePage): Answer {
  const { headers } = envelope.tellError(exchange, error);
  const answer = exchange.errorPage?.(error) ?? pageAnswer(failed(error, exchange.locale), error.status);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

import { descendants, expressionsOf, readPolicy } from "./policy.ts";
import { startExpressions } from "./expressions.ts";
import { createGateway, type GatewayOptions } from "./gateway.ts";

export const issuer = "http://localhost:7071";
const namedValues = { "latchkey-issuer": issuer, "latchkey-audience": issuer };

/** A maker of gateways that carry out the fragments as they stand in the project, their expressions compiled once. */
export function compileFragments() {
  const fragment = (name: string) => readPolicy(`${name}.xml`, namedValues);
  const token = fragment("latchkey-access-token");
  const [status, errors] = [fragment("latchkey-token-status"), fragment("latchkey-errors")];
  const all = [token, status, errors].flatMap(descendants).flatMap(expressionsOf);
  const evaluate = startExpressions([...new Set(all)]);
  const inbound = [...token.children, ...status.children];
  return (options: Pick<GatewayOptions, "now" | "fetch">) =>
    createGateway({ ...options, evaluate, inbound, onError: errors.children });
}

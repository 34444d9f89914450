const circular: Record<string, unknown> = {};
circular["itself"] = circular;

/** What nobody should hand over, and somebody does. */
export const odd: Record<string, unknown> = {
  undefined,
  null: null,
  "a lone surrogate": "\ud800",
  "an empty text": "",
  "a number": 7,
  "a big number": 7n,
  "a symbol": Symbol("odd"),
  "an object": {},
  "an object without a text": Object.create(null),
  "an object that holds itself": circular,
  "an object that throws": new Proxy({}, { get: () => void JSON.parse("{") }),
  "a list": [["acme"]],
  "a function": () => undefined,
};

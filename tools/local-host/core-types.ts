// The part of `@azure/functions-core` that `@azure/functions` and this host use. Azure's worker provides that module at
// run time, so no package has these types.

export interface Binding {
  readonly type: string;
  readonly direction?: string;
  readonly [option: string]: unknown;
}

export type FunctionHandler = (...args: unknown[]) => unknown;

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  /** `none` means that the cookie has no such attribute, `explicitNone` is `SameSite=None`. */
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone";
  readonly maxAge?: { readonly value: number };
}

export interface RpcHttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly query: Record<string, string>;
  readonly params: Record<string, string>;
  readonly body?: RpcTypedData;
}

export interface RpcHttpResponse {
  readonly statusCode: string;
  readonly headers: Record<string, string>;
  readonly cookies: readonly RpcCookie[];
  readonly body?: RpcTypedData | null;
}

export interface RpcTypedData {
  readonly string?: string;
  readonly json?: string;
  readonly int?: number;
  readonly bytes?: Uint8Array;
  readonly http?: RpcHttpRequest;
}

/** What a trigger passes to its function: the value, and for queues its metadata. */
export interface TriggerData {
  readonly data: RpcTypedData;
  readonly metadata?: Record<string, RpcTypedData>;
}

export interface InvocationResponse {
  readonly returnValue?: { readonly http?: RpcHttpResponse } | null;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: {
    readonly invocationId: string;
    readonly inputData: readonly { readonly name: string; readonly data: RpcTypedData }[];
    readonly triggerMetadata?: Record<string, RpcTypedData>;
  };
  state: "preInvocationHooks" | "invocation" | "postInvocationHooks" | undefined;
  log(level: string, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: FunctionHandler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
}

export type HookName = "appStart" | "appTerminate" | "preInvocation" | "postInvocation" | "log";
export type HookCallback = (context: object) => unknown;

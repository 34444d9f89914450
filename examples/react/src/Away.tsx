import { Component, type ReactNode } from "react";
import { explain } from "./explain.ts";

/** Stands in for the app while it cannot be told who is signed in. */
export class Away extends Component<{ readonly children: ReactNode }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <main>
        <p role="alert">{explain(this.state.error)}</p>
        <button onClick={() => location.reload()}>Try again</button>
      </main>
    );
  }
}

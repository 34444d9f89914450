import { completeEnrolment, enrol, type Enrolment as App, type SecondFactorDue } from "@latchkey/client/mfa";
import { useState } from "react";
import { Enrolment } from "./Enrolment.tsx";
import { explain } from "./explain.ts";
import { latchkey } from "./latchkey.ts";

/** The app that must be added before anybody is signed in. */
export function RequiredApp({ due }: { readonly due: SecondFactorDue }) {
  const [app, setApp] = useState<App>();
  const [fault, setFault] = useState("");

  return (
    <section>
      <h2>Second step</h2>
      <p>This service asks for a second step when you log in.</p>
      {app ? (
        <Enrolment app={app} onCode={(code) => completeEnrolment(latchkey, due, { id: app.id, code })} />
      ) : (
        <button onClick={() => enrol(latchkey, due).then(setApp, (error: unknown) => setFault(explain(error)))}>
          Add an authenticator app
        </button>
      )}
      <p role="alert">{fault}</p>
    </section>
  );
}

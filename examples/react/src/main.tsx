import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { Away } from "./Away.tsx";

const root = document.querySelector("#root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Away>
        <Suspense fallback={<p>One moment…</p>}>
          <App />
        </Suspense>
      </Away>
    </StrictMode>,
  );

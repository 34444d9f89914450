import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const root = document.querySelector("#root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Suspense fallback={<p>One moment…</p>}>
        <App />
      </Suspense>
    </StrictMode>,
  );

import { registerFallback } from "../../shared/http/fallback.ts";

registerFallback();

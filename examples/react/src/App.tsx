import { useUser } from "./latchkey.ts";
import { Profile } from "./Profile.tsx";
import { SignIn } from "./SignIn.tsx";

export function App() {
  const user = useUser();
  return (
    <main>
      <h1>A React app with Latchkey</h1>
      {user ? <Profile user={user} /> : <SignIn />}
    </main>
  );
}

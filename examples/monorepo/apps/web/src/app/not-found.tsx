/** In place of Next's own, whose styles the policy for pages refuses. */
export default function NotFound() {
  return (
    <main>
      <h1>Not found</h1>
    </main>
  );
}

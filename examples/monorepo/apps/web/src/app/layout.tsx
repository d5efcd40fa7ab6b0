import type { Metadata } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import project from "../../package.json";

export const metadata: Metadata = { title: project.name, description: project.description };

export default async function Layout({ children }: { children: ReactNode }) {
  // Renders every page for its request: scripts carry the nonce of the request's policy.
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}

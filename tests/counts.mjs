// Sums what the tests counted, step by step:
//   node tests/counts.mjs FILE      lines of JSON such as { "step": "engine", "file": "image", "images_built": 3 }
import { readFileSync } from "node:fs";

const sums = new Map();
for (const line of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  const { step, ...counts } = JSON.parse(line);
  const sum = sums.get(step) ?? {};
  for (const [key, value] of Object.entries(counts)) {
    if (typeof value === "number") sum[key] = (sum[key] ?? 0) + value;
  }
  sums.set(step, sum);
}
for (const [step, sum] of sums) {
  const words = Object.entries(sum).map(([key, number]) => `${key.replaceAll("_", " ")} ${number}`);
  console.log(`${step}: ${words.join(", ")}`);
}

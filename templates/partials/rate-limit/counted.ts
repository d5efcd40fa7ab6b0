async function timeToWait(redis: Redis, client: string): Promise<number> {
  try {
    const { hits, leftMs } = await countRequest(redis, `rate-limit:${client}`, WINDOW_MS);
    return hits > WRITES_PER_MINUTE ? leftMs : 0;
  } catch {
    // Better unlimited for a while than closed because of a counter.
    return 0;
  }
}

/** Who has one address of IPv6 has a whole network of them, /64 at least, and would never meet the limit. */
export function network(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [plain = ""] = address.split("%");
  // Within a URL an address is written in one way: "::" stands for the longest run of zeros.
  const [head = "", tail = ""] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const left = groups(head);
  const right = groups(tail);
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}

function groups(part: string): string[] {
  return part.split(":").filter((group) => group !== "");
}

import { createHmac, timingSafeEqual } from "node:crypto";

// secret as the API gave it, headers with names in lower case, body in bytes.
export function genuine(secret, headers, body) {
  if (Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"])) > 300) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const want = createHmac("sha256", key)
    .update(headers["webhook-id"] + "." + headers["webhook-timestamp"] + ".")
    .update(body)
    .digest();
  return headers["webhook-signature"].split(" ").some((one) => {
    const got = Buffer.from(one.slice("v1,".length), "base64");
    return one.startsWith("v1,") && got.length === want.length && timingSafeEqual(got, want);
  });
}

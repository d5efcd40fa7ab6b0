/** Files in S3. Clients send them there and fetch them there: the service signs, and no file passes through it. */
import { randomUUID } from "node:crypto";
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Logger } from "pino";
import type { Env } from "./env.ts";

/** Seconds in which a client may begin to send a file. Temporary credentials last at least as long: the SDK renews them 300 s before they end. */
const UPLOAD_SECONDS = 300;

/** Seconds in which a client may begin to fetch one: a link is followed at once, and whoever has it may. */
const DOWNLOAD_SECONDS = 60;

/** Of one attempt. */
const CONNECT_MS = 1000;
const ATTEMPT_MS = 3000;
const ATTEMPTS = 3;

/** Of all attempts, with the pauses between them: a request that waits for longer would keep an instance from stopping in time. */
const ANSWER_MS = 10000;

/** Encrypted with keys that S3 keeps. The bucket refuses anything else (deploy/storage/bucket-policy.json). */
const ENCRYPTION = "AES256";

/** Where a file waits until it is kept; what nobody keeps goes after 1 day (deploy/storage/lifecycle.json). */
const INCOMING = "incoming/";

/** As a part of a key and no more: no slash and no dot. */
const TENANT = /^[A-Za-z0-9_-]{1,64}$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type StorageSettings = Pick<
  Env,
  "AWS_REGION" | "S3_BUCKET" | "S3_ENDPOINT" | "UPLOAD_MAX_BYTES"
>;

/** To be sent as multipart/form-data: first the fields, then the file as the field `file`. S3 holds the client to the rest. */
export interface UploadForm {
  id: string;
  url: string;
  fields: Record<string, string>;
  expiresIn: number;
  maxBytes: number;
}

export interface Download {
  url: string;
  expiresIn: number;
}

/** S3, or what gives the credentials for it, has no usable answer now. The log says why. */
export class StorageUnavailable extends Error {
  constructor(cause: unknown) {
    super("The storage is not available", { cause });
    this.name = "StorageUnavailable";
  }
}

/**
 * Each file belongs to a tenant, whose other files are all that its id can lead to. All methods reject with
 * StorageUnavailable when S3 does not answer.
 */
export interface Storage {
  /** For one file of this type, under an id that is made here: a name that a client chose could overwrite another file. */
  signUpload(tenant: string, contentType: string): Promise<UploadForm>;
  /**
   * Makes a file that has arrived one that stays. Resolves to false when there is none. Until its form ends, a client may send
   * the file again and have that kept instead: what looks into files does so after that.
   */
  keep(tenant: string, id: string): Promise<boolean>;
  /** Undefined when no such file was kept. Browsers save it, and never show it as a page. */
  signDownload(tenant: string, id: string): Promise<Download | undefined>;
  close(): void;
}

/** Takes the credentials from where it runs: the SDK's own search. */
export function openStorage(settings: StorageSettings, logger: Logger): Storage {
  const bucket = settings.S3_BUCKET;
  const client = openClient(settings);

  /** `work` hands its signal to every call that it makes. */
  async function use<T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      // Looking for credentials takes no signal.
      return await Promise.race([work(signal), whenAborted(signal)]);
    } catch (err) {
      logger.error({ err }, "the storage is not available");
      throw new StorageUnavailable(err);
    }
  }

  return {
    signUpload: async (tenant, contentType) => {
      const id = randomUUID();
      const key = keyOf(INCOMING, tenant, id);
      const form = await use(() => signForm(client, key, contentType, settings));
      return { id, ...form, expiresIn: UPLOAD_SECONDS, maxBytes: settings.UPLOAD_MAX_BYTES };
    },
    keep: async (tenant, id) => {
      const command = new CopyObjectCommand({
        Bucket: bucket,
        CopySource: `${bucket}/${keyOf(INCOMING, tenant, id)}`,
        Key: keyOf("", tenant, id),
        ServerSideEncryption: ENCRYPTION,
      });
      return use((abortSignal) => isThere(client.send(command, { abortSignal })));
    },
    signDownload: async (tenant, id) => {
      const object = { Bucket: bucket, Key: keyOf("", tenant, id) };
      return use(async (abortSignal) => {
        const head = client.send(new HeadObjectCommand(object), { abortSignal });
        if (!(await isThere(head))) return undefined;
        const get = new GetObjectCommand({ ...object, ResponseContentDisposition: "attachment" });
        const url = await getSignedUrl(client, get, { expiresIn: DOWNLOAD_SECONDS });
        return { url, expiresIn: DOWNLOAD_SECONDS };
      });
    },
    close: () => client.destroy(),
  };
}

function openClient(settings: StorageSettings): S3Client {
  // Other services than AWS mostly have one host name for all buckets.
  const endpoint = settings.S3_ENDPOINT && { endpoint: settings.S3_ENDPOINT, forcePathStyle: true };
  return new S3Client({
    region: settings.AWS_REGION,
    ...endpoint,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ATTEMPT_MS,
      // Without it, a late answer is a warning.
      throwOnRequestTimeout: true,
    },
    // A client that follows a signed link knows nothing of checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

/** Only a form can be held to a size: a signed PUT takes a file of any. */
function signForm(
  client: S3Client,
  key: string,
  contentType: string,
  settings: StorageSettings,
): Promise<Pick<UploadForm, "url" | "fields">> {
  return createPresignedPost(client, {
    Bucket: settings.S3_BUCKET,
    Key: key,
    // Each of them has to be sent exactly so.
    Fields: { "Content-Type": contentType, "x-amz-server-side-encryption": ENCRYPTION },
    Conditions: [["content-length-range", 1, settings.UPLOAD_MAX_BYTES]],
    Expires: UPLOAD_SECONDS,
  });
}

function keyOf(folder: string, tenant: string, id: string): string {
  if (!TENANT.test(tenant)) throw new Error("A tenant has 1 to 64 letters, digits, _ and -");
  if (!ID.test(id)) throw new Error("The id of a file is a UUID");
  return `${folder}tenants/${tenant}/${id.toLowerCase()}`;
}

async function isThere(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    const { name } = Object(error) as { name?: string };
    if (name === "NotFound" || name === "NoSuchKey") return false;
    throw error;
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

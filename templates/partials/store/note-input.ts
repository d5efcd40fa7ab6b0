const id = z.string().regex(/^[0-9]{1,18}$/);

const newNote = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(10_000)
    // PostgreSQL's text cannot hold a NUL character.
    .refine((text) => !text.includes("\0"), "must not hold a NUL character"),
});

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: id.optional(),
});

const noteParams = z.object({ id });

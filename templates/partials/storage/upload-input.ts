const newUpload = z.strictObject({ contentType: z.enum(CONTENT_TYPES) });

const uploadParams = z.object({ id: z.uuid() });

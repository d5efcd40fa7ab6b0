/** `health.watch({ name, required, ping })` adds what the service talks to. */
export const health = new Health(logger);
[% if features.database %]
health.watch({ name: "database", required: true, ping: askDatabase });
[% endif %]

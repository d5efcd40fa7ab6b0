#!/usr/bin/env bash
# Writes a dump of the database to HOME/backups and removes those older than BACKUP_KEEP_DAYS.
#   backup.sh      by hand, from cron, and by deploy.sh before each migration
# Restore: see docs/DEPLOYMENT.md. Copy the folder to another machine: this one can be lost with its disk.
set -euo pipefail

here=$(realpath "${BASH_SOURCE[0]%/*}")
home=${here%/releases/*}
folder=${home}/backups
keep_days=${BACKUP_KEEP_DAYS:-14}
printf -v file '%s/%(%Y%m%dT%H%M%S)T.dump' "${folder}" -1

database() {
  IMAGE=none docker compose --project-directory "${home}" --env-file "${home}/.env" --file "${here}/compose.yaml" \
    exec --no-TTY database "$@"
}

umask 077
mkdir -p "${folder}"
# Half a dump must not look like a whole one.
trap 'rm -f "${file}.part"' EXIT
database pg_dump --username=orders --format=custom orders >"${file}.part" </dev/null
database pg_restore --list >/dev/null <"${file}.part"
mv "${file}.part" "${file}"
find "${folder}" -maxdepth 1 -name '*.dump' -mtime "+${keep_days}" -delete
printf 'backup: %s\n' "${file}"

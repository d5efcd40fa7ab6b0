#!/usr/bin/env bash
# Writes a dump of the database to HOME/backups and removes those older than BACKUP_KEEP_DAYS.
#   backup.sh      by hand, from cron, and by deploy.sh before each migration
# Restore: restore.sh, beside this script. Copy the folder to another machine: this one can be lost with its disk.
set -euo pipefail

here=$(realpath "${BASH_SOURCE[0]%/*}")
home=${here%/releases/*}
folder=${home}/backups
keep_days=${BACKUP_KEEP_DAYS:-14}
printf -v file '%s/%(%Y%m%dT%H%M%S)T.dump' "${folder}" -1

database() {
  IMAGE=none WORKER_IMAGE=none docker compose --project-directory "${home}" --env-file "${home}/.env" --file "${here}/compose.yaml" \
    exec --no-TTY database "$@"
}

umask 077
mkdir -p "${folder}"
# Half a dump must not look like a whole one. What a backup that was killed left behind goes with the old ones.
part=$(mktemp "${file}.XXXXXX.part")
trap 'rm -f "${part}"' EXIT
database pg_dump --username=shop-api --format=custom shop-api >"${part}" </dev/null
database pg_restore --list >/dev/null <"${part}"
sync "${part}"
mv "${part}" "${file}"
find "${folder}" -maxdepth 1 -name '*.dump' -mtime "+${keep_days}" -delete
find "${folder}" -maxdepth 1 -name '*.part' -mmin +720 -delete
printf 'backup: %s\n' "${file}"

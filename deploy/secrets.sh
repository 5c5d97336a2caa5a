#!/bin/sh
# The secrets of `docker compose up`, made once: sh deploy/secrets.sh [folder [environment file]]; `make secrets` does so.
# What exists is kept, so it may be run again and adds what is missing.
set -eu
umask 077
cd "$(dirname "$0")/.."
folder=${1:-./deploy/secrets}
environment=${2:-./.env}
made=0

# keep FILE CONTENT: unless the file is there; written whole or not at all.
# Others may read the file but not enter the folder: in a container another user than on the host has to read it.
keep() {
    [ ! -e "$folder/$1" ] || return 0
    [ -n "$2" ] || { echo "$folder/$1 cannot be made: this needs openssl 1.1.1 or newer" >&2; exit 1; }
    printf '%s\n' "$2" > "$folder/$1.partial"
    chmod 644 "$folder/$1.partial"
    mv "$folder/$1.partial" "$folder/$1"
    made=$((made + 1))
}

# tell NAME VALUE: a line for docker compose, unless it is told already.
tell() {
    grep -q "^$1=" "$environment" || echo "$1=$2" >> "$environment"
}

password() { openssl rand -hex 24; }

mkdir -p "$folder/keys/public"
chmod 700 "$folder"

keep postgres_password "$(password)"
keep database_url "postgresql://postgres:$(cat "$folder/postgres_password")@postgres:5432/postgres"
keep operator_client_id operator
keep operator_client_secret "$(password)"
for service in gateway factors inventory reporting; do
    keep "${service}_database_url" "postgresql://$service:$(password)@postgres:5432/$service"
    keep "keys/$service.pem" "$(openssl genpkey -algorithm ed25519)"
    keep "keys/public/$service.pem" "$(openssl pkey -in "$folder/keys/$service.pem" -pubout)"
done

touch "$environment"
tell BASEYEAR_SECRETS_FOLDER "$folder"
tell KAFKA_CLUSTER_ID "$(openssl rand -base64 16 | tr '+/' 'Aa' | cut -c 1-22)"

echo "$folder holds the secrets ($made of them new), and only you may enter it. They belong to the books: keep a copy with the backups."
echo "$environment tells docker compose where they are. Now: docker compose up -d --wait"

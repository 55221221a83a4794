#!/bin/sh
# Run once by the PostgreSQL image, on an empty volume: the application's role owns its database and is no superuser.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$WAYMARK_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE waymark LOGIN PASSWORD :'password';
CREATE DATABASE waymark OWNER waymark TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8';
SQL
